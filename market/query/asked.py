"""A question that was asked, as the firm that asked it finds it again; another firm's does not exist for it."""

from sqlmodel import Session

from catalog.errors import NotFound
from market.licensing.models import Agreement
from market.query.models import QueryRun


def find(session: Session, run_id: str, *, firm: str | None) -> QueryRun:
    """Load a run of a firm.

    Raises:
        NotFound: there is none, or it is another firm's; nobody is told which.
    """
    row = session.get(QueryRun, run_id)
    agreement = None if row is None else session.get_one(Agreement, row.agreement_id)
    if row is None or agreement is None or firm is None or agreement.firm_id != firm:
        raise NotFound(f"query {run_id!r}", "there is none", fix="Check the number.")
    return row
