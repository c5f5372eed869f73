"""The keys of a home and the custody of its stewards, in one file apart from the backup.

They open what the rest has sealed, sign for the log, and tell subjects apart: whoever finds a backup must not find them
beside it. So they leave only when asked for, into a file that its owner alone can read.
"""

import os
import shutil
import tarfile
from pathlib import Path, PurePath, PurePosixPath
from typing import IO

from catalog.errors import CatalogError
from market.operations.files import replacing

FOLDERS = ("keys", "custody")


class KeyringError(CatalogError):
    """The file of keys cannot be written or read."""


def pack(home: Path, file: Path) -> int:
    """Write keys and custody of *home* to *file*, in the place of what it held; gives how many files they are."""
    count = 0
    with replacing(file) as out, tarfile.open(fileobj=out, mode="w") as archive:
        for folder in FOLDERS:
            for path in sorted((home / folder).rglob("*")):
                if path.is_file() and not path.is_symlink() and not path.name.startswith("."):
                    entry = archive.gettarinfo(path, path.relative_to(home).as_posix())
                    entry.mode, entry.uid, entry.gid, entry.uname, entry.gname = 0o600, 0, 0, "", ""
                    with path.open("rb") as content:
                        archive.addfile(entry, content)
                    count += 1
    return count


def unpack(file: Path, home: Path) -> None:
    """Put what `pack` wrote to *file* into *home*.

    Raises:
        KeyringError: others may read it, or it is no such file.
    """
    mode = file.stat().st_mode & 0o777
    if mode & 0o077:
        raise KeyringError(str(file), f"has mode {mode:o}: others may read it", fix="chmod 600 it.")
    try:
        with tarfile.open(file, mode="r:") as archive:
            for entry in archive:
                path = PurePosixPath(entry.name)
                content = archive.extractfile(entry) if entry.isreg() else None
                if content is None or path.parts[:1] not in [(name,) for name in FOLDERS] or ".." in path.parts:
                    raise KeyringError(str(file), f"holds {entry.name!r}, which is no key", fix="Name another file.")
                with content:
                    _write(home, path, content)
    except tarfile.TarError as error:
        raise KeyringError(str(file), "is no file of keys", fix="Name one that --with-keys wrote.") from error


def copy(old: Path, home: Path) -> None:
    """Put keys and custody of the *old* home into *home*."""
    for folder in FOLDERS:
        for path in sorted((old / folder).rglob("*")):
            if path.is_file() and not path.is_symlink():
                with path.open("rb") as content:
                    _write(home, path.relative_to(old), content)


def _write(home: Path, path: PurePath, content: IO[bytes]) -> None:
    for folder in reversed(path.parents):
        (home / folder).mkdir(mode=0o700, exist_ok=True)
    handle = os.open(home / path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        shutil.copyfileobj(content, file)
        file.flush()
        os.fsync(handle)
