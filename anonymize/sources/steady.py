"""A file that is hashed while it is read, and must not change meanwhile.

The moment a file's inode last changed cannot be set back by its writer, so that it, the size and the inode tell
whether a byte may have changed; a second look at the bytes is not needed.
"""

import hashlib
import io
import os
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from anonymize import vault
from anonymize.errors import SourceError

TICK_S = 0.02
"""Longer than the steps of a file system's clock."""


class Steady:
    """One file of a source. *name* is how errors call it."""

    def __init__(self, path: Path, name: str, key: bytes | None = None) -> None:
        self.name = name
        self.raw = vault.opened(path, key) if key is not None else opened(path, name)
        self._path = path
        self._before = os.fstat(self.raw.fileno())
        if abs(time.time() - self._before.st_ctime) < TICK_S:
            time.sleep(TICK_S)  # a change within the same tick of the clock could not be told
        self.size = self.raw.seek(0, os.SEEK_END)
        self.raw.seek(0)
        self.done = self._at = 0
        self._hash = hashlib.sha256()
        self._hasher = ThreadPoolExecutor(1)
        self._pending: Future[None] | None = None

    def read(self, size: int = -1) -> bytes:
        """Read on; what is read for the first time is hashed beside."""
        chunk = self.raw.read(size)
        if self._pending is not None:
            self._pending.result()
        self._at += len(chunk)
        if self._at > self.done:
            self._pending = self._hasher.submit(self._hash.update, memoryview(chunk)[self.done - self._at :])
            self.done = self._at
        return chunk

    def rewind(self) -> None:
        """Go back to the start."""
        self.raw.seek(0)
        self._at = 0

    def settle(self) -> str:
        """Read what is left, and give the hash of all bytes.

        Raises:
            SourceError: the file is not as it was when it was opened.
        """
        self._at = self.raw.seek(self.done)
        while self.read(1 << 20):
            pass
        if self._pending is not None:
            self._pending.result()
        try:
            after = (os.fstat(self.raw.fileno()), self._path.stat())
            same = all(_identity(stat) == _identity(self._before) for stat in after) and self.done == self.size
        except OSError:
            same = False
        if not same:
            fix = "Copy it aside when its writer is done, and read the copy."
            raise SourceError(self.name, "changed while it was read", fix=fix)
        return self._hash.hexdigest()

    def close(self) -> None:
        """Let go of the file."""
        self._hasher.shutdown()
        self.raw.close()


def opened(path: Path, name: str) -> io.BufferedReader:
    """Open the file at *path*.

    Raises:
        SourceError: there is no such file, or it is none, or it cannot be read.
    """
    try:
        if not path.is_file() and path.exists():
            raise SourceError(name, "is no file", fix="Name a file, or a folder of files.")
        return path.open("rb")
    except FileNotFoundError:
        raise SourceError(name, "there is no such file", fix="Check the path.") from None
    except OSError as error:
        found = f"cannot be opened ({error.strerror})"
        raise SourceError(name, found, fix="Give this account the right to read it.") from None


def listed(path: Path, name: str) -> list[tuple[Path, str]]:
    """List the files of a source in order, each with the name errors call it by: one, or those of a folder.

    Raises:
        SourceError: the folder is empty, holds a folder, or cannot be read.
    """
    if not path.is_dir():
        return [(path, name)]
    try:
        found = sorted(entry for entry in path.iterdir() if not entry.name.startswith("."))
    except OSError as error:
        fix = "Give this account the right to read it."
        raise SourceError(name, f"cannot be opened ({error.strerror})", fix=fix) from None
    if not found:
        raise SourceError(name, "is an empty folder", fix="Put the files of the source there.")
    for entry in found:
        if entry.is_dir():
            fix = "Put all files of the source into one folder."
            raise SourceError(f"{name}/{entry.name}", "is a folder within the folder", fix=fix)
    return [(entry, f"{name}/{entry.name}") for entry in found]


def together(hashes: list[str], *, folder: bool) -> str:
    """Give the hash of a source of many files: of their hashes in order, whatever the files are called."""
    return hashlib.sha256("\n".join(sorted(hashes)).encode()).hexdigest() if folder else hashes[0]


def sha256_of(path: Path) -> str:
    """Give the SHA-256 of the file's bytes in hexadecimal; of a folder, of the sorted hashes of its files.

    Raises:
        SourceError: there is no such file, or it cannot be read.
    """
    hashes = []
    for each, name in listed(path, str(path)):
        with opened(each, name) as file:
            hashes.append(hashlib.file_digest(file, "sha256").hexdigest())
    return together(hashes, folder=path.is_dir())


def _identity(stat: os.stat_result) -> tuple[int, ...]:
    return stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns
