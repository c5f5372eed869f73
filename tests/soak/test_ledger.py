"""A million operations of sixteen processes at once: nothing is lost, nothing is moved twice, all verifies.

SLUICE_SOAK_OPERATIONS sets another count.
"""

import os
import random
from pathlib import Path

import pytest

from market.db import Database
from tests.common import postgres
from tests.common.fixtures import sqlite_database
from tests.soak import ledger_load

OPERATIONS = int(os.environ.get("SLUICE_SOAK_OPERATIONS", "1000000"))

pytestmark = [pytest.mark.soak, pytest.mark.timeout(0)]


@pytest.fixture
def seed() -> int:
    drawn = random.SystemRandom().randrange(10**6)
    print(f"seed {drawn}")
    return drawn


def test_no_operation_is_lost_or_done_twice_on_sqlite(tmp_path: Path, seed: int) -> None:
    database = sqlite_database(tmp_path)
    print(ledger_load.run(database, OPERATIONS, seed))
    database.close()


def test_no_operation_is_lost_or_done_twice_on_postgresql(seed: int) -> None:
    with postgres.private() as server:
        database = Database(server.fresh_url(), None)
        print(ledger_load.run(database, OPERATIONS, seed))
        database.close()
