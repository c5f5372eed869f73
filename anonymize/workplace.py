"""A temporary folder beside the target, so that a finished build appears by one rename or not at all.

It is named `.<target>.building-…` and locked while its builder lives. What a killed builder left is unlocked, and
is removed by the next build to the same place.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from anonymize.edition import sync_folder
from anonymize.errors import AnonymizeError

Progress = Callable[[str], None]
"""Told what is being done, without values of cells."""


class TargetError(AnonymizeError):
    """The place a build is to appear at cannot be used."""


@contextmanager
def workplace(target: Path, *, mode: int = 0o755) -> Iterator[Path]:
    """Give an empty folder; when the block ends well, rename it to *target*; on any exception remove it.

    It is closed to others until then. An edition is open to them, *mode* says: it holds nothing its readers may not
    see, and access is the folder above.

    Raises:
        TargetError: *target* is there already, or its parent is not.
    """
    _refuse_existing(target)
    if not target.parent.is_dir():
        raise TargetError(str(target), "its folder does not exist", fix="Make the parent folder first.")
    _remove_abandoned(target)
    folder = Path(tempfile.mkdtemp(prefix=f".{target.name}.building-", dir=target.parent))
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield folder
        folder.chmod(mode)
        for inner, _, _ in os.walk(folder):
            sync_folder(Path(inner))
        _refuse_existing(target)
        folder.rename(target)
        sync_folder(target.parent)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    finally:
        os.close(handle)


def _refuse_existing(target: Path) -> None:
    if target.exists() or target.is_symlink():
        raise TargetError(
            str(target), "is there already", fix="Name a folder that does not exist: editions never change."
        )


def _remove_abandoned(target: Path) -> None:
    for left in target.parent.glob(f".{_literal(target.name)}.building-*"):
        try:
            handle = os.open(left, os.O_RDONLY | os.O_DIRECTORY)
        except OSError:
            continue
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(left, ignore_errors=True)
        except BlockingIOError:
            continue  # its builder lives
        finally:
            os.close(handle)


def _literal(name: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)
