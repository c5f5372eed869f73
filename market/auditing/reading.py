"""Reading the log is in the log: what an auditor looked for is noted before anything of it is shown."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from catalog.events import Event, note
from catalog.ids import MemberId


def searched(session: Session, *, by: MemberId, at: datetime, **details: Any) -> None:
    """Note that somebody searches the log, and for what."""
    note(session, Event(action="log:searched", subject="log", by=by, at=at, details=details))
