"""What was charged and what was given back, read from the log alone."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlmodel import Session

from market.audit.log import ENTRIES
from market.ledger.models import Kind
from policies.billing import Bill
from policies.calendar import Month

ANSWERED, REFUNDED, SUBSCRIBED = "query:answered", "query:refunded", "subscription:charged"

_BOOKED = (
    select(ENTRIES.c.seq, ENTRIES.c.at, ENTRIES.c.action, ENTRIES.c.subject, ENTRIES.c.body)
    .where(
        ENTRIES.c.action.in_((ANSWERED, REFUNDED, SUBSCRIBED)),
        ENTRIES.c.at >= bindparam("first"),
        ENTRIES.c.at < bindparam("end"),
    )
    .order_by(ENTRIES.c.seq)
)
_CHARGED_BEFORE = (
    select(ENTRIES.c.at, ENTRIES.c.body)
    .where(ENTRIES.c.subject == bindparam("run"), ENTRIES.c.action == ANSWERED, ENTRIES.c.seq < bindparam("before"))
    .order_by(ENTRIES.c.seq.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """One charge, or its refund: who owes what to whom for what, and the entry that says so."""

    index: int
    """The number of the entry."""
    id: str
    """The question's or the subscription's identifier."""
    booked_at: datetime
    incurred_at: datetime
    """When it was charged; of a refund, what it gives back."""
    refund: bool
    firm: str
    agreement: str
    edition: str
    release: str | None
    """None: charged before entries named it; so is the dataset."""
    dataset: str | None
    purpose: str | None
    """None for a flat price."""
    billed_bytes: int | None
    month: Month | None
    """The month of a flat price."""
    bill: Bill


def charges(session: Session, first: datetime, end: datetime, *, firm: str | None = None) -> Iterator[Charge]:
    """Read what was booked from a moment to the one before another, for one firm or all, in the order of the log."""
    connection = session.connection()
    for seq, at, action, subject, body in connection.execute(_BOOKED, {"first": first, "end": end}).yield_per(1000):
        details, incurred_at = json.loads(body)["details"], at
        if action == REFUNDED:
            charged = connection.execute(_CHARGED_BEFORE, {"run": subject, "before": seq}).one()
            details, incurred_at = json.loads(charged.body)["details"], charged.at
        if firm in (None, details["firm"]):
            yield Charge(
                index=seq,
                id=subject,
                booked_at=at,
                incurred_at=incurred_at,
                refund=action == REFUNDED,
                firm=details["firm"],
                agreement=details["agreement"],
                edition=details["edition"],
                release=details.get("release"),
                dataset=details.get("dataset"),
                purpose=details.get("purpose"),
                billed_bytes=details.get("billed_bytes"),
                month=Month.parse(details["month"]) if "month" in details else None,
                bill=_bill(details),
            )


def _bill(details: Mapping[str, Any]) -> Bill:
    """Read the bill of an entry; before there were discounts the firm's credit paid all of the price."""
    if "bill" in details:
        return Bill.from_dict(details["bill"])
    price = details["amount_fen"]
    return Bill(list_fen=price, discount_fen=0, vouchers=(), net_fen=price, account=Kind.CREDIT)
