"""What nobody needs any more: leftovers of killed processes, blobs without a row, the bytes of what is withdrawn."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from anonymize.held import sweep_work_folders
from catalog import classes, raw_sources, withdrawal
from catalog.ids import MemberId
from market.delivery.partial import sweep_outputs
from market.home import Home
from market.licensing.unused import collect_unused
from market.operations import clock
from market.operations.files import sweep_unfinished


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep removed."""

    removed: int
    """Leftovers, and blobs without a row."""
    erased: list[str]
    """Withdrawn releases whose bytes went."""
    collected: list[str]
    """Cuts that nobody uses, whose bytes go."""
    steady: bool
    """False: the clock jumped, so the age of blobs says nothing for an hour, and they were left."""


def sweep(home: Home, *, at: datetime, older_than: timedelta = withdrawal.GRACE) -> Swept:
    """Remove all that nobody needs any more; blobs without a row only when they are *older_than* that."""
    removed = remove_leftovers(home)
    erased = erase_withdrawn(home, at=at)
    with home.database.writing() as session:
        collected = collect_unused(session, at=at)
    steady = clock.is_steady(home.settings.home / "run" / "clock.json", at, clock.reading())
    with home.database.writing() as session:
        if steady or not older_than:
            removed += withdrawal.sweep(session, home.store, at=at, older_than=older_than)
        vault = raw_sources.Vault.of(home.settings.home)
        sources, uploads = raw_sources.sweep(session, vault, at=at)
    return Swept(removed + len(sources) + uploads, erased, collected, steady)


def remove_leftovers(home: Home) -> int:
    """Remove what killed processes left: marks, temporary files, unfinished outputs; gives how many.

    Their work folders, which are outside of the home, go as well and are not counted.
    """
    sweep_work_folders()
    root = home.settings.home
    unfinished = sum(sweep_unfinished(folder) for folder in (root, root / "run"))
    return home.forget_dead() + sweep_outputs(root / "run") + home.store.sweep_temporaries() + unfinished


def erase_withdrawn(home: Home, *, at: datetime, by: MemberId | None = None) -> list[str]:
    """Erase what waits for it, in steps that may each be the last before a crash: count, keep the classes, erase."""
    with home.database.reading() as session:
        counted = classes.count(session, home.store)
    with home.database.writing() as session:
        classes.keep(session, home.store, counted, by=by, at=at)
    with home.database.writing() as session:
        return withdrawal.erase_withdrawn(session, home.store, by=by, at=at, unreadable=counted.unreadable)
