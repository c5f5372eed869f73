"""Fixtures over one served market for the length of a file; a test file that wants them imports them."""

from collections.abc import Iterator

import pytest

from market.client import Client, connect
from tests.common.market_world import Market, copied
from tests.common.served import Served, served, token_of


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Market:
    """Give a market of this file's own."""
    return copied(tmp_path_factory.mktemp("served") / "market")


@pytest.fixture(scope="module")
def service(market: Market) -> Iterator[Served]:
    """Serve it."""
    with served(market) as found:
        yield found


@pytest.fixture(scope="module")
def token(market: Market) -> str:
    """Draw a token for its licensee."""
    return token_of(market)


@pytest.fixture
def client(service: Served, token: str) -> Client:
    """Connect as the licensee."""
    return connect(service.url, token)
