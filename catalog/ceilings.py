"""Price ceilings: listed per period, and held against every price that is offered."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlmodel import Session, col, select

from catalog.datasets import find_dataset
from catalog.errors import CatalogError
from catalog.events import Event, note
from catalog.ids import MemberId, new_id
from catalog.models import Ceiling
from policies.calendar import day_of
from policies.ceiling import PARTS, WHOLE, Listed
from policies.pricing import Price, check_count

MOST_PRICE_FEN = 10**9
MOST_FEN = 10**15
"""Of a price and of a period's revenue: PostgreSQL keeps them in 32 and 64 bits."""


def list_ceiling(
    session: Session,
    dataset_id: str,
    listed: Listed,
    *,
    starts_on: date,
    ends_on: date,
    revenue_fen: int,
    by: MemberId,
    at: datetime,
) -> Ceiling:
    """List the ceiling of the period from *starts_on* to the day before *ends_on*; one that has not begun is replaced.

    Raises:
        CatalogError: the period is none, overlaps another, or has begun.
    """
    check_count("ceiling.revenue_fen", revenue_fen, fix=WHOLE)
    if revenue_fen > MOST_FEN or max(getattr(listed, name) for name in PARTS) > MOST_PRICE_FEN:
        fix = f"List up to {MOST_PRICE_FEN:,} fen a query, a GB and a month, and {MOST_FEN:,} fen a period."
        raise CatalogError(f"ceiling of {dataset_id!r}", "is larger than what can be kept", fix=fix)
    find_dataset(session, dataset_id, locked=True)
    place = f"ceiling of {dataset_id!r}"
    if ends_on <= starts_on:
        raise CatalogError(place, "its period ends before it begins", fix="Give the first day after the period.")
    others = ceilings_of(session, dataset_id)
    row = next((other for other in others if (other.starts_on, other.ends_on) == (starts_on, ends_on)), None)
    if row is not None and row.starts_on <= day_of(at):
        raise CatalogError(place, "the period has begun, so its ceiling stands", fix="List the next period.")
    if any(other is not row and other.starts_on < ends_on and starts_on < other.ends_on for other in others):
        raise CatalogError(place, "the period overlaps one that is listed", fix="Begin where the other ends.")
    if row is not None:
        session.delete(row)
        session.flush()
    row = Ceiling(
        id=new_id(at),
        dataset_id=dataset_id,
        starts_on=starts_on,
        ends_on=ends_on,
        revenue_fen=revenue_fen,
        per_query_fen=listed.per_query_fen,
        per_gb_fen=listed.per_gb_fen,
        flat_monthly_fen=listed.flat_monthly_fen,
        created_at=at,
    )
    session.add(row)
    session.flush()
    details = {
        "from": starts_on,
        "to": ends_on,
        "revenue_fen": revenue_fen,
        "per_query_fen": listed.per_query_fen,
        "per_gb_fen": listed.per_gb_fen,
        "flat_monthly_fen": listed.flat_monthly_fen,
    }
    note(session, Event(action="ceiling:listed", subject=dataset_id, by=by, at=at, details=details))
    return row


def ceilings_of(session: Session, dataset_id: str) -> Sequence[Ceiling]:
    """List a dataset's ceilings in the order of their periods."""
    return session.exec(select(Ceiling).where(Ceiling.dataset_id == dataset_id).order_by(col(Ceiling.starts_on))).all()


def check_price(session: Session, dataset_id: str, price: Price, at: datetime) -> None:
    """Hold a price that is offered at the moment *at* against the ceiling of its period.

    What is free needs no ceiling; a flat price needs one that lists a flat price. A dataset for which none was ever
    listed is not under guided prices; one that had a ceiling needs one for every period.

    Raises:
        CatalogError: the price asks for more than is listed, or nothing is listed for now.
    """
    if not any(getattr(price, name) for name in PARTS):
        return
    known = ceilings_of(session, dataset_id)
    if not known:
        return
    now = next((row for row in known if row.starts_on <= day_of(at) < row.ends_on), None)
    if now is None:
        fix = f"Offer it free of charge, or list one: sluice dataset ceiling {dataset_id}."
        raise CatalogError("price", f"no ceiling is listed for {day_of(at)}", fix=fix)
    part = Listed(**{name: getattr(now, name) for name in PARTS}).exceeded_by(price)
    if part is not None:
        found = "is above the listed ceiling" if part != "minimum_bytes" else "makes a query dearer than the ceiling"
        month = f" and {now.flat_monthly_fen} fen a month" if price.flat_monthly_fen else ""
        fix = f"Ask at most {now.per_query_fen} fen a query and {now.per_gb_fen} fen a GB{month}, or nothing."
        raise CatalogError(f"price.{part}", found, fix=fix)
