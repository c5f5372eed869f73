"""The tombstones once more, outside of the database: one line of JSON per withdrawn release, added and never changed.

A backup is older than some withdrawals. Whoever restores it reads this file first, so that what was withdrawn stays so.
"""

import fcntl
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

from sqlmodel import Session, select

from anonymize.edition import sync_folder
from catalog.events import Event, note
from catalog.ids import OPERATOR
from catalog.lifecycle import State
from catalog.models import Release, Tombstone
from catalog.releases import locked
from catalog.search.index import index_dataset
from policies.canonical import plain

NAME = "tombstones"


@dataclass(frozen=True, slots=True)
class Stone:
    """What the file keeps of one withdrawal."""

    release_id: str
    reason: str
    withdrawn_by: str
    withdrawn_at: str
    evidence_hash: str
    legal_hold: str | None

    @classmethod
    def of(cls, row: Tombstone) -> Self:
        """Take it from its row."""
        return cls(**{name: plain(getattr(row, name)) for name in cls.__slots__})

    @classmethod
    def read(cls, line: str) -> Self | None:
        """Read a line; None where it is none, as after a crash in the middle of it."""
        try:
            stone = cls(**json.loads(line))
            datetime.fromisoformat(stone.withdrawn_at)
        except (ValueError, TypeError):
            return None
        return stone


def read(file: Path) -> dict[str, Stone]:
    """Give, by release, what *file* keeps; nothing where there is none."""
    if not file.exists():
        return {}
    stones = (Stone.read(line) for line in file.read_text("utf-8", errors="replace").splitlines())
    return {stone.release_id: stone for stone in stones if stone is not None}


def keep(session: Session, file: Path) -> int:
    """Add every tombstone of the database that *file* lacks, and wait for the disk; gives how many there were."""
    return add(file, map(Stone.of, session.exec(select(Tombstone).order_by(Tombstone.release_id))))


def add(file: Path, stones: Iterable[Stone]) -> int:
    """Add those of *stones* that *file* lacks, and wait for the disk; gives how many there were."""
    handle = os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "r+b") as lines:
        fcntl.flock(lines, fcntl.LOCK_EX)
        known = read(file)
        new = [stone for stone in stones if stone.release_id not in known]
        if new:
            size = os.fstat(handle).st_size
            torn = size > 0 and os.pread(handle, 1, size - 1) != b"\n"
            text = "".join(f"{json.dumps(asdict(stone), ensure_ascii=False)}\n" for stone in new)
            lines.write(("\n" if torn else "").encode() + text.encode())
            lines.flush()
            os.fsync(handle)
            sync_folder(file.parent)
    return len(new)


def replay(session: Session, stones: Iterable[Stone], *, at: datetime) -> list[str]:
    """Withdraw again what was withdrawn before, whatever its state is here; gives the releases that were not yet.

    One that this database knows with other evidence, or not at all, is another's: it is left alone.
    """
    replayed = []
    for stone in stones:
        release = session.get(Release, stone.release_id)
        if release is None or release.state == State.WITHDRAWN or release.evidence_hash != stone.evidence_hash:
            continue
        release = locked(session, stone.release_id)
        release.state = State.WITHDRAWN
        row = Tombstone(**{**asdict(stone), "withdrawn_at": datetime.fromisoformat(stone.withdrawn_at)})
        session.add(row)
        details = {"evidence": row.evidence_hash, "held": row.legal_hold is not None, "replayed": row.withdrawn_at}
        words = {name: text for name in ("reason", "legal_hold") if (text := getattr(row, name)) is not None}
        event = Event(
            action="release:withdrawn", subject=release.id, by=OPERATOR, at=at, details=details, personal=words
        )
        note(session, event)
        index_dataset(session, release.dataset_id)
        replayed.append(release.id)
    return replayed
