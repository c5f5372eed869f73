"""A service that asks its own questions over many lives, and what it said in all of them."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select

from market.audit.log import ENTRIES
from market.ledger.idempotency import KEYS
from market.query.models import RunState
from market.query.runs import RUNS
from tests.common.market_world import PURPOSE, Market
from tests.soak.crash import Runner, Running

PATIENCE_S = 60.0


@dataclass
class Client:
    """One service under one prefix of keys; it is started again after each death, and goes on where it was."""

    runner: Runner
    prefix: str
    begun: set[str] = field(default_factory=set)
    answered: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What was delivered under which key, as the client saw it."""
    lost: set[str] = field(default_factory=set)
    """Keys under which all had been delivered when a blow took the acknowledgement."""
    missed: list[str] = field(default_factory=list)
    """Why questions were not answered, one by one."""
    running: Running | None = None
    serves: bool = False
    _read: int = 0
    _life: ExitStack = field(default_factory=ExitStack)

    def start(self) -> None:
        """Start it, with what is left to ask."""
        market = self.runner.market
        self._until.unlink(missing_ok=True)
        with market.open() as home:
            asker = asdict(market.asker(home))
        order = {
            "agreement": market.facts.agreement,
            "purpose": PURPOSE.value,
            "asker": asker,
            "again": sorted(self.open),
            "prefix": self.prefix,
            "first": len(self.begun),
            "until": str(self._until),
        }
        started = self.runner.started((json.dumps(order),), program="tests.soak.asker:main")
        self.running, self._read, self.serves = self._life.enter_context(started), 0, False

    def listen(self) -> None:
        """Take in what it has said since the last time, whole lines only."""
        assert self.running is not None
        fresh = self.running.out.read_bytes()[self._read :]
        whole = fresh[: fresh.rfind(b"\n") + 1]
        self._read += len(whole)
        for line in map(json.loads, whole.splitlines()):
            self.serves |= "up" in line
            if "begun" in line:
                self.begun.add(line["begun"])
            elif "run" in line:
                self.answered[line["key"]] = line
            elif line.get("missed") == "already-delivered":
                self.lost.add(line["key"])
            elif "missed" in line:
                self.missed.append(line["missed"])

    def wait_until_up(self) -> None:
        """Wait until it serves, or has died."""
        self._wait(lambda: self.serves, "it does not begin to serve")

    def wait_for_an_answer(self) -> None:
        """Wait until it has answered a question anew: it goes on."""
        self.listen()
        before = len(self.answered)
        self._wait(lambda: len(self.answered) > before, "it answers nothing more")

    def kill(self, *, everyone: bool) -> None:
        """Kill it, and take in its last words."""
        assert self.running is not None
        self.running.kill(everyone=everyone)
        self.listen()
        self.close()

    def close(self) -> None:
        """End whatever of it still runs."""
        self._life.close()
        self.running = None

    def finish(self) -> None:
        """Let it ask what is left, and end."""
        if self.running is None:
            self.start()
        self._until.touch()
        assert self.running is not None
        running = self.running
        self._wait(lambda: running.process.poll() is not None, "it does not end")
        self.listen()
        assert running.process.returncode == 0, running.fate().stderr.decode()
        self.close()
        assert self.open == set()

    @property
    def open(self) -> set[str]:
        """Keys that were asked with, and of which nobody knows the end."""
        return self.begun - set(self.answered) - self.lost

    @property
    def _until(self) -> Path:
        return self.runner.market.folder / f"until-{self.prefix}"

    def _wait(self, done: Callable[[], bool], otherwise: str) -> None:
        assert self.running is not None
        end = time.monotonic() + PATIENCE_S
        while not done():
            gone = self.running.process.poll() is not None
            self.listen()
            if gone and not done():
                raise AssertionError(f"it died: {self.running.fate().stderr.decode()}")
            assert time.monotonic() < end, f"{otherwise}: {self.missed[-5:]} {self.running.fate().stderr.decode()}"
            time.sleep(0.005)


@contextmanager
def clients(runners: Sequence[Runner]) -> Iterator[list[Client]]:
    """Give a client for each of *runners*, not started yet; none outlives the block."""
    made = [Client(runner, f"{place}-") for place, runner in enumerate(runners)]
    try:
        yield made
    finally:
        for client in made:
            client.close()


def check(market: Market, asking: Sequence[Client]) -> None:
    """Insist that what clients were told is so: delivered, the same rows with the same hash; and no fault is found."""
    told = {key: said for client in asking for key, said in client.answered.items()}
    found = check_delivered(market, {key: (said["run"], said["rows"]) for key, said in told.items()})
    for key, said in told.items():
        assert found[key]["result_hash"] == said["sha256"]
    lost = {key for client in asking for key in client.lost}
    assert {found[key]["state"] for key in lost} <= {RunState.DELIVERED}


def check_delivered(market: Market, told: Mapping[str, tuple[str, int]]) -> dict[str, Any]:
    """Insist that under each key the query that was *told* delivered its rows, and find no fault; gives the runs."""
    with market.open() as home, home.database.reading() as session:
        joined = select(KEYS.c.key, RUNS).join(RUNS, RUNS.c.id == KEYS.c.subject)
        found = {row["key"]: row for row in session.connection().execute(joined).mappings()}
    for key, (run, rows) in told.items():
        row = found[key]
        assert (row["id"], row["state"], row["rows"]) == (run, RunState.DELIVERED, rows), _history(market, row["id"])
    assert market.faults() == []
    return found


def _history(market: Market, run: str) -> list[str]:
    """Tell what the log says of a run that is not what it should be."""
    with market.open() as home, home.database.reading() as session:
        return list(session.connection().execute(select(ENTRIES.c.body).where(ENTRIES.c.subject == run)).scalars())
