"""Copies of answers, kept for a day: so that the same key is given the same bytes, and long answers can be fetched.

A copy is written beside the answer as it leaves, whole and on the disk before a row speaks of it. One that grows too
large is dropped, and the answer goes on without. Files are readable by the service alone.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from anonymize.edition import sync_folder
from anonymize.held import hold, remove_abandoned
from market.delivery.formats import Sink

SPOOL = "spool"
"""The folder of copies in a home."""

REDELIVERED_BYTES = 16_000_000
"""The largest answer that is kept for a second delivery under its key."""

CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Spool:
    """A folder of copies, named by their runs."""

    folder: Path

    @contextmanager
    def copy(self, most_bytes: int) -> Iterator["Copy"]:
        """Give a copy to be written; unless it is kept, nothing is left of it when the block ends."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        path = self.folder / f"{os.urandom(12).hex()}.partial"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            hold(file.fileno())
            try:
                yield Copy(self, path, file, most_bytes)
            finally:
                path.unlink(missing_ok=True)

    def path(self, run_id: str) -> Path:
        """Where the copy of a run rests, whether or not it does."""
        return self.folder / run_id

    def chunks(self, run_id: str) -> Iterator[bytes]:
        """Read a copy."""
        with self.path(run_id).open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                yield chunk

    def remove(self, run_id: str) -> None:
        """Remove a copy; removing what is gone is no fault."""
        self.path(run_id).unlink(missing_ok=True)

    def sweep(self, known: set[str], *, before_s: float) -> int:
        """Remove copies of no *known* run last written before a moment, and what dead writers left; gives how many."""
        removed = 0
        for path in self.folder.glob("*"):
            if path.suffix == ".partial":
                removed += remove_abandoned(path)
            elif path.name not in known and path.stat().st_mtime < before_s:
                path.unlink(missing_ok=True)
                removed += 1
        return removed


@dataclass(slots=True)
class Copy:
    """A copy being written."""

    spool: Spool
    path: Path
    file: IO[bytes]
    left_bytes: int

    @property
    def whole(self) -> bool:
        """Say whether all of the answer is in it so far."""
        return self.left_bytes >= 0

    def write(self, data: memoryview) -> None:
        """Take a part of the answer, unless it has grown too large."""
        self.left_bytes -= data.nbytes
        if self.whole:
            self.file.write(data)
        elif self.path.exists():
            self.path.unlink()

    def keep(self, run_id: str) -> None:
        """Let the copy rest under its run."""
        self.file.flush()
        os.fsync(self.file.fileno())
        self.path.rename(self.spool.path(run_id))
        sync_folder(self.spool.folder)


@dataclass(slots=True)
class Tee:
    """A sink that passes bytes on and copies them."""

    sink: Sink
    copy: Copy

    def write(self, data: memoryview) -> int:
        """Pass *data* on, then copy it."""
        self.sink.write(data)
        self.copy.write(data)
        return data.nbytes

    def flush(self) -> None:
        """Pass it on."""
        self.sink.flush()
