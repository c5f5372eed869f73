"""Refusals in the log: each one, up to 100 a minute of one actor; what comes beyond is counted, and told together.

The counts rest in a table until their minute is over, so that a crash loses none of them. Whoever is refused next, or
the service's own clock, makes one entry of them. A minute is over when the clock shows another, earlier or later.
"""

from collections import defaultdict
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, delete, select, text
from sqlalchemy.orm import Session

from catalog.events import Event, note
from catalog.ids import MemberId
from catalog.models import Moment
from market.audit.models import RefusalTally

EACH = 100
"""How many refusals of one actor and minute have an entry of their own."""
TOLD = ""
"""The reason under which those that have one are counted."""

TALLY = RefusalTally.metadata.tables["refusal_tally"]
_COUNT = text(
    'INSERT INTO refusal_tally ("by", minute, reason, count) VALUES (:by, :minute, :reason, 1)'
    ' ON CONFLICT ("by", minute, reason) DO UPDATE SET count = refusal_tally.count + 1 RETURNING count'
).bindparams(bindparam("minute", type_=Moment))


_TAKE = delete(TALLY).where(
    TALLY.c.by == bindparam("whose"), TALLY.c.minute == bindparam("over"), TALLY.c.reason == bindparam("why")
)


def refused(session: Session, event: Event, reason: str) -> None:
    """Log a refusal by its *event*, or count its *reason* where the actor has had enough of them this minute.

    It counts first, and then takes off what others do not hold: two who disagree on the minute would wait for each
    other otherwise.
    """
    minute = _minute(event.at)
    each = _count(session, event.by, minute, TOLD) <= EACH
    if not each:
        _count(session, event.by, minute, reason)
    _tell(session, event.at, TALLY.c.by == event.by)
    if each:
        note(session, event)


def flush(session: Session, at: datetime) -> int:
    """Make entries of the counts whose minute is over; gives how many entries."""
    return _tell(session, at)


def _tell(session: Session, at: datetime, *whose: ColumnElement[bool]) -> int:
    """Take counts off the table, each by one process alone, and note them."""
    key = (TALLY.c.by, TALLY.c.minute, TALLY.c.reason)
    past = select(*key, TALLY.c.count).where(TALLY.c.minute != _minute(at), *whose).order_by(*key)
    rows = [tuple(row) for row in session.connection().execute(past.with_for_update(skip_locked=True))]
    if not rows:
        return 0
    session.connection().execute(_TAKE, [{"whose": by, "over": over, "why": why} for by, over, why, _ in rows])
    counts: dict[tuple[str, datetime], dict[str, int]] = defaultdict(dict)
    for by, minute, reason, count in rows:
        if reason != TOLD:
            counts[by, minute][reason] = count
    for (by, minute), reasons in counts.items():
        details = {"minute": minute, "count": sum(reasons.values()), "reasons": reasons}
        note(session, Event(action="query:refusals", subject=by, by=MemberId(by), at=at, details=details))
    return len(counts)


def _count(session: Session, by: str, minute: datetime, reason: str) -> int:
    row = {"by": by, "minute": minute, "reason": reason}
    count: int = session.connection().execute(_COUNT, row).scalar_one()
    return count


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)
