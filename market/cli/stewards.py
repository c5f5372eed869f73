"""What a steward may touch."""

from sqlmodel import Session

from catalog.datasets import find_dataset
from catalog.errors import NotPermitted
from market.parties.models import Member


def insist_on_own(session: Session, dataset_id: str, member: Member) -> None:
    """Refuse a steward the datasets of other publishers.

    Raises:
        NotPermitted: it is another publisher's.
    """
    if find_dataset(session, dataset_id).publisher_id != member.organisation:
        raise NotPermitted(f"dataset {dataset_id!r}", "is another publisher's", fix="Ask its steward.")
