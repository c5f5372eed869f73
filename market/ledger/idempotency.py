"""Idempotency: what a client's key stands for, so that asking again is the same act and never a second one.

A key belongs to a tenant and a route, is held to the hash of what was asked, and is forgotten after 30 days. Who owns a
route says by the state of its own rows whether the act is still under way; an act of one transaction never is.
"""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.db import Database
from market.ledger.models import IdempotencyKey
from market.ledger.transfers import LedgerError
from market.prepared import Prepared

KEPT = timedelta(days=30)

KEYS = IdempotencyKey.metadata.tables["idempotency_key"]

# Statements are built once: every question runs them.
_NAMED = (KEYS.c.tenant == bindparam("of"), KEYS.c.route == bindparam("on"), KEYS.c.key == bindparam("named"))
_ENTER = Prepared(insert(KEYS).on_conflict_do_nothing())
"""Both databases read it; where somebody else is entering the same key, PostgreSQL waits for his commit."""
_FIND = Prepared(select(KEYS.c.body_hash, KEYS.c.subject, KEYS.c.expires_at).where(*_NAMED))
_FORGET = Prepared(delete(KEYS).where(*_NAMED, KEYS.c.expires_at <= bindparam("now")))
_KEY = (KEYS.c.tenant, KEYS.c.route, KEYS.c.key)
_EXPIRED = select(*_KEY).where(KEYS.c.expires_at <= bindparam("now"))
_FORGET_SOME = delete(KEYS).where(tuple_(*_KEY).in_(_EXPIRED.limit(bindparam("most"))))


class KeyReused(LedgerError):
    """A key stands for something else than what is asked now (HTTP 422)."""

    def __init__(self) -> None:
        super().__init__("idempotency key", "was used for something else", fix="Use a new key for a new request.")


def claim(
    session: Session, *, tenant: str, route: str, key: str, body_hash: str, subject: str, at: datetime
) -> str | None:
    """Let the key stand for *subject* from this commit on; where it stands for something already, give that instead.

    Of two that claim it at once, the later one waits for the earlier one's commit and is given its subject. So this
    comes first in a transaction, before anything is locked.

    Raises:
        KeyReused: it stands for another request.
    """
    named = {"of": tenant, "on": route, "named": key}
    row = {"tenant": tenant, "route": route, "key": key, "body_hash": body_hash, "subject": subject}
    while _ENTER.change(session, {**row, "created_at": at, "expires_at": at + KEPT}) == 0:
        found = _FIND.first(session, **named)
        if found is not None and found.expires_at > at:
            if found.body_hash != body_hash:
                raise KeyReused
            return str(found.subject)
        _FORGET.change(session, {**named, "now": at})
    return None


def forget_expired(database: Database, *, at: datetime, batch: int) -> int:
    """Remove the keys whose time is over, *batch* in each transaction; gives how many."""
    forgotten = 0
    while True:
        with database.reading() as session:
            if session.connection().execute(_EXPIRED.limit(1), {"now": at}).first() is None:
                return forgotten
        with database.writing() as session:
            forgotten += session.connection().execute(_FORGET_SOME, {"now": at, "most": batch}).rowcount
