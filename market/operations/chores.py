"""What must be done again and again in a home, and how often. Each may be killed at any moment, and done again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from catalog import tombstones
from catalog.ids import OPERATOR
from market.audit import checkpoint, tally, witnessing
from market.delivery.spool import SPOOL, Spool
from market.home import Home
from market.operations import garbage
from market.parties.models import Role
from market.query import jobs, kept, sweeping
from market.recall.escalation import escalate
from market.recall.viewers import Viewer


@dataclass(frozen=True, slots=True)
class Chore:
    """Something to be done again and again; it gives words for what it did, or none where there was nothing to do."""

    name: str
    every: timedelta
    do: Callable[[Home, datetime], str | None]


def _runs(home: Home, at: datetime) -> str | None:
    """Finish what processes left open, and resolve what is pending past its time."""
    swept = sweeping.sweep(home.database, is_alive=home.is_alive, at=at)
    counts = {"runs": swept.runs, "voided": swept.voided, "posted": swept.posted, "keys": swept.keys}
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count) or None


def _refusals(home: Home, at: datetime) -> str | None:
    """Make entries of refusals that were counted."""
    with home.database.writing() as session:
        told = tally.flush(session, at)
    return f"{told} entries" if told else None


def _checkpoint(home: Home, at: datetime) -> str | None:
    """Sign the log when that is due and no transaction did."""
    with home.database.writing() as session:
        taken = checkpoint.take_due(session, home.notary, at)
    return None if taken is None else f"{taken.size} entries"


def _witnesses(home: Home, at: datetime) -> str | None:
    """Have the newest checkpoint cosigned."""
    return ", ".join(f"{asked.witness} {asked.outcome}" for asked in witnessing.ask_all(home.database, at=at)) or None


def _tombstones(home: Home, at: datetime) -> str | None:
    """Complete the file of tombstones, should a withdrawal have been killed before it was written."""
    with home.database.reading() as session:
        added = tombstones.keep(session, home.settings.home / tombstones.NAME)
    return f"{added} added" if added else None


def _sweep(home: Home, at: datetime) -> str | None:
    """Remove leftovers and blobs without a row, and erase the bytes of what is withdrawn."""
    swept = garbage.sweep(home, at=at)
    told = [f"{swept.removed} removed"] if swept.removed else []
    told += [f"{len(swept.erased)} releases erased"] if swept.erased else []
    told += [f"{len(swept.collected)} cuts collected"] if swept.collected else []
    told += [] if swept.steady else ["the clock jumped, so blobs wait for an hour"]
    return ", ".join(told) or None


def _answers(home: Home, at: datetime) -> str | None:
    """Remove copies of answers whose time is over, or whose agreement or release has ended, and old jobs."""
    with home.database.reading() as session:
        ended = kept.ended(session, at=at)
    with home.database.writing() as session:
        removed = kept.remove(session, Spool(home.settings.home / SPOOL), ended, at=at) + jobs.forget(session, at=at)
    return f"{removed} removed" if removed else None


def _escalations(home: Home, at: datetime) -> str | None:
    """Bring overdue notices one level up."""
    with home.database.writing() as session:
        made = escalate(session, by=Viewer(OPERATOR, Role.ADMINISTRATOR, None), at=at)
    return f"{len(made)} notices" if made else None


CHORES: Sequence[Chore] = (
    Chore("runs", timedelta(seconds=30), _runs),
    Chore("refusals", timedelta(seconds=30), _refusals),
    Chore("checkpoint", timedelta(seconds=10), _checkpoint),
    Chore("witnesses", timedelta(minutes=1), _witnesses),
    Chore("tombstones", timedelta(minutes=5), _tombstones),
    Chore("sweep", timedelta(minutes=10), _sweep),
    Chore("answers", timedelta(minutes=1), _answers),
    Chore("escalations", timedelta(hours=1), _escalations),
)
