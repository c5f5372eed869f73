"""Derive every figure of the ledger again from its transfers, and list what does not agree.

The database does the work, set by set, so that memory stays small however many transfers there are; of each kind of
fault the first hundred are told.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Select, and_, case, cast, extract, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from market.ledger.models import CAPPED, TransferState
from market.ledger.transfers import ACCOUNTS, TRANSFERS

TOLD = 100
"""How many faults of one kind are told."""

OVERDUE = timedelta(hours=1)
"""How long after its time a transfer may be pending before that is a fault: sweeps are far more frequent."""

SLACK_S = 60
"""A moment is what a process's clock said before it waited for its turn: a debit may count this much later."""

_POSTED, _PENDING = TRANSFERS.c.state == TransferState.POSTED, TRANSFERS.c.state == TransferState.PENDING


def verify(session: Session, *, at: datetime | None = None) -> list[str]:
    """List what does not hold; an empty list is a pass. What should have been swept by the moment *at* is told as well.

    Σ debits = Σ credits: every transfer has two sides of one unit, and in each unit the balances come to nothing.
    """
    return [
        *_rows(session),
        *_sides(session),
        *_accounts(session),
        *_history(session),
        *(_overdue(session, at) if at is not None else ()),
    ]


def _rows(session: Session) -> Iterator[str]:
    """Each transfer is pending, void, or posted for a part of it."""
    columns = TRANSFERS.c
    wrong = or_(
        columns.amount <= 0,
        columns.debit == columns.credit,
        columns.state.not_in(tuple(TransferState)),
        columns.resolved_at.is_(None) != _PENDING,
        columns.posted_amount.is_not(None) != _POSTED,
        columns.posted_amount < 0,
        columns.posted_amount > columns.amount,
    )
    for row in _first(session, select(columns.id, columns.state).where(wrong)):
        yield f"transfer {row.id}: {row.state}, and its amounts or moments are not those of one"


def _sides(session: Session) -> Iterator[str]:
    """Each transfer moves one unit between two accounts that there are."""
    columns, debited, credited = TRANSFERS.c, ACCOUNTS.alias("debited"), ACCOUNTS.alias("credited")
    sides = (
        select(columns.id, debited.c.unit.label("out"), credited.c.unit.label("into"))
        .outerjoin_from(TRANSFERS, debited, debited.c.id == columns.debit)
        .outerjoin(credited, credited.c.id == columns.credit)
    )
    wrong = or_(debited.c.id.is_(None), credited.c.id.is_(None), debited.c.unit != credited.c.unit)
    for row in _first(session, sides.where(wrong)):
        if row.out is None or row.into is None:
            yield f"transfer {row.id}: one of its accounts is not there"
        else:
            yield f"transfer {row.id}: moves {row.out} into {row.into}"


def _accounts(session: Session) -> Iterator[str]:
    """Each cached figure is what transfers say, the kinds that are capped are, and each unit comes to nothing."""
    columns = TRANSFERS.c
    nothing = literal(0, BigInteger)
    posted = case((_POSTED, columns.posted_amount), else_=nothing)
    pending = case((_PENDING, columns.amount), else_=nothing)
    sides = union_all(
        select(columns.debit.label("account"), (-posted).label("moved"), pending.label("held")),
        select(columns.credit, posted, nothing),
    ).subquery()
    sums = select(sides.c.account, func.sum(sides.c.moved).label("moved"), func.sum(sides.c.held).label("held"))
    derived = sums.group_by(sides.c.account).subquery()
    wanted = select(ACCOUNTS, derived.c.moved, derived.c.held).outerjoin(derived, derived.c.account == ACCOUNTS.c.id)
    units, told = Counter[str](), 0
    for row in session.connection().execute(wanted.order_by(ACCOUNTS.c.id)).yield_per(10_000).mappings():
        moved, held, place = int(row["moved"] or 0), int(row["held"] or 0), f"account {row['id']}"
        units[row["unit"]] += moved
        faults = []
        if row["capped"] != (row["kind"] in CAPPED):
            faults.append(f"{place}: a {row['kind']} account is {'' if row['capped'] else 'not '}capped")
        if row["capped"] and row["balance"] != moved:
            faults.append(f"{place}: balance {row['balance']}, transfers say {moved}")
        if row["capped"] and row["reserved"] != held:
            faults.append(f"{place}: {row['reserved']} reserved, pending transfers say {held}")
        told += bool(faults)
        if told <= TOLD:
            yield from faults
    for unit, amount in units.items():
        if amount:
            yield f"{unit}: credits are {amount} more than debits"


def _history(session: Session) -> Iterator[str]:
    """No capped account had at any moment given more than it had received."""
    columns = TRANSFERS.c
    second = cast(extract("epoch", columns.resolved_at), BigInteger)
    moves = union_all(
        select(
            columns.debit.label("account"), (second + SLACK_S).label("second"), (-columns.posted_amount).label("moved")
        ).where(_POSTED),
        select(columns.credit, second, columns.posted_amount).where(_POSTED),
    ).subquery()
    by_second = (
        select(moves.c.account, moves.c.second, func.sum(moves.c.moved).label("moved"))
        .join(ACCOUNTS, and_(ACCOUNTS.c.id == moves.c.account, ACCOUNTS.c.capped))
        .group_by(moves.c.account, moves.c.second)
        .subquery()
    )
    running = func.sum(by_second.c.moved).over(partition_by=by_second.c.account, order_by=by_second.c.second)
    held = select(by_second.c.account, running.label("held")).subquery()
    lowest = select(held.c.account, func.min(held.c.held).label("lowest")).group_by(held.c.account)
    for row in _first(session, lowest.having(func.min(held.c.held) < 0)):
        yield f"account {row.account}: once held {row.lowest}"


def _overdue(session: Session, at: datetime) -> Iterator[str]:
    """Nothing is pending long past its time."""
    columns = TRANSFERS.c
    overdue = select(columns.id, columns.expires_at).where(_PENDING, columns.expires_at <= at - OVERDUE)
    for row in _first(session, overdue):
        yield f"transfer {row.id}: pending since it expired at {row.expires_at:%Y-%m-%d %H:%M}; sluice ledger sweep"


def _first(session: Session, faulty: Select[Any]) -> list[Any]:
    return list(session.connection().execute(faulty.limit(TOLD)))
