"""Disks of a test's own: small ones that fill up, and ones that turn read-only. No root is needed.

A process of its own lives in a mount namespace that nobody else sees, and mounts there what it likes. Where the tests
run as an ordinary user it is in a user namespace as well; where the kernel gives neither, such a test is skipped.
"""

import ctypes
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

MS_RDONLY, MS_REMOUNT = 1, 32
_LIBC = ctypes.CDLL(None, use_errno=True)


@cache
def apart() -> tuple[str, ...] | None:
    """Give the words that begin a process which may mount; None where none may."""
    tried = (
        ("unshare", "--mount")
        if os.geteuid() == 0
        else (
            "unshare",
            "--user",
            "--map-current-user",
            "--keep-caps",
            "--mount",
        )
    )
    if shutil.which("unshare") is None:
        return None
    program = "import tempfile; from tests.faults.disks import mount; mount(tempfile.mkdtemp(), 1)"
    done = subprocess.run([*tried, sys.executable, "-c", program], capture_output=True, check=False)
    return tried if done.returncode == 0 else None


def mount(folder: Path | str, megabytes: int) -> None:
    """Put an empty disk of this size at *folder*."""
    _mount("tmpfs", folder, 0, f"size={megabytes}m")


def turn(folder: Path | str, *, read_only: bool) -> None:
    """Let the disk at *folder* be read only, or be written to again."""
    _mount("tmpfs", folder, MS_REMOUNT | (MS_RDONLY if read_only else 0), "")


def fill(folder: Path, *, but: int) -> None:
    """Fill the disk at *folder* with ballast, all but so many bytes."""
    ballast, free = folder / "ballast", shutil.disk_usage(folder).free
    with ballast.open("ab") as file:
        while free > but:
            size = min(free - but, 1 << 20)
            os.posix_fallocate(file.fileno(), file.tell(), size)
            file.seek(0, os.SEEK_END)
            free = shutil.disk_usage(folder).free
            if size < 4096:
                break


def empty(folder: Path) -> None:
    """Take the ballast away."""
    (folder / "ballast").unlink(missing_ok=True)


def _mount(kind: str, folder: Path | str, flags: int, words: str) -> None:
    if _LIBC.mount(b"none", str(folder).encode(), kind.encode(), flags, words.encode()) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(folder))
