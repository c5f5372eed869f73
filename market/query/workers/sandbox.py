"""Entering the sandbox: what a worker does to itself, in one thread, before its first `duckdb.connect()`.

Order matters. Landlock and seccomp bind the calling thread and those it starts later, and DuckDB starts threads when
it connects; a sandbox entered afterwards is one the engine's threads walk around.
"""

import os
import resource
from collections.abc import Sequence
from typing import Final

from market.query.workers import kernel
from market.query.workers.layers import Layer, Limits

HEADROOM_BYTES: Final = 3 * 512 * 1024 * 1024
_NOBODY: Final = 65534
_ROOT: Final = "/tmp"  # noqa: S108  # only a place every system has; an empty tmpfs covers it in a mount tree of our own
_SEALED: Final = kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC
#: What DuckDB looks at when it connects, needed only while the real tree is still in sight.
_ENGINE_READS: Final = ("/proc/self", "/sys/fs/cgroup", "/sys/devices/system")
_ENGINE_FILES: Final = ("/proc/meminfo", "/proc/cpuinfo", "/proc/stat", "/proc/mounts")


def isolate(files: Sequence[str]) -> list[str]:
    """Move into namespaces of our own whose whole file tree is *files*, read-only; return their new paths.

    The process namespace holds from the next fork on. Raises OSError where the system does not allow it.
    """
    user, group = os.geteuid(), os.getegid()
    spaces = kernel.CLONE_NEWUSER | kernel.CLONE_NEWNS | kernel.CLONE_NEWNET | kernel.CLONE_NEWIPC
    kernel.unshare(spaces | kernel.CLONE_NEWUTS | kernel.CLONE_NEWPID)
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{_NOBODY} {user} 1")
    _write("/proc/self/gid_map", f"{_NOBODY} {group} 1")
    kernel.mount(None, "/", None, kernel.MS_REC | kernel.MS_PRIVATE)
    # Opened before the tmpfs covers them, and by number, so that no name of a file is walked twice.
    opened = [os.open(path, os.O_PATH | os.O_CLOEXEC) for path in files]
    kernel.mount("tmpfs", _ROOT, "tmpfs", _SEALED, "size=1m,mode=0755")
    os.mkdir(f"{_ROOT}/data")
    paths = [f"/data/{index}.parquet" for index in range(len(files))]
    for descriptor, path in zip(opened, paths, strict=True):
        target = _ROOT + path
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o444))
        kernel.mount(f"/proc/self/fd/{descriptor}", target, None, kernel.MS_BIND)
        kernel.mount(None, target, None, kernel.MS_REMOUNT | kernel.MS_BIND | kernel.MS_RDONLY | _SEALED)
        os.close(descriptor)
    os.chdir(_ROOT)
    kernel.pivot_into_current_folder()
    kernel.mount(None, "/", None, kernel.MS_REMOUNT | kernel.MS_BIND | kernel.MS_RDONLY | _SEALED)
    return paths


def confine(files: Sequence[str], limits: Limits, layers: frozenset[Layer]) -> frozenset[Layer]:
    """Give up everything but reading *files*; return the layers that hold now. A missing layer is not in the answer."""
    os.environ.clear()
    applied = set()
    if Layer.RLIMITS in layers:
        limit = limits.memory_mb * 1024 * 1024 + HEADROOM_BYTES
        for what, value in ((resource.RLIMIT_AS, limit), (resource.RLIMIT_NOFILE, 256), (resource.RLIMIT_CORE, 0)):
            resource.setrlimit(what, (value, value))
        applied.add(Layer.RLIMITS)
    kernel.drop_privileges()
    if Layer.LANDLOCK in layers and kernel.landlock_abi() > 0:
        outside = [path for path in _ENGINE_FILES if os.path.exists(path)]
        kernel.landlock([*files, *outside], [os.path.realpath(path) for path in _ENGINE_READS])
        applied.add(Layer.LANDLOCK)
    if Layer.SECCOMP in layers and kernel.seccomp_known():
        kernel.seccomp()
        applied.add(Layer.SECCOMP)
    return frozenset(applied)


def keep_only(descriptor: int) -> None:
    """Close every inherited descriptor but *descriptor*; the standard three lead nowhere."""
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    last = max(int(name) for name in os.listdir("/proc/self/fd"))
    os.closerange(3, descriptor)
    os.closerange(descriptor + 1, last + 1)


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
