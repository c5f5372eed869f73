"""The pool: warm workers keyed by their set of files, and the supervisor that ends whatever runs too long."""

import os
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from market.query.errors import Code, QueryFailed
from market.query.statements.parameters import NONE, Parameters
from market.query.workers import wire
from market.query.workers.layers import ALL_LAYERS, Layer, Limits
from market.query.workers.process import Files, Process
from market.query.workers.result import Result
from market.query.workers.spawner import Spawner

IDLE_S: Final = 60.0
TICK_S: Final = 0.05
WORKERS_PER_CORE: Final = 4
BIND_S: Final = 2.0
"""How long it may take to bind a statement; one that people write takes milliseconds."""

__all__ = ["Limits", "WorkerPool"]


@dataclass(frozen=True, slots=True)
class Probe:
    """What a worker says of its own confinement."""

    layers: frozenset[Layer]
    tcp: bool
    udp: bool


class WorkerPool:
    """Runs checked statements over sets of files, each set in workers that can see nothing else.

    *layers* and *sandbox* exist so that tests can show that each layer holds alone; a service leaves them.
    """

    def __init__(
        self,
        *,
        limits: Limits | None = None,
        workers: int | None = None,
        allow_unsandboxed: bool = False,
        layers: frozenset[Layer] = ALL_LAYERS,
        sandbox: Literal["auto", "fork", "bubblewrap"] = "auto",
        idle_s: float = IDLE_S,
    ) -> None:
        self.limits = limits or Limits()
        self._most = workers or WORKERS_PER_CORE * (os.cpu_count() or 1)
        self._idle_s = idle_s
        self._changed = threading.Condition()
        self._idle: list[Process] = []  # least recently used first
        self._running: set[Result] = set()
        self._asking: Counter[str] = Counter()
        self._count = 0
        self._closed = False
        self._spawner = Spawner(self.limits, layers, sandbox, allow_unsandboxed=allow_unsandboxed)
        self._supervisor = threading.Thread(target=self._supervise, name="query-supervisor", daemon=True)
        self._supervisor.start()

    @property
    def places(self) -> int:
        """How many workers there may be."""
        return self._most

    def run(
        self,
        files: Mapping[str, tuple[Path, ...]],
        sql: str,
        *,
        parameters: Parameters = NONE,
        max_rows: int | None = None,
        timeout_s: float | None = None,
        firm: str | None = None,
    ) -> Result:
        """Start *sql* over views named as *files* names them; returns when the first batch is there.

        Beside another question of the same *firm* it runs in the background. The deadline counts from here and holds
        until the last batch is taken. Raises `QueryFailed` or `QueryRefused`.
        """
        allowed = min(timeout_s or self.limits.timeout_s, self.limits.timeout_s)
        deadline = time.monotonic() + allowed
        background = self._comes(firm)
        try:
            process = self._acquire(_key(files), deadline, background=background)
        except BaseException:
            self._goes(firm)
            raise
        result = Result(
            self,
            process,
            max_rows=min(max_rows or self.limits.max_rows, self.limits.max_rows),
            deadline=deadline,
            cpu_budget_s=self.limits.cpu_budget_s,
            firm=firm,
        )
        with self._changed:
            self._running.add(result)
        result.start(sql, parameters)
        return result

    def bind(self, files: Mapping[str, tuple[Path, ...]], order: Mapping[str, Any]) -> dict[str, Any]:
        """Have a statement bound in a worker over *files*; one that does not come back is killed.

        Raises `QueryFailed`.
        """
        process = self._acquire(_key(files), time.monotonic() + self.limits.timeout_s)
        deadline = time.monotonic() + BIND_S
        result = Result(self, process, max_rows=1, deadline=deadline, cpu_budget_s=2 * BIND_S)
        with self._changed:
            self._running.add(result)
        return result.ask(order)

    def close(self) -> None:
        """End all workers and the zygote; queries still running fail."""
        with self._changed:
            self._closed = True
            idle, self._idle = self._idle, []
            running = list(self._running)
            self._changed.notify_all()
        for process in idle:
            process.close()
        for result in running:
            result.stop(Code.CLOSED)
            result.process.kill()
        self._supervisor.join()
        self._spawner.close()

    def end_workers(self, path: Path) -> int:
        """End every worker that can see *path* (its release is withdrawn); say how many there were."""
        with self._changed:
            idle = [p for p in self._idle if _sees(p, path)]
            self._idle = [p for p in self._idle if p not in idle]
            self._count -= len(idle)
            running = [r for r in self._running if _sees(r.process, path)]
            self._changed.notify_all()
        for process in idle:
            process.close()
        for result in running:
            result.stop(Code.CANCELLED)
            result.process.kill()
        return len(idle) + len(running)

    def pids(self) -> list[int]:
        """The processes of the workers there are now."""
        with self._changed:
            return [p.pid for p in self._idle] + [r.process.pid for r in self._running]

    def probe(self, files: Mapping[str, tuple[Path, ...]], *, tcp: int, udp: int) -> Probe:
        """Start a worker over *files* and say which layers hold in it, and which local ports it reaches."""
        process = self._acquire(_key(files), time.monotonic() + self.limits.timeout_s)
        try:
            process.run({"reach": {"tcp": tcp, "udp": udp}})
            reached = wire.decoded(wire.receive(process.sock)[1])
        except BaseException:
            process.close()
            self._forget()
            raise
        self._keep(process)
        return Probe(process.layers, tcp=reached["tcp"], udp=reached["udp"])

    def take_back(self, result: Result, *, reusable: bool, replace: bool) -> None:
        """Called once by each result as it ends: keep its worker warm, or end it; replace what is lost to the next."""
        with self._changed:
            self._running.discard(result)
        self._goes(result.firm)
        process = result.process
        if reusable:
            self._keep(process)
        else:
            process.close()
            self._forget()
        if (replace or (reusable and result.gave_way)) and not self._closed:
            background = process.background and not result.gave_way
            threading.Thread(target=self._replace, args=(process.key, background), daemon=True).start()

    def _comes(self, firm: str | None) -> bool:
        """Count a question of *firm*, and say whether another of its own is at work."""
        with self._changed:
            if firm is None:
                return False
            self._asking[firm] += 1
            return self._asking[firm] > 1

    def _goes(self, firm: str | None) -> None:
        with self._changed:
            if firm is not None:
                self._asking[firm] -= 1
                self._asking += Counter()  # forget who asks nothing now

    def _keep(self, process: Process) -> None:
        with self._changed:
            if not self._closed:
                process.idle_since = time.monotonic()
                self._idle.append(process)
                self._changed.notify_all()
                return
        process.close()

    def _forget(self) -> None:
        with self._changed:
            self._count -= 1
            self._changed.notify_all()

    def _replace(self, key: Files, background: bool) -> None:
        with self._changed:
            warm = any(_fits(process, key, background) for process in self._idle)
            if self._closed or self._count >= self._most or warm:
                return
            self._count += 1
            self._changed.notify_all()
        try:
            self._keep(self._spawner.spawn(key, background=background))
        except QueryFailed:
            self._forget()

    def _acquire(self, key: Files, deadline: float, *, background: bool = False) -> Process:
        """A warm worker over *key*, or a new one, ending the least recently used when there is no room."""
        while True:
            with self._changed:
                victim = self._reserve(key, deadline, background)
            if victim is not None and _fits(victim, key, background):
                if victim.alive():
                    return victim
                victim.close()
                self._forget()
                continue
            if victim is not None:
                victim.close()
            try:
                return self._spawner.spawn(key, background=background, within_s=deadline - time.monotonic())
            except BaseException:
                self._forget()
                raise

    def _reserve(self, key: Files, deadline: float, background: bool) -> Process | None:
        """Under the lock: take an idle worker that fits, or make room for a new one (None, or the one to end)."""
        while not self._closed:
            for process in reversed(self._idle):
                if _fits(process, key, background):
                    self._idle.remove(process)
                    return process
            if self._count < self._most:
                self._count += 1
                self._changed.notify_all()  # the supervisor sleeps while there is no worker
                return None
            if self._idle:
                return self._idle.pop(0)
            left = deadline - time.monotonic()
            if left <= 0 or not self._changed.wait(left):
                raise QueryFailed(Code.BUSY, "All workers are busy.", fix="Ask again in a moment.")
        raise QueryFailed(Code.CLOSED, "The query service is stopping.", fix="Ask again when it is back.")

    def _supervise(self) -> None:
        """Every tick: tend to what runs, and end what is idle."""
        while True:
            with self._changed:
                if self._closed:
                    return
                while self._count == 0 and not self._closed:
                    self._changed.wait()
                now = time.monotonic()
                old = [p for p in self._idle if now - p.idle_since > self._idle_s]
                self._idle = [p for p in self._idle if p not in old]
                self._count -= len(old)
                running = list(self._running)
            for process in old:
                process.close()
            for result in running:
                result.tend()
            time.sleep(TICK_S)


def _key(files: Mapping[str, tuple[Path, ...]]) -> Files:
    return tuple(sorted((name, tuple(map(Path, paths))) for name, paths in files.items()))


def _fits(process: Process, key: Files, background: bool) -> bool:
    return process.key == key and process.background == background


def _sees(process: Process, path: Path) -> bool:
    return any(path in paths for _, paths in process.key)
