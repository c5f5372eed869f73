"""What SQLite's writers were told is done is on the disk, and so is all that readers are shown."""

import errno
import fcntl
import os
import shutil
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import make_url

from catalog.ids import new_id
from market import durable
from market.db import Database
from market.ledger.models import Kind, Unit
from market.ledger.transfers import open_account


def change(database: Database) -> str:
    """Commit one row, and give the name in it."""
    at = datetime.now(UTC)
    owner = new_id(at)
    with database.writing() as session:
        open_account(session, owner=owner, kind=Kind.CREDIT, unit=Unit.FEN, at=at)
    return owner


@pytest.fixture
def on_disk(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], set[str]]:
    """Tell whose rows would be found if the power failed now: what lay in the files at the last flush."""
    file, kept, flushed = Path(str(make_url(database.url).database)), tmp_path / "kept", os.fdatasync

    def keep(handle: int) -> None:
        flushed(handle)
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir()
        for name in (file.name, f"{file.name}-wal"):
            shutil.copy(file.with_name(name), kept)

    def owners() -> set[str]:
        connection = sqlite3.connect(kept / file.name)
        found = {row[0] for row in connection.execute("SELECT owner FROM account")}
        connection.close()
        return found

    monkeypatch.setattr(durable.os, "fdatasync", keep)
    return owners


def test_what_a_writer_was_told_is_done_outlives_a_power_failure(
    database: Database, on_disk: Callable[[], set[str]]
) -> None:
    told = set()
    for _ in range(5):
        told.add(change(database))
        assert told <= on_disk()


def test_what_a_reader_sees_outlives_a_power_failure(
    database: Database, on_disk: Callable[[], set[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    change(database)
    with monkeypatch.context() as patched:  # the writer committed, and its flush is still to come
        patched.setattr(durable, "flush", lambda wal: None)
        owner = change(database)
    assert owner not in on_disk()
    with database.reading() as session:
        assert owner in {row[0] for row in session.connection().exec_driver_sql("SELECT owner FROM account")}
        assert owner in on_disk()


def test_nobody_waits_for_the_flush_of_another(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    free = []

    def look(_: int) -> None:
        assert database.queue is not None
        with database.queue.open("rb+") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            free.append(True)

    monkeypatch.setattr(durable.os, "fdatasync", look)
    change(database)
    assert free


def test_a_disk_that_fails_is_told(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(durable.os, "fdatasync", fail)
    with pytest.raises(OSError, match="Input/output"):
        change(database)


def test_only_a_file_of_sqlite_has_a_log_to_flush() -> None:
    assert durable.wal_of("postgresql+psycopg://localhost/x") is None
    assert durable.wal_of("sqlite:///:memory:") is None
    assert durable.wal_of("sqlite:////srv/sluice.db") == Path("/srv/sluice.db-wal")
