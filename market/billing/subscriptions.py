"""Flat prices: one charge for each calendar month of an agreement in which something is asked, and never a second."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import bindparam, insert, select
from sqlmodel import Session

from catalog.events import Event, note
from catalog.ids import MemberId, new_id
from market.billing.charging import Contract, draw_up
from market.billing.models import Subscription
from market.ledger import transfers
from policies.calendar import Month
from policies.canonical import canonical_json

SUBSCRIPTIONS = Subscription.metadata.tables["subscription"]

_FIND = select(SUBSCRIPTIONS.c.id).where(
    SUBSCRIPTIONS.c.agreement_id == bindparam("agreement"), SUBSCRIPTIONS.c.month == bindparam("month")
)


def is_charged(session: Session, agreement: str, month: Month) -> bool:
    """Say whether the flat price of *month* was charged."""
    asked = {"agreement": agreement, "month": str(month)}
    return session.connection().execute(_FIND, asked).first() is not None


def charge(
    session: Session,
    flat_fen: int,
    contract: Contract,
    *,
    about: Mapping[str, str],
    by: MemberId,
    epoch: str,
    at: datetime,
) -> None:
    """Charge the flat price of the month of *at*, unless it was; *about* names what is licensed, for the log.

    Raises:
        CannotPay: no account of the firm holds its part.
    """
    month = Month.of(at)
    drawn = draw_up(session, flat_fen, contract, by=by, at=at)  # waits for whoever is charging this firm
    if is_charged(session, contract.agreement, month):
        return
    id = new_id(at)
    expires_at = at + timedelta(minutes=1)
    ids = transfers.reserve(session, drawn.moves, cause=id, epoch=epoch, at=at, expires_at=expires_at)
    transfers.post(session, ids, epoch=epoch, at=at)
    row = {"id": id, "agreement_id": contract.agreement, "month": str(month), "charged_at": at}
    session.connection().execute(insert(SUBSCRIPTIONS), {**row, "bill": canonical_json(drawn.bill).decode()})
    details = {**about, "month": str(month), "bill": drawn.bill, "transfers": ids}
    note(session, Event(action="subscription:charged", subject=id, by=by, at=at, details=details))
