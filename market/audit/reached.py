"""How many entries the log has ever had, in a file beside the database.

A database that was torn, or put back to what it was before, has fewer: no process adds to it, for others would take
the place of the lost entries. The file is written after each commit and not waited for, so it never says too much.
"""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

from catalog.errors import CatalogError

NAME = "reached"
DIGITS = 20


class EntriesLost(CatalogError):
    """The log is shorter than it has been."""

    def __init__(self, home: Path, size: int, known: int) -> None:
        fix = f"Restore a backup (sluice restore); or, to accept that they are lost, remove {home / NAME}."
        super().__init__("log", f"has {size} entries, and has had {known}: the database lost some", fix=fix)


def read(home: Path) -> int | None:
    """Give the most entries that the log of *home* has had, as far as is known."""
    try:
        return int((home / NAME).read_text("ascii"))
    except (OSError, ValueError):
        return None


def note(home: Path, size: int) -> None:
    """Note that the log of *home* has *size* entries."""
    handle = os.open(home / NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        known = os.pread(handle, DIGITS, 0)
        if not known.isdigit() or int(known) < size:
            os.pwrite(handle, f"{size:0{DIGITS}}".encode("ascii"), 0)
    finally:
        os.close(handle)


def check(home: Path, size: Callable[[], int]) -> None:
    """Insist that a log, whose size is asked for after the file, lacks no entry that it has had.

    Raises:
        EntriesLost: it does.
    """
    known = read(home)
    if known is not None and (found := size()) < known:
        raise EntriesLost(home, found, known)
