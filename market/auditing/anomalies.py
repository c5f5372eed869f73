"""What strikes in the log: denials, exports, dormant licences, and checkpoints that are late or refused.

One pass over the entries that matter and one over the checkpoints. Memory grows with firms, datasets and people, not
with entries.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select
from sqlmodel import Session

from market.audit.checkpoint import CHECKPOINTS
from market.audit.log import ENTRIES, size
from market.auditing.alerts import Alert, Burst, alert, within
from market.auditing.entries import Reader
from market.auditing.rules import Rules
from market.auditing.watches import Denials, Dormant, Exports, Witnesses

SEEN = ("query:refused", "query:refusals", "query:answered", "query:delivered", "agreement:signed", "witness:refused")
"""Actions that a watch cares for."""

PAGE = 5_000
"""Checkpoints read at a time."""


def scan(
    session: Session, rules: Rules, *, at: datetime, from_: datetime | None = None, to: datetime | None = None
) -> Iterator[Alert]:
    """Give the alerts of the time from *from_* to *to*; what was before is read as well, for it says what is usual."""
    yield from within(_entries(session, rules, to), from_, to)
    yield from within(_checkpoints(session, rules, at), from_, to)


def _entries(session: Session, rules: Rules, to: datetime | None) -> Iterator[Alert]:
    watches = (Denials(rules), Exports(rules), Dormant(rules), Witnesses(rules))
    columns = ENTRIES.c
    where = [columns.action.in_(SEEN), *([] if to is None else [columns.at < to])]
    for batch in Reader.begin(session).batches(*where):
        for entry in batch:
            if entry.at is not None:
                for watch in watches:
                    yield from watch.see(entry, entry.at)
    for watch in watches:
        yield from watch.end()


def _checkpoints(session: Session, rules: Rules, now: datetime) -> Iterator[Alert]:
    """Find entries that were made while the newest checkpoint was old, and brought none; one alert for all in a row.

    An entry that finds an old checkpoint is signed with its own transaction. A log in which nothing happens needs no
    checkpoint, however old its newest is.
    """
    stretch: Burst | None = None
    for gap in _gaps(session, now):
        late = None
        if gap.until - gap.since > rules.checkpoint_late:
            late = _made(session, gap, gap.since + rules.checkpoint_late, gap.until - rules.checkpoint_grace)
        if late is None:
            if stretch is not None:
                yield alert("checkpoint", stretch)
            stretch = None
            continue
        if stretch is None:
            stretch = Burst([], gap.since, gap.until, None, None, None, {"late": 0, "oldest_s": 0})
        stretch.entries = sorted({*(stretch.entries[:1] or late.entries[:1]), late.entries[-1]})
        stretch.to = gap.until
        stretch.figures["late"] += late.number
        stretch.figures["oldest_s"] = max(stretch.figures["oldest_s"], int((gap.until - gap.since).total_seconds()))
        stretch.figures["signed"] = gap.signed
    if stretch is not None:
        yield alert("checkpoint", stretch)


class Gap(NamedTuple):
    """The entries between two checkpoints, or after the newest."""

    first: int
    end: int
    since: datetime
    until: datetime
    signed: bool
    """Whether a checkpoint ends it."""


class Late(NamedTuple):
    """Entries of a gap that should not have been made in it: how many, the first and the last."""

    number: int
    entries: tuple[int, ...]


def _gaps(session: Session, now: datetime) -> Iterator[Gap]:
    """Give what lies between checkpoints; before the first, time counts from the first entry."""
    begins = session.connection().execute(select(ENTRIES.c.at).where(ENTRIES.c.seq == 0)).scalar_one_or_none()
    first, since = 0, begins or now
    while True:
        page = session.connection().execute(
            select(CHECKPOINTS.c.size, CHECKPOINTS.c.at)
            .where(CHECKPOINTS.c.size > first)
            .order_by(CHECKPOINTS.c.size)
            .limit(PAGE)
        )
        rows = page.all()
        for upto, at in rows:
            yield Gap(first, upto, since, at, signed=True)
            first, since = upto, at
        if len(rows) < PAGE:
            yield Gap(first, size(session), since, now, signed=False)
            return


def _made(session: Session, gap: Gap, after: datetime, before: datetime) -> Late | None:
    """Find the entries of a gap that were made after one moment and before another."""
    columns = ENTRIES.c
    made = select(func.count(), func.min(columns.seq), func.max(columns.seq)).where(
        columns.seq >= gap.first, columns.seq < gap.end, columns.at > after, columns.at < before
    )
    number, first, last = session.connection().execute(made).one()
    return Late(number, (first, last)) if number else None
