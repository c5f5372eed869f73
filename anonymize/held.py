"""Files and folders in the making, locked for as long as whoever makes them lives.

A process number says little: it is used again, and those of another container are not seen from here. A lock goes with
its process, whatever ends it, so what is found unlocked was abandoned.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

WORK = "sluice-work-"
"""How the names of temporary folders begin, which hold nothing but encrypted spill."""


def hold(handle: int) -> bool:
    """Lock the open file or folder *handle*; False where a sweep took it before it was locked: make another."""
    fcntl.flock(handle, fcntl.LOCK_EX)
    return os.fstat(handle).st_nlink > 0


@contextmanager
def held_folder(parent: Path, prefix: str) -> Iterator[Path]:
    """Give an empty folder for its owner alone; it goes when the block ends, or with a sweep where that never was."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        try:
            handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        if hold(handle):
            break
        os.close(handle)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(handle)


@contextmanager
def work_folder(kind: str) -> Iterator[Path]:
    """Give a folder in the system's place for temporary files, to spill into."""
    with held_folder(Path(tempfile.gettempdir()), f"{WORK}{kind}-") as folder:
        yield folder


def remove_abandoned(path: Path) -> bool:
    """Remove a file or folder that nobody holds; says whether it did. A symbolic link is left alone."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:  # gone meanwhile, a link, or somebody else's
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(handle).st_nlink == 0:
            return False
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    except BlockingIOError:
        return False  # its maker lives
    finally:
        os.close(handle)
    return not path.exists()


def sweep_work_folders() -> int:
    """Remove the temporary folders of this account whose makers were killed; gives how many."""
    return sum(_ours(path) and remove_abandoned(path) for path in Path(tempfile.gettempdir()).glob(f"{WORK}*"))


def _ours(path: Path) -> bool:
    try:
        return path.lstat().st_uid == os.geteuid()
    except FileNotFoundError:
        return False
