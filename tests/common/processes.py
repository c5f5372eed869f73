"""Living processes and their families, read from /proc; to kill one is to kill it by its number, at once."""

import os
import signal
import time
from collections.abc import Iterable
from pathlib import Path

GONE_S = 10.0


def descendants(pid: int) -> list[int]:
    """List the living processes that come from *pid*."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] != "Z":
            parents[int(entry.parent.name)] = int(fields[1])
    found, fresh = [], [pid]
    while fresh:
        fresh = [child for child, parent in parents.items() if parent in fresh]
        found += fresh
    return found


def kill(pids: Iterable[int]) -> None:
    """Send SIGKILL to each of *pids* that still lives."""
    for pid in pids:
        assert pid > 1
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def wait_gone(pids: Iterable[int]) -> None:
    """Wait until none of *pids* lives; a zombie does not."""
    end = time.monotonic() + GONE_S
    while left := [pid for pid in pids if lives(pid)]:
        assert time.monotonic() < end, f"still alive: {left}"
        time.sleep(0.01)


def lives(pid: int) -> bool:
    """Say whether *pid* still runs."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
