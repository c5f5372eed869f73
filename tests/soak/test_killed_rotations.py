"""The log's key is changed by processes that are killed: after each there is a key in force, and the log holds."""

import os
import random

import pytest

from tests.common.fixtures import any_database, database, postgres_database
from tests.common.killed_rotations import kill
from tests.common.signed_log import SignedLog

__all__ = ["any_database", "database", "postgres_database"]

pytestmark = pytest.mark.soak


def test_a_log_whose_key_is_changed_by_killed_processes_goes_on(any_database, tmp_path):
    seed = int.from_bytes(os.urandom(4), "big")
    made = SignedLog.on(any_database, tmp_path / "keys")
    rotated, drawn = kill(made, 100, random.Random(seed))
    print(f"seed {seed}: {rotated} changes of the key, {drawn - rotated} keys were drawn for nothing")
    made.database.close()
    assert drawn >= rotated > 0
