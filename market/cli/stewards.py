"""What a steward may touch, and an approver vouch for."""

from sqlmodel import Session

from catalog.datasets import find_dataset
from catalog.errors import NotPermitted
from catalog.publishers import line_of
from market.parties.models import Member


def insist_on_own(session: Session, dataset_id: str, member: Member) -> None:
    """Refuse a steward the datasets of other publishers.

    Raises:
        NotPermitted: it is another publisher's.
    """
    if find_dataset(session, dataset_id).publisher_id != member.organisation:
        raise NotPermitted(f"dataset {dataset_id!r}", "is another publisher's", fix="Ask its steward.")


def insist_on_line(session: Session, dataset_id: str, member: Member) -> None:
    """Refuse an approver the datasets of publishers they do not stand for: their own, and all below it.

    One who acts for no organisation is the operator's, and vouches for all.

    Raises:
        NotPermitted: it is another publisher's.
    """
    line = line_of(session, find_dataset(session, dataset_id).publisher_id)
    if member.organisation is not None and all(row.id != member.organisation for row in line):
        fix = "Ask an approver of its publisher, or of one above it."
        raise NotPermitted(f"dataset {dataset_id!r}", "is another publisher's", fix=fix)
