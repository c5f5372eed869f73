"""Who looks: whom a member acts for decides what exists for them."""

from dataclasses import dataclass

from sqlmodel import Session, select

from catalog.ids import MemberId
from catalog.models import Dataset, Release
from market.parties.models import Member, Role
from market.recall.models import Escalation, Level, Notice, Recall


@dataclass(frozen=True, slots=True)
class Viewer:
    """A member, as far as sight is concerned."""

    id: MemberId
    role: Role
    organisation: str | None

    @classmethod
    def of(cls, member: Member) -> "Viewer":
        """Take what matters of *member*."""
        return cls(MemberId(member.id), Role(member.role), member.organisation)

    @property
    def sees_all(self) -> bool:
        """Whether nothing is hidden: of the operator's own people, those who watch."""
        return self.role in (Role.ADMINISTRATOR, Role.AUDITOR)

    def stewards(self, publisher_id: str) -> bool:
        """Whether they are a steward of this publisher."""
        return self.role is Role.STEWARD and self.organisation == publisher_id


def publisher_of(session: Session, dataset_id: str) -> str:
    """Name the publisher who answers for a dataset."""
    return session.get_one(Dataset, dataset_id).publisher_id


def sees_recall(session: Session, recall: Recall, viewer: Viewer) -> bool:
    """Whether a recall exists for *viewer*: it is their publisher's, or was brought before it."""
    if viewer.sees_all:
        return True
    release = session.get_one(Release, recall.release_id)
    if viewer.stewards(publisher_of(session, release.dataset_id)):
        return True
    if viewer.role is not Role.STEWARD:
        return False
    brought = select(Escalation).join(Notice).where(Notice.recall_id == recall.id, Escalation.level == Level.PARENT)
    return session.exec(brought.where(Escalation.to == viewer.organisation).limit(1)).first() is not None
