"""The steps of the bench of the ledger: a question's transactions, and the bare floor.

The floor is what machine and database give at best: as many commits, each of one statement, by the driver alone.
"""

import fcntl
import os
import sqlite3
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import make_url

from catalog.ids import new_id
from market.home import Home
from market.query.aggregates.noise import Noise
from market.query.answer import QueryService
from market.query.asker import Asker
from market.query.assess import Assessor
from market.query.assessed import Assessed
from market.query.statements.lineage import bound_here
from tests.bench.crew import Step
from tests.common.market_world import Market

SQL = "SELECT count(*) FROM tumor"


def now() -> datetime:
    """Give this moment."""
    return datetime.now(UTC)


@dataclass(slots=True)
class Questions:
    """Questions under one agreement, as far as the ledger and the log see them: no worker runs."""

    service: QueryService
    asker: Asker
    assessed: Assessed

    @classmethod
    def under(cls, home: Home, market: Market, agreement: str, sql: str = SQL) -> "Questions":
        """Assess a statement once; what follows differs by its key."""
        service: Any = QueryService(
            database=home.database,
            assessor=Assessor(home.store, Noise(bytes(32)), bound_here),
            pool=None,  # type: ignore[arg-type]  # nothing is run
            epoch=new_id(now()),
            clock=now,
            row_limit=1000,
            spool=None,  # type: ignore[arg-type]  # nothing is kept
        )
        asker = market.asker(home)
        return cls(service, asker, service.assess(market.question(sql, "-", agreement=agreement), asker))

    def ask(self) -> Assessed:
        """Ask once more, under a key as a client draws it."""
        return replace(self.assessed, question=replace(self.assessed.question, key=os.urandom(16).hex()))

    def pair(self) -> str:
        """Do T1 and T2 of one question; gives its run."""
        asked = self.ask()
        run, _ = self.service.steps.reserve(asked, self.asker)
        self.service.steps.post(run, asked, self.asker)
        return run


@dataclass(frozen=True)
class Pairs:
    """T1 and T2 of questions under one agreement."""

    market: Market
    agreement: str

    @contextmanager
    def __call__(self, number: int) -> Iterator[Step]:
        with self.market.open() as home:
            questions = Questions.under(home, self.market, self.agreement)
            questions.pair()

            def step(_: int) -> None:
                questions.pair()

            yield step


@dataclass(frozen=True)
class Commits:
    """The floor: commits of one guarded UPDATE of one hot row, two for each step, behind the same queue."""

    url: str
    queue: Path | None

    @contextmanager
    def __call__(self, number: int) -> Iterator[Step]:
        with bare(self.url) as connection:

            def step(_: int) -> None:
                for _turn in range(2):
                    with turn(self.queue):
                        connection.execute("UPDATE floor SET n = n + 1 WHERE id = 1 AND n >= 0")
                        connection.commit()

            yield step


@contextmanager
def bare(url: str) -> Iterator[Any]:
    """Connect by the driver alone, with the same promises to keep what is committed."""
    at = make_url(url)
    if at.get_backend_name() == "sqlite":
        connection: Any = sqlite3.connect(str(at.database), timeout=30)
        connection.execute("PRAGMA synchronous=FULL")
    else:
        connection = psycopg.connect(host=str(at.query["host"]), user=at.username, dbname=at.database)
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def turn(queue: Path | None) -> Iterator[None]:
    """Wait for one's turn on a file, as writers of SQLite do."""
    if queue is None:
        yield
        return
    handle = os.open(queue, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def fsync_ms(folder: Path, rounds: int = 50) -> float:
    """Median time of a 4 kB write and fsync in *folder*."""
    times = []
    with (folder / "probe").open("wb") as file:
        for _ in range(rounds):
            began = time.perf_counter()
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())
            times.append(1000 * (time.perf_counter() - began))
    return statistics.median(times)
