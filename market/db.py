"""Engines and sessions: one writer at a time on SQLite, as many as it likes on PostgreSQL; readers cannot write."""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.orm import sessionmaker
from sqlmodel import Session

from market.audit import hook
from market.audit.notary import Notary


def make_writer(url: str) -> Engine:
    """Make the engine that may change things."""
    if not url.startswith("sqlite"):
        return create_engine(url, isolation_level="READ COMMITTED")
    engine = create_engine(url, pool_size=1, max_overflow=0, connect_args={"timeout": 30, "check_same_thread": False})

    def connect(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # the driver's own BEGIN is deferred; ours is below
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("PRAGMA recursive_triggers=ON")  # else INSERT OR REPLACE removes a row past its triggers

    event.listen(engine, "connect", connect)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def make_reader(url: str) -> Engine:
    """Make the engine that can only read."""
    if not url.startswith("sqlite"):
        return create_engine(url, isolation_level="REPEATABLE READ", execution_options={"postgresql_readonly": True})
    engine = create_engine(url, connect_args={"timeout": 30, "check_same_thread": False})

    def connect(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA query_only=ON")

    event.listen(engine, "connect", connect)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    return engine


@dataclass(slots=True)
class Database:
    """The market's database. Writers queue: threads on a lock, then processes on a file, then SQLite."""

    url: str
    queue: Path | None
    """The file on which writing processes queue; none where the database queues them itself."""
    notary: Notary | None = None
    """Who signs checkpoints that are due; without one none is taken by itself."""
    writer: Engine = field(init=False)
    reader: Engine = field(init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)
    _writing: sessionmaker[Session] = field(init=False)
    _reading: sessionmaker[Session] = field(init=False)

    def __post_init__(self) -> None:
        self.writer, self.reader = make_writer(self.url), make_reader(self.url)
        self._writing = sessionmaker(self.writer, class_=Session, expire_on_commit=False)
        self._reading = sessionmaker(self.reader, class_=Session)
        hook.watch(self.writer, self._writing, self.notary)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a session that commits at the end of the block, with the log entries of what it noted."""
        with self._turn(), self._writing() as session:
            yield session
            session.commit()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a session that sees one moment of the database and cannot change it."""
        with self._reading() as session:
            yield session

    def close(self) -> None:
        """Close every connection."""
        self.writer.dispose()
        self.reader.dispose()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if self.queue is None:
            yield
            return
        with self._lock:
            handle = os.open(self.queue, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
                yield
            finally:
                os.close(handle)
