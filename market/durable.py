"""Wait until what was committed to SQLite is on the disk, without making others wait as well.

SQLite waits for the disk in the commit itself, while nobody else may write. Here it only writes its log there, and who
committed makes the system flush that log when the next writer is at work already: one flush serves all who committed
before it (group commit; DeWitt and others 1984). The log is one file that only grows between checkpoints, so what a
flush keeps is always all that was committed up to some moment, and nothing after it.
"""

import os
from pathlib import Path

from sqlalchemy import make_url


def wal_of(url: str) -> Path | None:
    """Name the write-ahead log of the SQLite database at *url*; none for another, or one opened by a URI."""
    at = make_url(url)
    if at.get_backend_name() != "sqlite" or not at.database or at.database.startswith((":", "file:")):
        return None
    return Path(f"{at.database}-wal")


def flush(wal: Path) -> None:
    """Return when all that was written to *wal* before is on the disk.

    A log that is not there was moved into the database, which flushes both. SQLite locks other files than this one, so
    opening and closing it loses no lock.

    Raises:
        OSError: the disk failed, and what was committed may be lost; nothing may be said of it.
    """
    try:
        handle = os.open(wal, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        os.fdatasync(handle)
    finally:
        os.close(handle)
