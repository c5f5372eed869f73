"""The names that a bill shows beside identifiers, and the invoices that its lines are on."""

import json

from sqlalchemy import select as select_rows
from sqlmodel import Session, col, select

from catalog.models import Dataset, Publisher
from market.audit.log import ENTRIES
from market.billing.focus import Names
from market.billing.models import Programme
from market.parties.models import Firm
from policies.calendar import Month


def names(session: Session, month: Month) -> Names:
    """Read the names as they are now, and the invoices of *month* as the log tells of them."""
    owned = select(Dataset.id, Publisher.name_en).join(Publisher, col(Publisher.id) == Dataset.publisher_id)
    return Names(
        firms=dict(session.exec(select(Firm.id, Firm.name)).all()),
        datasets=dict(session.exec(select(Dataset.id, Dataset.title_en)).all()),
        publishers=dict(session.exec(owned).all()),
        programmes=dict(session.exec(select(Programme.id, Programme.name_en)).all()),
        invoices=_invoices(session, month),
    )


def _invoices(session: Session, month: Month) -> dict[tuple[str, str], str]:
    issued = select_rows(ENTRIES.c.subject, ENTRIES.c.body).where(
        ENTRIES.c.action == "invoice:issued", ENTRIES.c.at >= month.ends_at
    )
    found = {}
    for subject, body in session.connection().execute(issued):
        details = json.loads(body)["details"]
        if details["month"] == str(month):
            found[details["firm"], details["month"]] = subject
    return found
