"""Idempotency: what a client's key stands for, so that asking again is the same act and never a second one.

A key belongs to a tenant and a route, is held to the hash of what was asked, and is forgotten after 30 days. Who owns a
route says by the state of its own rows whether the act is still under way; an act of one transaction never is.
"""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.orm import Session

from market.ledger.models import IdempotencyKey
from market.ledger.transfers import LedgerError

KEPT = timedelta(days=30)

KEYS = IdempotencyKey.metadata.tables["idempotency_key"]

# Statements are built once: every question runs them.
_FIND = select(KEYS.c.body_hash, KEYS.c.subject, KEYS.c.expires_at).where(
    KEYS.c.tenant == bindparam("of"), KEYS.c.route == bindparam("on"), KEYS.c.key == bindparam("named")
)
_FORGET = delete(KEYS).where(
    KEYS.c.tenant == bindparam("of"), KEYS.c.route == bindparam("on"), KEYS.c.key == bindparam("named")
)
_ENTER = insert(KEYS)


class KeyReused(LedgerError):
    """A key stands for something else than what is asked now (HTTP 422)."""

    def __init__(self) -> None:
        super().__init__("idempotency key", "was used for something else", fix="Use a new key for a new request.")


def recall(session: Session, *, tenant: str, route: str, key: str, body_hash: str, at: datetime) -> str | None:
    """Give what the key stands for, or None where it is new, or was forgotten.

    Raises:
        KeyReused: it stands for another request.
    """
    named = {"of": tenant, "on": route, "named": key}
    row = session.connection().execute(_FIND, named).one_or_none()
    if row is None:
        return None
    if row.expires_at <= at:
        session.connection().execute(_FORGET, named)
        return None
    if row.body_hash != body_hash:
        raise KeyReused
    return str(row.subject)


def remember(
    session: Session, *, tenant: str, route: str, key: str, body_hash: str, subject: str, at: datetime
) -> None:
    """Let the key stand for *subject* from this commit on.

    Two that do so at once collide: the database refuses the later one, who finds the other's subject by asking again.
    """
    row = {"tenant": tenant, "route": route, "key": key, "body_hash": body_hash, "subject": subject}
    session.connection().execute(_ENTER, {**row, "created_at": at, "expires_at": at + KEPT})


def forget_expired(session: Session, *, at: datetime) -> int:
    """Remove the keys whose time is over; gives how many."""
    return int(session.connection().execute(delete(KEYS).where(KEYS.c.expires_at <= at)).rowcount)
