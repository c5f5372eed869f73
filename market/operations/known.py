"""How far the log is known to have come, by whoever remembers it: the home that is replaced, notes, witnesses.

A backup that ends before that would make the log forget. It may only be restored by naming how many entries are lost.
"""

import hashlib
import urllib.request
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, select

from catalog.models import Tombstone
from catalog.tombstones import Stone
from market.audit import checkpoint, log, notes, reached
from market.audit.notes import Checkpoint
from market.db import Database
from market.operations.manifest import BackupError

PATIENCE_S = 10
MOST_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody remembers a log of this size, and perhaps its root."""

    by: str
    size: int
    root: bytes | None = None


def check_loss(known: Sequence[Known], log_size: int, accepted: int | None) -> int:
    """Insist that a log of *log_size* forgets nothing that is *known*, or just as many entries as was *accepted*.

    Raises:
        BackupError: it would forget others.
    """
    most = max(known, key=lambda one: one.size, default=None)
    lost = 0 if most is None else max(0, most.size - log_size)
    if lost != (accepted or 0):
        found = f"ends at entry {log_size}" + (f"; {most.by} knows {most.size}: {lost} would be lost" if most else "")
        fix = "Take a newer backup; or name what is lost: --accept-loss-of-entries"
        raise BackupError("backup", found, fix=f"{fix} {lost}." if lost else "Leave out --accept-loss-of-entries.")
    return lost


def check_roots(session: Session, known: Sequence[Known]) -> None:
    """Insist that the log has every root that is known of it.

    Raises:
        BackupError: it is another history.
    """
    size = log.size(session)
    for one in known:
        if one.root is not None and one.size <= size and log.root(session, one.size) != one.root:
            found = f"tells another history than {one.by} remembers: the root at entry {one.size} differs"
            raise BackupError("backup", found, fix="Ask who made it; do not serve it.")


def of_home(old: Path, origin: str, keys: Collection[str]) -> Iterator[Known]:
    """Ask the home that is replaced, as far as it can still be read: how far it had come, and its newest checkpoint.

    Raises:
        BackupError: it is the home of another log.
    """
    size = reached.read(old)
    if size is not None:
        yield Known(f"the home {old}", size)
    newest = None
    with suppress(DBAPIError), _database_of(old) as session:
        yield Known(f"the database of {old}", log.size(session))
        newest = checkpoint.newest(session)
    if newest is not None:
        yield of_note(newest.note, origin, keys, f"the database of {old}")


def stones_of(old: Path) -> dict[str, Stone]:
    """Read what was withdrawn from the database of the home that is replaced, as far as that can still be read."""
    with suppress(DBAPIError), _database_of(old) as session:
        return {row.release_id: Stone.of(row) for row in session.exec(select(Tombstone))}
    return {}


@contextmanager
def _database_of(old: Path) -> Iterator[Session]:
    """Open the SQLite file of a home; what a PostgreSQL held is not asked for, it is replaced as well."""
    database = Database(f"sqlite:///file:{quote(str(old / 'sluice.db'))}?mode=ro&uri=true", None)
    try:
        with database.reading() as session:
            yield session
    finally:
        database.close()


def of_note(note: str, origin: str, keys: Collection[str], by: str) -> Known:
    """Read a checkpoint that somebody kept.

    Raises:
        BackupError: it is none of this log's.
    """
    try:
        stated: Checkpoint = notes.read(note, *keys)
        if stated.origin != origin:
            raise ValueError("it is of another log")
    except ValueError as error:
        raise BackupError(by, f"is no checkpoint of this log ({error})", fix="Name a note of this log.") from error
    return Known(by, stated.size, stated.root)


def of_witness(url: str, origin: str, keys: Collection[str]) -> Known | None:
    """Ask a witness for the newest checkpoint that it has seen; None where it has seen none.

    Raises:
        BackupError: it does not answer.
    """
    address = f"{url.rstrip('/')}/{hashlib.sha256(origin.encode()).hexdigest()}/checkpoint"
    if not address.startswith(("http://", "https://")):
        raise BackupError(url, "is no address of a witness", fix="Give one such as http://127.0.0.1:8050.")
    try:
        with urllib.request.urlopen(address, timeout=PATIENCE_S) as answer:  # noqa: S310  # checked above
            note = answer.read(MOST_BYTES).decode()
    except (OSError, ValueError) as error:
        if getattr(error, "code", None) == 404:
            return None
        raise BackupError(url, f"does not answer ({error})", fix="Ask another witness, or leave it out.") from error
    return of_note(note, origin, keys, f"the witness {url}")
