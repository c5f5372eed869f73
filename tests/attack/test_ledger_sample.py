"""Some thousand operations of a few processes at once in every run of the tests; the million is in `make soak`."""

import random

import pytest

from market.db import Database
from tests.common.fixtures import any_database, database, postgres_database
from tests.soak import ledger_load

__all__ = ["any_database", "database", "postgres_database"]


@pytest.fixture
def seed() -> int:
    drawn = random.SystemRandom().randrange(10**6)
    print(f"seed {drawn}")
    return drawn


def test_processes_at_once_lose_nothing_and_move_nothing_twice(any_database: Database, seed: int) -> None:
    counts = ledger_load.run(any_database, 2000, seed, processes=4)
    assert counts["steps"] == 2000
