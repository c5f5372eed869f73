"""Alembic's entry: run revisions on the database of the configuration, each in a transaction of its own.

SQLite's driver would commit before each change of the schema; here a revision is whole or not there on both databases.

One upgrade runs at a time, and what a killed one left at work in PostgreSQL is waited for. Nobody else writes beside a
revision: SQLite has one writer, and on PostgreSQL a writing session asks for the schema first, and waits here.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import context
from sqlalchemy import create_engine, event

WAIT_S = 30

PAGE_BYTES = 1024
"""The pages of a new SQLite database: each commit writes whole ones to its log, however little of them changed."""

url = context.config.get_main_option("sqlalchemy.url")
assert url is not None  # market.home always sets it
engine = create_engine(url, connect_args={"timeout": WAIT_S} if url.startswith("sqlite") else {})


def connect(connection: Any, _: Any) -> None:
    if engine.dialect.name == "sqlite":
        connection.isolation_level = None
        connection.execute(f"PRAGMA page_size={PAGE_BYTES}")
        connection.execute("PRAGMA synchronous=FULL")
    else:
        connection.execute("SELECT pg_advisory_lock(hashtext('sluice upgrade'))")
        connection.commit()


def begin(connection: Any) -> None:
    if engine.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    elif connection.exec_driver_sql("SELECT to_regclass('alembic_version')").scalar() is not None:
        connection.exec_driver_sql("LOCK TABLE alembic_version IN ACCESS EXCLUSIVE MODE")


@contextmanager
def alone() -> Iterator[None]:
    """Wait for the upgrade that another process runs on SQLite: its folder is locked, so that no file is left."""
    if engine.dialect.name != "sqlite":
        yield
        return
    folder = os.open(Path(engine.url.database or ".").parent, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


event.listen(engine, "connect", connect)
event.listen(engine, "begin", begin)
try:
    with alone(), engine.connect() as connection:
        context.configure(connection=connection, transaction_per_migration=True)
        with context.begin_transaction():
            context.run_migrations()
finally:
    engine.dispose()
