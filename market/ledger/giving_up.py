"""What becomes of pending transfers that nobody will post: what they held is free again, but privacy budget is spent.

From the moment a run begins noise may have left, and what has once been told of people cannot be taken back. So budget
(nano-ρ) that was set aside for a run is posted in full when the run is given up, however little of it is known to have
happened. There are two ways out for it: it is posted, or it is void before the run begins – and that only its own
process can say.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from market.ledger.models import Unit
from market.ledger.transfers import lock, pending_of, resolve


@dataclass(frozen=True, slots=True)
class GivenUp:
    """The transfers that were given up."""

    voided: tuple[str, ...] = ()
    posted: tuple[str, ...] = ()
    """Privacy budget that is spent."""


def give_up(session: Session, cause: str, *, epoch: str, at: datetime) -> GivenUp:
    """Give up what is pending for *cause*: void, but for privacy budget, which is posted in full.

    Raises:
        StaleTransfer: it is another process's.
    """
    lock(session, [cause])
    return resolve_given_up(session, pending_of(session, cause), epoch=epoch, at=at)


def void_unbegun(session: Session, cause: str, *, epoch: str, at: datetime) -> GivenUp:
    """Void all that is pending for *cause*, privacy budget as well, because its run has not begun and never will.

    Only the process that would have begun it can know that, before it hands the statement to a worker.

    Raises:
        StaleTransfer: it is another process's.
    """
    lock(session, [cause])
    rows = pending_of(session, cause)
    resolve(session, rows, {}, epoch=epoch, at=at)
    return GivenUp(voided=tuple(row.id for row in rows))


def resolve_given_up(session: Session, rows: Sequence[Any], *, epoch: str | None, at: datetime) -> GivenUp:
    """Give up *rows* as `statements.READ_PENDING` reads them; without an *epoch* whosever they are."""
    spent = {row.id: row.amount for row in rows if row.unit == Unit.NANO_RHO}
    resolve(session, rows, spent, epoch=epoch, at=at)
    return GivenUp(voided=tuple(row.id for row in rows if row.id not in spent), posted=tuple(spent))
