"""These tests bring databases of both kinds from one revision to another."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.common import postgres
from tests.common.fixtures import BACKENDS


@pytest.fixture(params=BACKENDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give an empty database without a schema."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'bare.db'}"
        return
    url = postgres.fresh_url(migrated=False)
    yield url
    postgres.drop(url)
