"""Bring overdue notices before somebody higher: the steward, the publisher above, the operator; each once per level."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from catalog.events import Event, note
from catalog.models import Publisher, Release
from market.recall.models import Attestation, Escalation, Level, Notice, Recall
from market.recall.viewers import Viewer, publisher_of

PATIENCE_DAYS = 7
"""How long one level has before the next one is told."""

OPERATOR = "operator"


def escalate(session: Session, *, by: Viewer, at: datetime, patience_days: int = PATIENCE_DAYS) -> Sequence[Escalation]:
    """Take every overdue notice that *by* may see one level up, where the level before has had its time.

    A steward does so for their publisher's recalls, an administrator for all. Running it often is no fault.
    """
    made = []
    open_ones = select(Recall).where(col(Recall.closed_at).is_(None), Recall.due_at < at).order_by(Recall.id)
    locked = open_ones.with_for_update().execution_options(populate_existing=True)
    for recall in session.exec(locked):
        publisher = publisher_of(session, session.get_one(Release, recall.release_id).dataset_id)
        if not by.sees_all and not by.stewards(publisher):
            continue
        ladder = _ladder(session, publisher)
        for notice in _owed(session, recall.id):
            step = _next(session, notice, ladder, at - timedelta(days=patience_days))
            if step is not None:
                made.append(_bring(session, notice, *step, by=by, at=at))
    return made


def _ladder(session: Session, publisher_id: str) -> list[tuple[Level, str]]:
    """Name who is told, one after the other; a publisher with none above it has no such step."""
    above = session.get_one(Publisher, publisher_id).parent_id
    return [
        (Level.STEWARD, publisher_id),
        *([(Level.PARENT, above)] if above is not None else []),
        (Level.OPERATOR, OPERATOR),
    ]


def _owed(session: Session, recall_id: str) -> Sequence[Notice]:
    found = (
        select(Notice)
        .outerjoin(Attestation, col(Attestation.notice_id) == Notice.id)
        .where(Notice.recall_id == recall_id, col(Attestation.notice_id).is_(None))
        .order_by(Notice.id)
    )
    return session.exec(found).all()


def _next(
    session: Session, notice: Notice, ladder: Sequence[tuple[Level, str]], had_time_since: datetime
) -> tuple[Level, str] | None:
    """Name the first level that was not told, unless the one before was told too short a while ago."""
    told = escalations_of(session, notice.id)
    if told and told[-1].at > had_time_since:
        return None
    known = {escalation.level for escalation in told}
    return next((step for step in ladder if step[0] not in known), None)


def _bring(session: Session, notice: Notice, level: Level, to: str, *, by: Viewer, at: datetime) -> Escalation:
    escalation = Escalation(notice_id=notice.id, level=level, to=to, by=by.id, at=at)
    session.add(escalation)
    details = {"recall": notice.recall_id, "firm": notice.firm_id, "level": level, "to": to, "due": notice.due_at}
    note(session, Event(action="notice:escalated", subject=notice.id, by=by.id, at=at, details=details))
    return escalation


def escalations_of(session: Session, notice_id: str) -> Sequence[Escalation]:
    """List whom a notice was brought before, first to last."""
    found = session.exec(select(Escalation).where(Escalation.notice_id == notice_id)).all()
    order = list(Level)
    return sorted(found, key=lambda escalation: order.index(Level(escalation.level)))
