"""A refused question costs nothing and is logged: who asked, under which agreement, and the reason."""

from datetime import datetime

from catalog.events import Event
from market.audit import tally
from market.db import Database
from market.query.asker import Asker
from market.query.question import Question


def note_refusal(database: Database, question: Question, asker: Asker, reason: str, *, at: datetime) -> None:
    """Log a refusal; what would flood the log is counted instead."""
    with database.writing() as session:
        details = {"reason": reason, "purpose": question.purpose[:64], "sql": question.sql_hash}
        details |= question.named
        event = Event(
            action="query:refused",
            subject=question.agreement_id[:64],
            by=asker.id,
            at=at,
            details=details,
        )
        tally.refused(session, event, reason)
