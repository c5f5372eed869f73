"""No change without its witness: what is written to a witnessed table commits with a log entry, or not at all.

A listener on the writer engine notices every statement that changes a witnessed table, however it was made: by a
flush, in bulk or as a Core UPDATE. A hook before the commit appends the noted events, taking the log's lock last.
The engine's own commit refuses a transaction that changed a witnessed table and did not pass the hook. Where a notary
is at hand, a checkpoint that is due is signed in the same transaction, so that commands leave checkpoints without a
server.
"""

import re
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import Session, SessionTransaction, sessionmaker

from catalog import events
from market.audit import checkpoint, log
from market.audit.notary import Notary

WITNESSED = (
    "publisher",
    "mandate",
    "dataset",
    "registration",
    "ceiling",
    "release",
    "edition",
    "edition_file",
    "class_table",
    "cut",
    "cut_file",
    "preview",
    "raw_source",
    "tombstone",
    "firm",
    "member",
    "offer",
    "access_request",
    "agreement",
    "recall",
    "notice",
    "attestation",
    "escalation",
    "incident",
    "incident_step",
    "programme",
    "voucher",
    "subscription",
    "invoice",
    "log_secret",
    "log_witness",
    "audit_case",
    "case_entry",
    "case_question",
    "api_token",
    "template",
)
"""Tables whose every change must be in the log."""

BORN_PENDING = ("transfer", "query_run")
"""Tables whose rows begin as an intention, which needs no witness; what becomes of it does."""

_GAP = r"(?:\s|--[^\n]*\n|/\*.*?\*/)+"
_NAME = r'["`\[]?(\w+)["`\]]?'
_CHANGE = re.compile(
    rf"\b(INSERT(?:{_GAP}OR{_GAP}\w+)?{_GAP}INTO|REPLACE{_GAP}INTO|UPDATE(?:{_GAP}OR{_GAP}\w+)?|DELETE{_GAP}FROM"
    rf"|MERGE{_GAP}INTO|(?:DROP|ALTER){_GAP}TABLE(?:{_GAP}IF{_GAP}EXISTS)?){_GAP}(?:ONLY{_GAP})?(?:{_NAME}\s*\.\s*)?{_NAME}",
    re.IGNORECASE | re.DOTALL,
)
_EMPTY = re.compile(r"\bTRUNCATE\b([^;]*)", re.IGNORECASE)
_BIRTH = re.compile(rf"INSERT{_GAP}INTO", re.IGNORECASE | re.DOTALL)


class UnwitnessedChange(Exception):
    """A transaction changed a witnessed table without an event; it was not committed."""

    def __init__(self, tables: set[str]) -> None:
        super().__init__(f"{', '.join(sorted(tables))} changed without an event: call note() in the use case")


@lru_cache(maxsize=1024)
def needs_witness(statement: str) -> str | None:
    """Name a witnessed table that *statement* changes, if it does.

    A change is looked for anywhere in the text, in a CTE as in a second statement. What only reads like one, inside a
    literal, counts as well: it is refused rather than missed.
    """
    for match in _CHANGE.finditer(statement):
        table = match[3].lower()
        born = _BIRTH.fullmatch(match[1]) is not None and "CONFLICT" not in statement.upper()
        if table in WITNESSED or (table in BORN_PENDING and not born):
            return table
    for emptied in _EMPTY.finditer(statement):
        for table in re.findall(r"\w+", emptied[1].lower()):
            if table in WITNESSED or table in BORN_PENDING:
                return str(table)
    return None


def watch(engine: Engine, sessions: sessionmaker[Any], notary: Notary | None = None) -> None:
    """Put the listeners on the writer *engine* and on the *sessions* that use it; without a *notary* none signs."""

    def notice(conn: Connection, cursor: Any, statement: str, *_: Any) -> None:
        table = needs_witness(statement)
        if table is not None:
            conn.info.setdefault("changed", set()).add(table)

    def refuse(conn: Connection) -> None:
        changed = conn.info.pop("changed", None)
        if changed:
            conn.connection.rollback()  # the pool takes a commit that raised for done, and would pass the change on
            raise UnwitnessedChange(changed)

    def clear(conn: Connection) -> None:
        if not conn.invalidated:  # a lost connection is replaced by one that changed nothing
            conn.info.pop("changed", None)

    def witness(session: Session) -> None:
        if session.in_nested_transaction():
            return
        session.flush()
        noted = list(events.take(session))
        if not noted:
            return
        head = log.append(session, noted)
        session.info["log_size"] = head.size
        if notary is not None:
            checkpoint.take_after(session, notary, head, noted)
        session.connection().info.pop("changed", None)

    def forget(session: Session, previous: SessionTransaction) -> None:
        events.forget(session, previous)

    event.listen(engine, "before_cursor_execute", notice)
    event.listen(engine, "commit", refuse)
    event.listen(engine, "rollback", clear)
    event.listen(sessions, "before_commit", witness)
    event.listen(sessions, "after_soft_rollback", forget)
