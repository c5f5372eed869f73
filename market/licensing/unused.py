"""Cuts that nobody uses any more: kept for a while, then collected, so that the disk holds what somebody may ask.

A cut is used for as long as an agreement that names it may be signed or asked, or an offer that names it may be taken.
"""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from catalog.cuts import SERVABLE, collect_cut
from catalog.ids import OPERATOR
from catalog.models import Cut, Edition, Release
from market.licensing.agreements import terms_of
from market.licensing.models import Agreement, AgreementState, Offer

KEPT = timedelta(days=30)
"""How long a cut is kept after its last use ended: who renews an agreement in that time finds it as it was."""


def collect_unused(session: Session, *, at: datetime, kept: timedelta = KEPT) -> list[str]:
    """Collect the cuts of served releases whose last use ended longer ago than they are *kept*; gives their ids.

    Each is locked before it is asked who uses it, so that an offer which is being made is waited for.
    """
    living = (
        select(Cut.id)
        .join(Edition, col(Edition.id) == Cut.edition_id)
        .join(Release, col(Release.id) == Edition.release_id)
        .where(col(Cut.collected_at).is_(None), col(Release.state).in_(SERVABLE), Cut.created_at <= at - kept)
    )
    collected = []
    for cut_id in session.exec(living.order_by(Cut.id)).all():
        if at - last_used(session, cut_id) < kept:
            continue
        cut = session.get_one(Cut, cut_id, with_for_update=True)
        if cut.collected_at is None and at - last_used(session, cut_id) >= kept:
            collect_cut(session, cut, by=OPERATOR, at=at)
            collected.append(cut_id)
    return collected


def last_used(session: Session, cut_id: str) -> datetime:
    """Say when the last use of a cut ended, or will end at the latest."""
    agreements = session.exec(select(Agreement).where(Agreement.cut_id == cut_id)).all()
    offers = session.exec(select(Offer).where(Offer.cut_id == cut_id)).all()
    ends = [_end(row) for row in agreements] + [terms_of(row).ends_at for row in offers]
    return max([session.get_one(Cut, cut_id).created_at, *ends])


def _end(row: Agreement) -> datetime:
    if row.state == AgreementState.REVOKED and row.revoked_at is not None:
        return row.revoked_at
    return terms_of(row).ends_at
