"""Engines and sessions: one writer at a time on SQLite, as many as it likes on PostgreSQL; readers cannot write.

A process writes with the schema it was made for, or not at all: each writing session begins by asking which one there
is, and an upgrade waits for those that have asked.
"""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.orm import sessionmaker
from sqlmodel import Session

from catalog.errors import CatalogError
from market import durable
from market.audit import hook, log, reached
from market.audit.notary import Notary
from market.prepared import run

WAL_PAGES = 8192
"""How long SQLite's log grows before it is moved into the database, in its pages of 1 KB."""


class SchemaChanged(CatalogError):
    """The database has another schema than this process was made for, since it was upgraded meanwhile."""

    def __init__(self, found: str | None, needed: str) -> None:
        super().__init__(
            "database",
            f"has the schema {found}, and this process was started with {needed}",
            fix="It was upgraded meanwhile: start this process again.",
        )


def make_writer(url: str) -> Engine:
    """Make the engine that may change things."""
    if not url.startswith("sqlite"):
        return create_engine(url, isolation_level="READ COMMITTED", **_reaching(url))
    engine = create_engine(url, pool_size=1, max_overflow=0, connect_args={"timeout": 30, "check_same_thread": False})

    def connect(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # the driver's own BEGIN is deferred; ours is below
        for pragma in ("journal_mode=WAL", "foreign_keys=ON", "secure_delete=ON", f"wal_autocheckpoint={WAL_PAGES}"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("PRAGMA synchronous=NORMAL")  # a commit is flushed outside the turn: `market.durable`
        connection.execute("PRAGMA recursive_triggers=ON")  # else INSERT OR REPLACE removes a row past its triggers

    event.listen(engine, "connect", connect)
    event.listen(engine, "begin", lambda connection: run(connection, "BEGIN IMMEDIATE", ()).close())
    return engine


def _reaching(url: str) -> dict[str, Any]:
    """Say how PostgreSQL is reached: a connection at rest is tried before it is used, and nobody waits for ever."""
    patience = {"connect_timeout": 10, "tcp_user_timeout": 30_000}  # seconds; milliseconds
    given = make_url(url).query
    return {"pool_pre_ping": True, "connect_args": {name: s for name, s in patience.items() if name not in given}}


def make_reader(url: str) -> Engine:
    """Make the engine that can only read."""
    if not url.startswith("sqlite"):
        read_only = {"postgresql_readonly": True}
        return create_engine(url, isolation_level="REPEATABLE READ", execution_options=read_only, **_reaching(url))
    engine = create_engine(url, connect_args={"timeout": 30, "check_same_thread": False})
    wal = durable.wal_of(url)

    def connect(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA query_only=ON")

    event.listen(engine, "connect", connect)

    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")
        if wal is not None:
            connection.exec_driver_sql("SELECT 1 FROM sqlite_schema").close()  # from here on it sees one moment
            durable.flush(wal)

    event.listen(engine, "begin", begin)
    return engine


@dataclass(slots=True)
class Database:
    """The market's database. Writers queue: threads on a lock, then processes on a file, then SQLite."""

    url: str
    queue: Path | None
    """The file on which writing processes queue; none where the database queues them itself."""
    notary: Notary | None = None
    """Who signs checkpoints that are due; without one none is taken by itself."""
    schema: str | None = None
    """The only schema with which this process writes; none: whichever there is."""
    folder: Path | None = None
    """Where it is kept how many entries the log has had; none: nowhere."""
    writer: Engine = field(init=False)
    reader: Engine = field(init=False)
    _wal: Path | None = field(init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)
    _whole: bool = field(default=False, init=False)
    _writing: sessionmaker[Session] = field(init=False)
    _reading: sessionmaker[Session] = field(init=False)

    def __post_init__(self) -> None:
        self._wal = durable.wal_of(self.url)
        self.writer, self.reader = make_writer(self.url), make_reader(self.url)
        self._writing = sessionmaker(self.writer, class_=Session, expire_on_commit=False)
        self._reading = sessionmaker(self.reader, class_=Session)
        hook.watch(self.writer, self._writing, self.notary)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a session that commits at the end of the block, with the log entries of what it noted.

        What it changed is on the disk when the block is left.

        Raises:
            OSError: the disk failed after the commit; whether it is kept is not known.
            SchemaChanged: the database was upgraded since this process opened it.
            EntriesLost: the log is shorter than it has been.
        """
        with self._turn(), self._writing() as session:
            self._check_schema(session)
            self._check_reached(session)
            yield session
            session.commit()
        if self._wal is not None:
            durable.flush(self._wal)
        if self.folder is not None and "log_size" in session.info:
            reached.note(self.folder, session.info["log_size"])

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a session that sees one moment of the database, all of it on the disk, and cannot change it.

        Raises:
            SchemaChanged: what was asked for is not there since the database was upgraded.
        """
        with self._reading() as session:
            try:
                yield session
            except (OperationalError, ProgrammingError):
                session.rollback()
                self._check_schema(session)
                raise

    def close(self) -> None:
        """Close every connection."""
        self.writer.dispose()
        self.reader.dispose()

    def _check_schema(self, session: Session) -> None:
        """Compare the schema; the shared lock that PostgreSQL holds from here on makes the next upgrade wait.

        Every commit pays for this, so it goes past SQLAlchemy, which would double its time.
        """
        if self.schema is not None:
            driver: Any = session.connection().connection.dbapi_connection
            (found,) = driver.execute("SELECT version_num FROM alembic_version").fetchone() or (None,)
            if found != self.schema:
                raise SchemaChanged(found, self.schema)

    def _check_reached(self, session: Session) -> None:
        """Compare, once per process, how many entries there are with how many there have been."""
        if self.folder is not None and not self._whole:
            reached.check(self.folder, lambda: log.size(session))
            self._whole = True

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
