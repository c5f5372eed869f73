"""What was earned with a dataset, as a sum over posted transfers, and how it stands against the listed ceilings."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session, col

from catalog.ceilings import ceilings_of
from catalog.models import Ceiling, Edition, Release
from market.billing.models import Subscription
from market.ledger.models import Account, Kind, Transfer, TransferState, Unit
from market.licensing.models import Agreement
from market.query.models import QueryRun
from policies.calendar import begins_at
from policies.ceiling import Period, Standing, settle


def earned(session: Session, dataset_id: str, from_: datetime, to: datetime) -> int:
    """Sum what publishers earned with a dataset, in fen, from a moment to the one before another.

    That is questions and flat prices, whoever paid them: firms and the programmes whose vouchers they hold. What was
    given back counts against the moment at which it was given back.
    """
    licensed = (
        select(col(Agreement.id))
        .join(Edition, col(Edition.id) == Agreement.edition_id)
        .join(Release, col(Release.id) == Edition.release_id)
        .where(col(Release.dataset_id) == dataset_id)
    )
    questions = select(col(QueryRun.id)).where(col(QueryRun.agreement_id).in_(licensed))
    flat = select(col(Subscription.id)).where(col(Subscription.agreement_id).in_(licensed))
    causes = questions.union_all(flat)
    sides = {}
    for name, side in (("in", col(Transfer.credit)), ("out", col(Transfer.debit))):
        wanted = (
            select(func.coalesce(func.sum(col(Transfer.posted_amount)), 0))
            .join(Account, col(Account.id) == side)
            .where(
                col(Account.kind) == Kind.INCOME,
                col(Account.unit) == Unit.FEN,
                col(Transfer.state) == TransferState.POSTED,
                col(Transfer.resolved_at) >= from_,
                col(Transfer.resolved_at) < to,
                col(Transfer.cause).in_(causes),
            )
        )
        sides[name] = int(session.connection().execute(wanted).scalar_one() or 0)
    return sides["in"] - sides["out"]


def standings(session: Session, dataset_id: str) -> Iterator[tuple[Ceiling, Standing]]:
    """Say of each listed period what was earned, what is left, and which excess the next one bears."""
    rows = ceilings_of(session, dataset_id)
    periods = [
        Period(
            listed_fen=row.revenue_fen,
            earned_fen=earned(session, dataset_id, begins_at(row.starts_on), begins_at(row.ends_on)),
        )
        for row in rows
    ]
    yield from zip(rows, settle(periods), strict=True)
