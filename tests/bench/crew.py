"""A crew: processes that do the same step over and over at the same moment, and say how long each took them.

They live from one round to the next, so that rounds of two crews can take turns and a busy machine slows both alike.
"""

import multiprocessing
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

Step = Callable[[int], None]
"""One step, told how many its process did before."""

Stage = Callable[[int], AbstractContextManager[Step]]
"""Opens what a process needs, told its number, and gives its step."""

CONTEXT = multiprocessing.get_context("forkserver")


@dataclass(slots=True)
class Round:
    """What all processes of a crew did in one round."""

    seconds: float
    times_ms: list[float] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)

    @property
    def rate(self) -> float:
        """Steps a second, of all processes together."""
        return len(self.times_ms) / self.seconds

    def percentile_ms(self, percent: float) -> float:
        """The time that *percent* of the steps did not exceed."""
        ordered = sorted(self.times_ms)
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


class Crew:
    """Processes that wait for their next round."""

    def __init__(self, lines: list[Connection]) -> None:
        self._lines = lines

    def run(self, seconds: float) -> Round:
        """Let all of them work for so long."""
        start = time.monotonic() + 0.2
        for line in self._lines:
            line.send((start, start + seconds))
        told = Round(seconds)
        for line in self._lines:
            times, failures = line.recv()
            told.times_ms += times
            told.failures += failures
        return told


@contextmanager
def crew(stage: Stage, processes: int) -> Iterator[Crew]:
    """Start a crew; *stage* must be known by its name in a module."""
    lines, members = [], []
    for number in range(processes):
        ours, theirs = CONTEXT.Pipe()
        member = CONTEXT.Process(target=_work, args=(stage, number, theirs), daemon=True)
        member.start()
        theirs.close()
        lines.append(ours)
        members.append(member)
    try:
        for line in lines:
            line.recv()  # it is ready
        yield Crew(lines)
    finally:
        for line in lines:
            line.close()
        for member in members:
            member.join()


def _work(stage: Stage, number: int, line: Connection) -> None:
    done = 0
    with stage(number) as step:
        line.send(None)
        while True:
            try:
                start, end = line.recv()
            except EOFError:
                return
            times: list[float] = []
            failures: Counter[str] = Counter()
            time.sleep(max(0.0, start - time.monotonic()))
            while (began := time.monotonic()) < end:
                try:
                    step(done)
                    times.append(1000 * (time.monotonic() - began))
                except Exception as error:
                    failures[_name(error)] += 1
                done += 1
            line.send((times, failures))


def _name(error: Any) -> str:
    """Name an error; of the database's, its cause: a deadlock is one."""
    return type(getattr(error, "orig", None) or error).__name__
