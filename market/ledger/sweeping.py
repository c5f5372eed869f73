"""Resolve pending transfers whose time is over, and forget idempotency keys whose time is over.

Anybody may sweep, at any moment and several at once. A transfer that is being posted at the same moment is resolved by
whoever comes first; the other one finds it not pending, and its transaction changes nothing.

What is pending for a cause with a life of its own – a query's run – is resolved with it, by whoever keeps that life:
else a run could be answered whose money the sweep had set free. Such causes are spared here. `market.query.sweeping`
is the sweep of the whole market: runs first, then this one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from catalog.events import Event, note
from catalog.ids import OPERATOR
from market.db import Database
from market.ledger import idempotency
from market.ledger.giving_up import resolve_given_up
from market.ledger.models import TransferState
from market.ledger.statements import ACCOUNTS, READ_PENDING, TRANSFERS

BATCH = 200
"""How many transfers, or keys, one transaction resolves: others wait for their accounts meanwhile."""


@dataclass(frozen=True, slots=True)
class Swept:
    """How much a sweep resolved."""

    voided: int = 0
    posted: int = 0
    """Privacy budget, posted in full."""
    keys: int = 0
    """Idempotency keys that were forgotten."""


def sweep(database: Database, *, at: datetime, spared: Select[tuple[str]] | None = None) -> Swept:
    """Void what is pending past its time at the moment *at* – privacy budget is posted in full – and forget old keys.

    Each batch is a transaction of its own. *spared* selects the causes that somebody else resolves.
    """
    voided = posted = 0
    for batch_voided, batch_posted in _batches(database, at, spared):
        voided += batch_voided
        posted += batch_posted
    return Swept(voided, posted, idempotency.forget_expired(database, at=at, batch=BATCH))


def _batches(database: Database, at: datetime, spared: Select[tuple[str]] | None) -> Iterator[tuple[int, int]]:
    expired = _expired(spared)
    while True:
        with database.reading() as session:  # a writer's turn is taken only where there is something to do
            if session.connection().execute(expired, {"now": at, "most": 1}).first() is None:
                return
        with database.writing() as session:
            rows = _take(session, expired, at)
            told = [_resolve(session, cause, list(of), at) for cause, of in groupby(rows, attrgetter("cause"))]
        yield sum(voided for voided, _ in told), sum(posted for _, posted in told)
        if len(rows) < BATCH:
            return  # that was all, or others are resolving the rest


def _expired(spared: Select[tuple[str]] | None) -> Select[Any]:
    """Select what is pending past the moment `now`, at most `most` of it."""
    columns = TRANSFERS.c
    pending = columns.state == bindparam("pending", TransferState.PENDING, literal_execute=True)
    where = [pending, columns.expires_at <= bindparam("now")]
    if spared is not None:
        where.append(columns.cause.not_in(spared))
    return select(columns.id, columns.debit, columns.credit).where(*where).limit(bindparam("most"))


def _take(session: Session, expired: Select[Any], at: datetime) -> Sequence[Any]:
    """Lock a batch: first the accounts, in the order of their ids, then those of its transfers that nobody else holds.

    Who posts holds transfers and waits for accounts; who reserves or reverses waits for accounts alone. So nobody
    waits here for somebody who waits for us.
    """
    connection = session.connection()
    found = connection.execute(expired, {"now": at, "most": BATCH}).all()
    touched = {row.debit for row in found} | {row.credit for row in found}
    capped = select(ACCOUNTS.c.id).where(ACCOUNTS.c.id.in_(touched), ACCOUNTS.c.capped).order_by(ACCOUNTS.c.id)
    connection.execute(capped.with_for_update(key_share=True)).all()
    wanted = READ_PENDING.where(TRANSFERS.c.id.in_([row.id for row in found]))
    rows = connection.execute(wanted.with_for_update(skip_locked=True, of=TRANSFERS)).all()
    return sorted(rows, key=attrgetter("cause", "id"))


def _resolve(session: Session, cause: str, rows: Sequence[Any], at: datetime) -> tuple[int, int]:
    """Give up what is pending for one cause; gives how many transfers were voided and posted."""
    done = resolve_given_up(session, rows, epoch=None, at=at)
    details = {"voided": done.voided, "transfers": done.posted}
    note(session, Event(action="transfer:expired", subject=cause, by=OPERATOR, at=at, details=details))
    return len(done.voided), len(done.posted)
