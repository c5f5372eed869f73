"""The sweep of the market: what processes left open is finished, and what is past its time is resolved.

One order, so that nothing is resolved twice. First the runs, each with all that is pending for it: those of processes
that no longer live, and those past their reservation. Then the ledger's own sweep, which spares what still waits. A
paid run whose process lives is left to it, however long it streams: its rows are counted when they have left.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from market.db import Database
from market.ledger import sweeping
from market.query import runs


@dataclass(frozen=True, slots=True)
class Swept:
    """How much a sweep resolved."""

    runs: int
    voided: int
    """Transfers past their time, but for those of runs."""
    posted: int
    """Privacy budget past its time, posted in full."""
    keys: int
    """Idempotency keys that were forgotten."""


def sweep(database: Database, *, is_alive: Callable[[str], bool], at: datetime) -> Swept:
    """Finish what is past its time at the moment *at*; *is_alive* says whether the process of an epoch still runs."""
    recovered = recover(database, is_alive=is_alive, at=at)
    swept = sweeping.sweep(database, at=at, spared=runs.WAITING)
    return Swept(recovered, swept.voided, swept.posted, swept.keys)


def recover(database: Database, *, is_alive: Callable[[str], bool], at: datetime) -> int:
    """Finish the runs that nobody will finish any more; gives how many. Takes a writer's turn only where some wait."""
    with database.reading() as session:
        if not runs.unfinished(session):
            return 0
    with database.writing() as session:
        return runs.recover(session, is_alive=is_alive, at=at)
