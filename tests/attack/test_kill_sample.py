"""A few blows of each kind in every run of the tests; the hundreds are in `make soak`."""

import random
from pathlib import Path

import pytest

from tests.common.market_world import Market, copied
from tests.soak import promises


@pytest.fixture
def market(tmp_path: Path) -> Market:
    return copied(tmp_path / "market")


@pytest.fixture
def seed() -> int:
    drawn = random.SystemRandom().randrange(10**6)
    print(f"seed {drawn}")
    return drawn


def test_publishing_killed_at_any_moment_publishes_whole_or_not_at_all(market: Market, seed: int) -> None:
    print(promises.kill_publishing(market, 6, seed))
    promises.sweep(market)


def test_a_query_killed_at_any_moment_is_paid_once_and_delivered_once(market: Market, seed: int) -> None:
    print(promises.kill_queries(market, 6, seed))
    promises.sweep(market)


def test_proposing_and_withdrawing_and_building_leave_nothing_half_done(market: Market, seed: int) -> None:
    print(promises.kill_building(market, 2, seed))
    print(promises.kill_withdrawing(market, 2, seed))
    print(promises.kill_proposing(market, 2, seed))
    promises.sweep(market)
