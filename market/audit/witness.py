"""No change without its witness: what is written to a witnessed table commits with a log entry, or not at all.

A listener on the writer engine notices every statement that changes a witnessed table, however it was made: by a
flush, in bulk or as a Core UPDATE. A hook before the commit appends the noted events, taking the log's lock last.
The engine's own commit refuses a transaction that changed a witnessed table and did not pass the hook.
"""

import re
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import Session, SessionTransaction, sessionmaker

from catalog import events
from market.audit import log

WITNESSED = (
    "publisher",
    "dataset",
    "release",
    "edition",
    "edition_file",
    "tombstone",
    "firm",
    "member",
    "offer",
    "access_request",
    "agreement",
)
"""Tables whose every change must be in the log."""

BORN_PENDING = ("transfer", "query_run")
"""Tables whose rows begin as an intention, which needs no witness; what becomes of it does."""

_CHANGE = re.compile(r'\s*(INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+"?(\w+)"?', re.IGNORECASE)


class UnwitnessedChange(Exception):
    """A transaction changed a witnessed table without an event; it was not committed."""

    def __init__(self, tables: set[str]) -> None:
        super().__init__(f"{', '.join(sorted(tables))} changed without an event: call note() in the use case")


def needs_witness(statement: str) -> str | None:
    """Name the witnessed table that *statement* changes, if it does."""
    match = _CHANGE.match(statement)
    if match is None:
        return None
    verb, table = match[1].upper(), match[2].lower()
    if table in WITNESSED or (table in BORN_PENDING and not verb.startswith("INSERT")):
        return table
    return None


def watch(engine: Engine, sessions: sessionmaker[Any]) -> None:
    """Put the listeners on the writer *engine* and on the *sessions* that use it."""

    def notice(conn: Connection, cursor: Any, statement: str, *_: Any) -> None:
        table = needs_witness(statement)
        if table is not None:
            conn.info.setdefault("changed", set()).add(table)

    def refuse(conn: Connection) -> None:
        changed = conn.info.pop("changed", None)
        if changed:
            raise UnwitnessedChange(changed)

    def clear(conn: Connection) -> None:
        conn.info.pop("changed", None)

    def witness(session: Session) -> None:
        if session.in_nested_transaction():
            return
        session.flush()
        noted = list(events.take(session))
        session.info["entries"] = log.append(session, noted)
        if noted:
            session.connection().info.pop("changed", None)

    def forget(session: Session, previous: SessionTransaction) -> None:
        events.forget(session, previous)

    event.listen(engine, "before_cursor_execute", notice)
    event.listen(engine, "commit", refuse)
    event.listen(engine, "rollback", clear)
    event.listen(sessions, "before_commit", witness)
    event.listen(sessions, "after_soft_rollback", forget)
