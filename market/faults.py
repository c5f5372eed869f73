"""What a database or a disk says when it fails, in words: what is wrong, and what to do. Values are never quoted."""

import errno
import sqlite3
from collections.abc import Mapping
from typing import Any

from catalog.errors import CatalogError


class StorageFault(CatalogError):
    """The database or the disk failed; what was not acknowledged was not kept, and what was is still there."""


FREE = "Free some space, then do it again."
DISK = "Look at the disk and its messages (dmesg); restore from a backup if it stays."
RESTORE = "Stop the service, keep the file for whoever looks into it, and restore: sluice restore."
WRITABLE = "Make the disk and the file writable for this account, then do it again."
ALLOW = "Let this account do it, or do it as another."
AGAIN = "Do it again in a moment."
REACH = "Start the server or mend the way to it, then do it again."

SQLITE: Mapping[int, tuple[str, str]] = {
    sqlite3.SQLITE_FULL: ("the disk is full", FREE),
    sqlite3.SQLITE_CORRUPT: ("the file is damaged", RESTORE),
    sqlite3.SQLITE_NOTADB: ("the file is damaged: it is no database any more", RESTORE),
    sqlite3.SQLITE_IOERR: ("the disk did not read or write as it was told", DISK),
    sqlite3.SQLITE_READONLY: ("it cannot be written to", WRITABLE),
    sqlite3.SQLITE_PERM: ("it cannot be written to", WRITABLE),
    sqlite3.SQLITE_CANTOPEN: (
        "it cannot be opened",
        "Look whether it is there, and whether its folder can be written to.",
    ),
    sqlite3.SQLITE_BUSY: ("another process is writing for too long", AGAIN),
    sqlite3.SQLITE_LOCKED: ("another process is writing for too long", AGAIN),
}
"""By the primary result code (https://sqlite.org/rescode.html)."""

NO_TEXT = "Could not decode to UTF-8"
"""What Python says of a text that is none; all that was written was one, and SQLite itself does not look."""

POSTGRESQL: Mapping[str, tuple[str, str]] = {
    "53100": ("its disk is full", FREE),
    "53300": ("it takes no more connections", AGAIN),
    "58030": ("its disk did not read or write as it was told", DISK),
    "25006": ("it can only be read", "Connect to the server that takes writes: SLUICE_DATABASE_URL."),
    "3D000": ("there is no such database", "Make it (createdb), or correct SLUICE_DATABASE_URL."),
    "40001": ("another transaction changed the same at the same moment", AGAIN),
    "40P01": ("another transaction waited for this one in a ring", AGAIN),
    "XX001": ("its data are damaged", "Stop the service, and restore: sluice restore."),
    "XX002": ("an index of it is damaged", "Stop the service, and have the index made again (REINDEX)."),
}
"""By SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html)."""

REFUSED = ("it does not let this account in", "Correct SLUICE_DATABASE_URL, or let the account in.")

DISKS: Mapping[int, tuple[str, str]] = {
    errno.ENOSPC: ("the disk is full", FREE),
    errno.EDQUOT: ("the quota of this account is used up", FREE),
    errno.EFBIG: ("a file may not grow further here", "Raise the limit on the size of files (ulimit -f)."),
    errno.EROFS: ("the disk can only be read", WRITABLE),
    errno.EACCES: ("this account may not do that there", ALLOW),
    errno.EPERM: ("this account may not do that there", ALLOW),
    errno.EIO: ("the disk did not read or write as it was told", DISK),
    errno.EMFILE: ("too many files are open", "Raise the limit on open files (ulimit -n)."),
    errno.ENFILE: ("too many files are open", "Raise the limit on open files of the machine."),
}


def explained(error: BaseException) -> StorageFault | None:
    """Say in words what failed; None where it is no fault of a database or a disk."""
    driver = getattr(error, "orig", None) or error  # SQLAlchemy wraps what its drivers raise
    if isinstance(driver, sqlite3.Error):
        return _of_sqlite(driver)
    if type(driver).__module__.startswith("psycopg"):
        return _of_postgresql(driver, lost=getattr(error, "connection_invalidated", False))
    if isinstance(error, OSError) and error.errno is not None and error.errno in DISKS:
        found, fix = DISKS[error.errno]
        return StorageFault(str(error.filename or "disk"), found, fix=fix)
    return None


def _of_sqlite(error: sqlite3.Error) -> StorageFault | None:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if str(error).startswith(NO_TEXT):
        code = sqlite3.SQLITE_CORRUPT
    known = SQLITE.get(code)
    return None if known is None else StorageFault("database", known[0], fix=known[1])


def _of_postgresql(error: Any, *, lost: bool) -> StorageFault | None:
    state = getattr(error, "sqlstate", None)
    known = POSTGRESQL.get(state or "")
    if known is None and state is not None and state.startswith("28"):
        known = REFUSED
    elif known is None and (lost or _is_gone(error, state)):
        known = (f"it cannot be reached ({str(error).partition(chr(10))[0]})", REACH)
    return None if known is None else StorageFault("database", known[0], fix=known[1])


def _is_gone(error: Any, state: str | None) -> bool:
    """Say whether the server ended or is starting (57P…), the way to it broke (08…), or nobody answered at all."""
    if state is not None:
        return state.startswith(("57P", "08"))
    return type(error).__name__ == "OperationalError"
