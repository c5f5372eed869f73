"""Fixtures over a whole market; a test file or a `conftest.py` that wants them imports them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.common import postgres
from tests.common.fixtures import BACKENDS
from tests.common.market_world import Market, copied


@pytest.fixture
def market(tmp_path: Path) -> Market:
    """Give a market on SQLite."""
    return copied(tmp_path / "market")


@pytest.fixture
def postgres_market(tmp_path: Path) -> Iterator[Market]:
    """Give a market on PostgreSQL."""
    url = postgres.fresh_url()
    yield copied(tmp_path / "market", url)
    postgres.drop(url)


@pytest.fixture(params=BACKENDS)
def any_market(request: pytest.FixtureRequest) -> Market:
    """Give a market on each kind of database in turn."""
    made: Market = request.getfixturevalue("market" if request.param == "sqlite" else "postgres_market")
    return made
