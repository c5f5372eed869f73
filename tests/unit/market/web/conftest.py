"""The catalogue in a home of its own, and a visitor."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from market.web.app import create_app
from tests.unit.market.web import site as sites
from tests.unit.market.web.site import Site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Give a home with a catalogue in it, to change as one likes."""
    made = sites.copied(tmp_path / "home")
    yield made
    made.home.close()


@pytest.fixture
def client(site: Site) -> FlaskClient:
    """Give a visitor who says nothing of languages."""
    return create_app(site.home, clock=lambda: site.at).test_client()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Give a home that tests only look at."""
    made = sites.copied(tmp_path_factory.mktemp("shared") / "home")
    yield made
    made.home.close()


@pytest.fixture(scope="module")
def visitor(shared: Site) -> FlaskClient:
    """Give a visitor who only looks."""
    return create_app(shared.home, clock=lambda: shared.at).test_client()
