"""Fixtures of the kill loops; a test file that wants them imports them."""

import random
from collections.abc import Iterator

import pytest

from tests.common.market_fixtures import any_market, market, postgres_market
from tests.soak.warm import Warm

__all__ = ["any_market", "four", "market", "postgres_market", "seed", "warm"]


@pytest.fixture
def seed() -> int:
    """Draw a fresh seed, and print it."""
    drawn = random.SystemRandom().randrange(10**6)
    print(f"seed {drawn}")
    return drawn


@pytest.fixture(scope="module")
def warm() -> Iterator[Warm]:
    """Give a warm process."""
    process = Warm()
    yield process
    process.end()


@pytest.fixture
def four() -> Iterator[list[Warm]]:
    """Give four warm processes."""
    processes = [Warm() for _ in range(4)]
    yield processes
    for process in processes:
        process.end()
