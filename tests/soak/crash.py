"""Kill commands at random moments, whole or only their first process, and see what they said before they died.

The moments are drawn over the whole run of a command: every second one from its start, the others from the time it has
opened the home's database, where the few milliseconds that matter are.
"""

import json
import os
import random
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.common.market_world import Market, command

TICK_S = 0.001
GONE_S = 10.0


@dataclass(frozen=True)
class Pace:
    """How long a command takes when nobody kills it: to the opening of the database, and to its end."""

    opened_s: float
    ended_s: float


@dataclass(frozen=True)
class Blow:
    """When a process is killed, and with whom."""

    after_opening: bool
    delay_s: float
    everyone: bool
    """All its descendants die with it, or it alone."""


@dataclass(frozen=True)
class Fate:
    """What became of a command: its exit code (negative: killed), and what it printed until then."""

    code: int
    stdout: bytes
    stderr: bytes

    @property
    def killed(self) -> bool:
        """Say whether it died of the blow, and not of itself before it."""
        return self.code == -signal.SIGKILL

    @property
    def said(self) -> dict[str, Any] | None:
        """Give the whole JSON object it printed, if it got so far."""
        try:
            value = json.loads(self.stdout)
        except ValueError:
            return None
        return value if isinstance(value, dict) else None


def draw(chance: random.Random, number: int, pace: Pace) -> Blow:
    """Draw the moment of the blow with this *number*."""
    after = number % 2 == 1
    length = pace.ended_s - pace.opened_s if after else pace.ended_s
    return Blow(after, chance.uniform(0, length * 1.05), everyone=number % 4 < 2)


def pace_of(market: Market, *words: str | Path, by: str | None = None, opens: str = "sluice.db") -> Pace:
    """Run a command to its end and take the time."""
    began = time.monotonic()
    with _started(market, words, by) as (process, _, _):
        opened = began
        while process.poll() is None:
            if opened == began and _has_open(process.pid, opens):
                opened = time.monotonic()
            time.sleep(TICK_S)
        assert process.returncode == 0, f"{words} ended with {process.returncode}"
    return Pace(opened - began, time.monotonic() - began)


def strike(market: Market, blow: Blow, *words: str | Path, by: str | None = None, opens: str = "sluice.db") -> Fate:
    """Run a command and kill it as *blow* says; comes back when nothing of it lives."""
    with _started(market, words, by) as (process, out, err):
        while blow.after_opening and process.poll() is None and not _has_open(process.pid, opens):
            time.sleep(TICK_S)
        until = time.monotonic() + blow.delay_s
        while process.poll() is None and time.monotonic() < until:
            time.sleep(TICK_S)
        family = descendants(process.pid)
        for pid in [process.pid, *family] if blow.everyone else [process.pid]:
            _kill(pid)
        process.wait()
        wait_gone(family)
        return Fate(process.returncode, out.read_bytes(), err.read_bytes())


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


def wait_gone(pids: list[int]) -> None:
    """Wait until none of *pids* lives; workers notice by themselves that their service is gone."""
    end = time.monotonic() + GONE_S
    while left := [pid for pid in pids if _lives(pid)]:
        assert time.monotonic() < end, f"still alive after its command: {left}"
        time.sleep(0.01)


class _started:  # reads as a verb
    """A command in a process group of its own, its output in files: a pipe could be held open by its children."""

    def __init__(self, market: Market, words: tuple[str | Path, ...], by: str | None) -> None:
        self.out, self.err = market.folder / "stdout", market.folder / "stderr"
        with self.out.open("wb") as out, self.err.open("wb") as err:
            self.process = subprocess.Popen(
                command(*words),
                env=market.environment(by),
                cwd=market.folder,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )

    def __enter__(self) -> tuple["subprocess.Popen[bytes]", Path, Path]:
        return self.process, self.out, self.err

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def _has_open(pid: int, name: str) -> bool:
    try:
        return any(os.readlink(entry).endswith(name) for entry in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return False


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
