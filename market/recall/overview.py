"""What a viewer may read of recalls: which are open or overdue, who attested and who did not, and one's own notices."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from catalog.errors import NotFound
from catalog.models import Release
from market.recall.attestation import holds, notices_of
from market.recall.escalation import escalations_of
from market.recall.models import Attestation, Notice, Recall
from market.recall.viewers import Viewer, sees_recall


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeView:
    """A notice, and what came of it."""

    notice: str
    recall: str
    release: str
    dataset: str
    agreement: str
    firm: str
    rows: int
    size_bytes: int
    answers: int
    reason: str
    sent_at: datetime
    due_at: datetime
    overdue: bool
    attested_at: datetime | None
    attested_by: str | None
    statement: str | None
    signature_holds: bool | None
    escalated: tuple[tuple[str, str, datetime], ...]
    """Level, to whom, and when."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallView:
    """A recall and its notices."""

    recall: str
    of: str
    release: str
    dataset: str
    reason: str
    state: str
    overdue: bool
    opened_at: datetime
    due_at: datetime
    closed_at: datetime | None
    licensees: int
    attested: int
    notices: tuple[NoticeView, ...]


def recalls(
    session: Session, viewer: Viewer, *, at: datetime, only_open: bool = False, only_overdue: bool = False
) -> list[RecallView]:
    """List the recalls that *viewer* may see, oldest first."""
    wanted = select(Recall).order_by(Recall.id)
    if only_open or only_overdue:
        wanted = wanted.where(col(Recall.closed_at).is_(None))
    if only_overdue:
        wanted = wanted.where(Recall.due_at < at)
    seen = [recall for recall in session.exec(wanted) if sees_recall(session, recall, viewer)]
    return [_told(session, recall, at=at) for recall in seen]


def recall(session: Session, recall_id: str, viewer: Viewer, *, at: datetime) -> RecallView:
    """Tell all of one recall; one that is not the viewer's to see does not exist for them."""
    row = session.get(Recall, recall_id)
    if row is None or not sees_recall(session, row, viewer):
        raise NotFound(f"recall {recall_id!r}", "there is none", fix="List them with: sluice recall list.")
    return _told(session, row, at=at)


def own_notices(session: Session, *, firm: str | None, at: datetime) -> list[NoticeView]:
    """List what a firm was told, oldest first."""
    return [_notice(session, notice, at=at) for notice in notices_of(session, firm=firm)]


def _told(session: Session, row: Recall, *, at: datetime) -> RecallView:
    rows: Sequence[Notice] = session.exec(select(Notice).where(Notice.recall_id == row.id).order_by(Notice.id)).all()
    notices = tuple(_notice(session, notice, at=at) for notice in rows)
    return RecallView(
        recall=row.id,
        of=row.subject_id,
        release=row.release_id,
        dataset=session.get_one(Release, row.release_id).dataset_id,
        reason=row.reason,
        state="open" if row.closed_at is None else "closed",
        overdue=row.closed_at is None and row.due_at < at,
        opened_at=row.opened_at,
        due_at=row.due_at,
        closed_at=row.closed_at,
        licensees=len(notices),
        attested=sum(notice.attested_at is not None for notice in notices),
        notices=notices,
    )


def _notice(session: Session, notice: Notice, *, at: datetime) -> NoticeView:
    parent = session.get_one(Recall, notice.recall_id)
    given = session.get(Attestation, notice.id)
    brought = escalations_of(session, notice.id)
    return NoticeView(
        notice=notice.id,
        recall=notice.recall_id,
        release=parent.release_id,
        dataset=session.get_one(Release, parent.release_id).dataset_id,
        agreement=notice.agreement_id,
        firm=notice.firm_id,
        rows=notice.rows,
        size_bytes=notice.size_bytes,
        answers=notice.answers,
        reason=parent.reason,
        sent_at=notice.sent_at,
        due_at=notice.due_at,
        overdue=given is None and notice.due_at < at,
        attested_at=None if given is None else given.at,
        attested_by=None if given is None else given.by,
        statement=None if given is None else given.statement,
        signature_holds=None if given is None else holds(session, given),
        escalated=tuple((step.level, step.to, step.at) for step in brought),
    )
