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
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.common.market_world import Market, command
from tests.common.processes import descendants, kill, wait_gone
from tests.soak.warm import SLUICE, Forked, Warm

TICK_S = 0.001


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


@dataclass(frozen=True)
class Runner:
    """Runs commands in a market, each in an interpreter of its own, or as a fork of a warm process."""

    market: Market
    warm: Warm | None = None

    def run(self, *words: str | Path, by: str | None = None) -> Fate:
        """Run a command to its end."""
        with self.started(words, by) as running:
            running.process.wait()
            return running.fate()

    def pace(self, *words: str | Path, by: str | None = None, opens: str | None = None) -> Pace:
        """Run a command to its end and take the time."""
        began = time.monotonic()
        with self.started(words, by) as running:
            opened = began
            while running.process.poll() is None:
                if opened == began and running.has_open(opens):
                    opened = time.monotonic()
                time.sleep(TICK_S)
            fate = running.fate()
            assert fate.code == 0, f"{words} ended with {fate.code}: {fate.stderr.decode()}"
        return Pace(opened - began, time.monotonic() - began)

    def strike(self, blow: Blow, *words: str | Path, by: str | None = None, opens: str | None = None) -> Fate:
        """Run a command and kill it as *blow* says; comes back when nothing of it lives."""
        with self.started(words, by) as running:
            process = running.process
            while blow.after_opening and process.poll() is None and not running.has_open(opens):
                time.sleep(TICK_S)
            until = time.monotonic() + blow.delay_s
            while process.poll() is None and time.monotonic() < until:
                time.sleep(TICK_S)
            running.kill(everyone=blow.everyone)
            return running.fate()

    @contextmanager
    def started(
        self, words: "tuple[str | Path, ...]", by: str | None = None, *, program: str = SLUICE
    ) -> Iterator["Running"]:
        """Start a command, or another program of the warm process; it has ended at the end of the block."""
        place = self.market.folder / f"run-{os.urandom(4).hex()}"
        out, err = place.with_suffix(".out"), place.with_suffix(".err")
        out.touch()
        err.touch()
        environment = self.market.environment(by)
        running = Running(self.market, self._start(program, words, environment, out, err), out, err)
        try:
            yield running
        finally:
            running.kill(everyone=True)
            for path in (out, err):
                path.unlink(missing_ok=True)

    def _start(
        self, program: str, words: "tuple[str | Path, ...]", environment: dict[str, str], out: Path, err: Path
    ) -> "subprocess.Popen[bytes] | Forked":
        """Start it in a process group of its own, its output in files: a pipe could be held open by its children."""
        if self.warm is not None:
            return self.warm.start([program, *words], environment, self.market.folder, out, err)
        assert program == SLUICE
        with out.open("wb") as stdout, err.open("wb") as stderr:
            return subprocess.Popen(
                command(*words),
                env=environment,
                cwd=self.market.folder,
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
            )


@dataclass(frozen=True)
class Running:
    """A command at work."""

    market: Market
    process: "subprocess.Popen[bytes] | Forked"
    out: Path
    err: Path

    def has_open(self, name: str | None = None) -> bool:
        """Say whether it has opened the file whose name ends so, or the market's database."""
        local = "sluice.db" if self.market.database_url is None else None
        wanted = name or local
        try:
            opened = [os.readlink(entry) for entry in Path(f"/proc/{self.process.pid}/fd").iterdir()]
        except OSError:
            return False
        return any(path.endswith(wanted) if wanted else path.startswith("socket:") for path in opened)

    def kill(self, *, everyone: bool) -> None:
        """Kill it, and its descendants where *everyone* dies; wait until all are gone."""
        if self.process.poll() is not None:
            return
        family = descendants(self.process.pid)
        kill([self.process.pid, *family] if everyone else [self.process.pid])
        self.process.wait()
        wait_gone(family)

    def fate(self) -> Fate:
        """Say what became of it so far."""
        code = self.process.poll()
        return Fate(0 if code is None else code, self.out.read_bytes(), self.err.read_bytes())
