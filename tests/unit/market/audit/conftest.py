"""Logs with a notary."""

from collections.abc import Iterator

import pytest

from market.db import Database
from tests.common.signed_log import SignedLog


@pytest.fixture
def signed_log(any_database: Database, tmp_path) -> Iterator[SignedLog]:
    """Give a log that signs itself, on each kind of database in turn."""
    made = SignedLog.on(any_database, tmp_path / "keys")
    yield made
    made.database.close()


@pytest.fixture
def sqlite_log(database: Database, tmp_path) -> Iterator[SignedLog]:
    """Give a log that signs itself, on SQLite."""
    made = SignedLog.on(database, tmp_path / "keys")
    yield made
    made.database.close()
