"""One hundred blows on publishing and on queries, and some on each other step."""

import random
from pathlib import Path

import pytest

from tests.common.market_world import Market, copied
from tests.soak import promises

pytestmark = [pytest.mark.soak, pytest.mark.timeout(3600)]


@pytest.fixture
def market(tmp_path: Path) -> Market:
    return copied(tmp_path / "market")


@pytest.fixture
def seed() -> int:
    drawn = random.SystemRandom().randrange(10**6)
    print(f"seed {drawn}")
    return drawn


def test_a_hundred_kills_publish_no_release_by_halves(market: Market, seed: int) -> None:
    print(promises.kill_publishing(market, 100, seed))
    promises.sweep(market)


def test_a_hundred_kills_charge_no_query_twice_and_lose_no_answer(market: Market, seed: int) -> None:
    print(promises.kill_queries(market, 100, seed))
    promises.sweep(market)


def test_twenty_kills_each_of_build_propose_and_withdraw_leave_nothing_half_done(market: Market, seed: int) -> None:
    print(promises.kill_building(market, 20, seed))
    print(promises.kill_withdrawing(market, 20, seed))
    print(promises.kill_proposing(market, 20, seed))
    promises.sweep(market)
