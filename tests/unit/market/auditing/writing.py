"""Write a log by hand: entries as they would come, without what brings them about."""

from datetime import datetime, timedelta
from typing import Any

from catalog.events import Event
from catalog.ids import MemberId
from market.audit import log
from market.auditing.entries import FlatEntry, Reader
from market.db import Database
from tests.common.clock import BEGIN

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def event(action: str, subject: str = "x", by: str = "m", at: datetime = BEGIN, **details: Any) -> Event:
    """Make an event."""
    return Event(action=action, subject=subject, by=MemberId(by), at=at, details=details)


def append(database: Database, *events: Event) -> int:
    """Append events to the log; gives the number of the first."""
    with database.writing() as session:
        return log.append(session, events).size - len(events)


def read(database: Database, first: int = 0, **options: Any) -> list[FlatEntry]:
    """Read the log as flat entries."""
    with database.reading() as session:
        return [entry for batch in Reader.begin(session).batches(first=first, **options) for entry in batch]
