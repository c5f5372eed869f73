"""Alembic's entry: run revisions on the database of the configuration, each in a transaction of its own.

SQLite's driver would commit before each change of the schema; here a revision is whole or not there on both databases.
"""

from typing import Any

from alembic import context
from sqlalchemy import create_engine, event

url = context.config.get_main_option("sqlalchemy.url")
assert url is not None  # market.home always sets it
engine = create_engine(url)


def connect(connection: Any, _: Any) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA synchronous=FULL")


if engine.dialect.name == "sqlite":
    event.listen(engine, "connect", connect)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
try:
    with engine.connect() as connection:
        context.configure(connection=connection, transaction_per_migration=True)
        with context.begin_transaction():
            context.run_migrations()
finally:
    engine.dispose()
