"""What moved on accounts of money, from the ledger: each posted transfer as one of its accounts sees it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session

from market.ledger.models import Kind, TransferState, Unit
from market.ledger.transfers import ACCOUNTS, TRANSFERS

SIDES = ((TRANSFERS.c.credit, TRANSFERS.c.debit, 1), (TRANSFERS.c.debit, TRANSFERS.c.credit, -1))
"""From an account: its own side of a transfer, the other one, and the sign of what moved."""


@dataclass(frozen=True, slots=True)
class Movement:
    """A posted transfer, as seen from an account."""

    transfer: str
    at: datetime
    cause: str
    owner: str
    kind: Kind
    other_kind: Kind
    """The kind of the account on the other side."""
    amount_fen: int
    """Above zero where the account received, below where it gave."""


def movements(
    session: Session, kinds: Sequence[Kind], from_: datetime, to: datetime, *, owner: str | None = None
) -> list[Movement]:
    """List what moved on accounts of *kinds*, of one *owner* or of all, from a moment to the one before another.

    They come in the order in which they were posted.
    """
    own, other = ACCOUNTS.alias("own"), ACCOUNTS.alias("other")
    found = []
    for side, opposite, sign in SIDES:
        asked = (
            select(
                TRANSFERS.c.id,
                TRANSFERS.c.resolved_at,
                TRANSFERS.c.cause,
                own.c.owner,
                own.c.kind,
                other.c.kind.label("other_kind"),
                TRANSFERS.c.posted_amount,
            )
            .join(own, own.c.id == side)
            .join(other, other.c.id == opposite)
            .where(
                TRANSFERS.c.state == TransferState.POSTED,
                TRANSFERS.c.resolved_at >= from_,
                TRANSFERS.c.resolved_at < to,
                own.c.kind.in_(kinds),
                own.c.unit == Unit.FEN,
                *(() if owner is None else (own.c.owner == owner,)),
            )
        )
        found += [
            Movement(
                transfer=row.id,
                at=row.resolved_at,
                cause=row.cause,
                owner=row.owner,
                kind=Kind(row.kind),
                other_kind=Kind(row.other_kind),
                amount_fen=sign * row.posted_amount,
            )
            for row in session.connection().execute(asked)
        ]
    return sorted(found, key=lambda movement: (movement.at, movement.transfer))


def balance_at(session: Session, owner: str, kind: Kind, at: datetime) -> int:
    """Sum what an owner's account of money held just before the moment *at*."""
    total = func.coalesce(func.sum(TRANSFERS.c.posted_amount), 0)
    sums = []
    for side, _, sign in SIDES:
        asked = (
            select(total)
            .join(ACCOUNTS, ACCOUNTS.c.id == side)
            .where(
                TRANSFERS.c.state == TransferState.POSTED,
                TRANSFERS.c.resolved_at < at,
                ACCOUNTS.c.owner == owner,
                ACCOUNTS.c.kind == kind,
                ACCOUNTS.c.unit == Unit.FEN,
            )
        )
        sums.append(sign * int(session.connection().execute(asked).scalar_one()))
    return sum(sums)
