"""Small files that are there whole or not at all, and locks that let one process through."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from anonymize.edition import sync_folder
from anonymize.held import hold, remove_abandoned
from catalog.errors import CatalogError

UNFINISHED = ".unfinished"


class Busy(CatalogError):
    """Another process does this already."""


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Give a file that takes the place of whatever *path* held when the block ends well; its owner alone can read it.

    Temporary file → fsync → rename → fsync the folder.
    """
    beside = path.with_name(f".{path.name}.{os.urandom(4).hex()}{UNFINISHED}")
    try:
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "wb") as file:
            hold(handle)
            yield file
            file.flush()
            os.fsync(handle)
        beside.replace(path)
        sync_folder(path.parent)
    finally:
        beside.unlink(missing_ok=True)


def replace(path: Path, content: bytes) -> None:
    """Put *content* in the place of whatever *path* held."""
    with replacing(path) as file:
        file.write(content)


def sweep_unfinished(folder: Path) -> int:
    """Remove what killed processes left of such files in *folder*; gives how many."""
    return sum(remove_abandoned(path) for path in folder.glob(f".*{UNFINISHED}"))


@contextmanager
def only_one(lock: Path, otherwise: str) -> Iterator[None]:
    """Let one process at a time through; the lock goes with its process, whatever ends it.

    Raises:
        Busy: another process is at it.
    """
    handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(lock.stem, otherwise, fix="Wait for it to end.") from None
        yield
    finally:
        os.close(handle)
