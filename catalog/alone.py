"""Let one transaction at a time do what no row lock covers. SQLite's writers queue anyway; PostgreSQL is told to."""

from typing import Literal

from sqlalchemy import text
from sqlmodel import Session


def alone(session: Session, table: Literal["dataset", "registration"]) -> None:
    """Wait for whoever locked or changed rows of *table*, and keep others from it to the end; reading goes on."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"LOCK TABLE {table} IN EXCLUSIVE MODE"))
