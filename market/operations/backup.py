"""Copy a home while it runs: checkpoint → database → blobs → manifest. Until the manifest has its name, nothing counts.

The folder of an earlier backup is brought up to date: blobs never change, so only new ones are copied. Until then it is
the earlier backup, and what that does not need any more goes last.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlmodel import Session

from anonymize.edition import sync_folder
from anonymize.held import held_folder, remove_abandoned
from catalog.errors import DamagedBlob, NotFound
from catalog.events import Event, note
from catalog.holdings import Holding, due
from catalog.ids import OPERATOR, new_id
from catalog.store import BlobStore
from market.audit import checkpoint, log
from market.db import make_reader
from market.home import Home, newest_revision
from market.operations import portable
from market.operations.files import only_one, sweep_unfinished
from market.operations.manifest import NAME, BackupError, Manifest, Part

MAKING, DATABASE, LOCK, SQLITE = ".making-", "database-", "lock", "sluice.db"
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Made:
    """A backup, and what of it is new."""

    manifest: Manifest
    copied: int
    copied_bytes: int


def backup(
    home: Home,
    target: Path,
    *,
    at: datetime,
    as_portable: bool = False,
    recheck: bool = False,
    progress: Progress = lambda told: None,
) -> Made:
    """Make or renew the backup of *home* in the folder *target*; on PostgreSQL always in the portable form.

    Blobs that are there already are trusted, or hashed again where *recheck* says so.

    Raises:
        BackupError: *target* is something else, or the database is damaged.
        Busy: another backup is made there at this moment.
    """
    _check_place(home, target)
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    with only_one(target / LOCK, "another backup is made in this folder"):
        signed = _checkpoint(home, at)
        for left in target.glob(f"{MAKING}*"):
            remove_abandoned(left)
        sweep_unfinished(target)
        with held_folder(target, MAKING) as making:
            progress("the database")
            with _snapshot(home, making) as session:
                connection = session.connection()
                whole = connection.dialect.name == "sqlite" and not as_portable
                folder = making / "database"
                folder.mkdir(mode=0o700)
                if whole:
                    (making / SQLITE).rename(folder / SQLITE)
                tables = [] if whole else portable.dump(connection, folder)
                size, counts = log.size(session), portable.count(connection)
                expected = due(session, waiting=True)
            blobs, absent, copied = _copy_blobs(home, target, expected, recheck=recheck, progress=progress)
            _settle(folder)
            manifest = Manifest(
                made_at=at.isoformat(),
                revision=newest_revision(),
                origin=home.origin,
                note=signed,
                log_size=size,
                form="sqlite" if whole else "portable",
                folder=f"{DATABASE}{new_id(at)}",
                files={path.name: Part.of(path) for path in sorted(folder.iterdir())},
                tables=tables,
                counts=counts,
                blobs=blobs,
                absent=absent,
            )
            folder.rename(manifest.database(target))
            sync_folder(target)
        manifest.write(target, home.log_key)
        _tidy(target, manifest)
    return Made(manifest, len(copied), sum(blobs[sha256] for sha256 in copied))


def _check_place(home: Home, target: Path) -> None:
    place, root = target.absolute(), home.settings.home
    if place.is_relative_to(root) or root.is_relative_to(place):
        raise BackupError(str(target), "is in the home, or around it", fix="Name a folder on another disk.")
    if not target.exists():
        return
    ours = (NAME, LOCK, "blobs", DATABASE, MAKING, f".{NAME}")
    others = [path.name for path in target.iterdir() if not path.name.startswith(ours)]
    if others:
        raise BackupError(str(target), f"holds {others[0]!r}, which is no backup's", fix="Name an empty folder.")


def _checkpoint(home: Home, at: datetime) -> str:
    """Say in the log that its home is copied, and sign it; gives the note."""
    with home.database.writing() as session:
        note(session, Event(action="home:backed-up", subject="home", by=OPERATOR, at=at))
    with home.database.writing() as session:
        return checkpoint.take(session, home.notary.signer(session), origin=home.origin, at=at).note


@contextmanager
def _snapshot(home: Home, making: Path) -> Iterator[Session]:
    """Open one moment of the database: PostgreSQL's own snapshot, or a copy of SQLite's file, in *making*."""
    if home.database.writer.dialect.name != "sqlite":
        with home.database.reading() as session:
            yield session
        return
    copy = making / SQLITE
    os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    source, target = sqlite3.connect(str(home.database.writer.url.database)), sqlite3.connect(copy)
    try:
        source.execute("PRAGMA query_only=ON")
        source.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")  # the copy is one file, with no log beside it
        (found,) = target.execute("PRAGMA integrity_check(1)").fetchone()
    finally:
        source.close()
        target.close()
    if found != "ok":
        raise BackupError("database", "is damaged", fix="Restore an earlier backup; this one was not made.")
    engine = make_reader(f"sqlite:///{copy}")
    try:
        with Session(engine) as session:
            yield session
    finally:
        engine.dispose()


def _copy_blobs(
    home: Home, target: Path, expected: Mapping[str, Sequence[Holding]], *, recheck: bool, progress: Progress
) -> tuple[dict[str, int], dict[str, str], list[str]]:
    """Copy what the backup lacks; gives the size of each blob, what is absent and why, and which were copied."""
    store = BlobStore(target / "blobs")
    store.sweep_temporaries()
    blobs, absent, copied = {}, {}, []
    for number, (sha256, holdings) in enumerate(expected.items(), 1):
        try:
            if not _is_there(store, sha256, recheck=recheck):
                store.take(sha256, home.store.open_path(sha256))
                copied.append(sha256)
            blobs[sha256] = store.path(sha256).stat().st_size
        except (NotFound, DamagedBlob):
            absent[sha256] = holdings[0].place
        if number % 1000 == 0:
            progress(f"{number:,} of {len(expected):,} blobs")
    if absent:
        with home.database.reading() as session:
            still = due(session)
        absent = {sha256: place for sha256, place in absent.items() if sha256 in still}
    return blobs, absent, copied


def _is_there(store: BlobStore, sha256: str, *, recheck: bool) -> bool:
    if not recheck:
        return store.path(sha256).is_file()
    try:
        store.check(sha256)
    except (NotFound, DamagedBlob):
        return False
    return True


def _settle(folder: Path) -> None:
    for path in folder.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
    sync_folder(folder)


def _tidy(target: Path, manifest: Manifest) -> None:
    """Remove what the backup does not need any more: earlier databases, and blobs that were erased in the home."""
    for path in target.glob(f"{DATABASE}*"):
        if path.name != manifest.folder:
            remove_abandoned(path)
    store = BlobStore(target / "blobs")
    store.erase(*(sha256 for sha256 in store.all() if sha256 not in manifest.blobs))
