"""What the ledger and the log add to a query, on both databases: alone, under load, and in bytes of write-ahead log.

Run as `python -m tests.bench.bench_ledger`. A pair is T1 and T2 of one question as the service does them: key, run,
bill, four transfers, and the entry. Alone: T1 + T2 ≤ 3 ms + 2 × fsync, measured in the same run. Under load: sixteen
processes under one agreement, so on the same accounts; they and a crew that makes as many bare commits take turns, and
the ratio of the two comes first, since a busy machine slows both. PostgreSQL runs with fsync.

SQLite's log is counted by the growth of its file with checkpoints off, PostgreSQL's by its own position after a
checkpoint and a warm-up, so that no images of whole pages are in it.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.ids import MemberId
from market.home import Home
from market.ledger.models import Kind, Unit
from market.ledger.transfers import grant, open_account
from policies.terms import Quota
from tests.bench.crew import CONTEXT, Round, crew
from tests.bench.figures import Figure, tell
from tests.bench.ledger_steps import Commits, Pairs, Questions, bare, fsync_ms, now
from tests.common import postgres
from tests.common.market_world import Market, copied

PROCESSES = 16
ALONE = 200
WARM = 200
PLENTY = Quota(bytes=10**15, rows=10**12, queries=10**9)
GOALS = {"sqlite": 500, "postgresql": 150}
WAL_KB = 10


@dataclass(frozen=True)
class Place:
    """A market on one database, with an agreement that is never used up."""

    name: str
    market: Market
    agreement: str
    url: str
    queue: Path | None

    @classmethod
    def begin(cls, name: str, folder: Path, url: str | None) -> "Place":
        """Make the market, its agreement, and the table of the floor."""
        market = copied(folder / "market", url)
        with market.open() as home:
            agreement = market.agree(home, edition=market.facts.edition, quota=PLENTY)
            with home.database.writing() as session:
                account = open_account(session, owner=market.facts.firm, kind=Kind.CREDIT, unit=Unit.FEN, at=now())
                grant(session, account, 10**12, unit=Unit.FEN, cause="top-up", by=MemberId("m"), at=now())
            place = cls(name, market, agreement, home.database.url, home.database.queue)
        with bare(place.url) as connection:
            connection.execute("CREATE TABLE floor (id INTEGER PRIMARY KEY, n BIGINT)")
            connection.execute("INSERT INTO floor VALUES (1, 0)")
            connection.commit()
        return place

    @contextmanager
    def questions(self) -> Iterator[tuple[Home, Questions]]:
        """Open the home, and ask."""
        with self.market.open() as home:
            yield home, Questions.under(home, self.market, self.agreement)


def alone(place: Place, folder: Path) -> dict[str, float]:
    """Time the two transactions of one question at a time, and the disk between them; medians in milliseconds."""
    times: dict[str, list[float]] = {"T1": [], "T2": [], "fsync": []}
    with place.questions() as (_, questions):
        for _ in range(20):
            questions.pair()
        for number in range(ALONE):
            if number % 10 == 0:
                times["fsync"].append(fsync_ms(folder, 20))
            asked = questions.ask()
            began = time.perf_counter()
            run, _ = questions.service.steps.reserve(asked, questions.asker)
            reserved = time.perf_counter()
            questions.service.steps.post(run, asked, questions.asker)
            times["T1"].append(1000 * (reserved - began))
            times["T2"].append(1000 * (time.perf_counter() - reserved))
    return {step: statistics.median(values) for step, values in times.items()}


def wal_bytes(place: Place) -> float:
    """Count the bytes of write-ahead log of one pair, over many."""
    with place.questions() as (home, questions):
        for _ in range(WARM):
            questions.pair()
        connection: Any = home.database.writer.raw_connection()
        position = _position(connection, place)
        connection.close()
        for _ in range(WARM):
            questions.pair()
        connection = home.database.writer.raw_connection()
        grown = _position(connection, place, begin=False) - position
        connection.close()
    return grown / WARM


def _position(connection: Any, place: Place, *, begin: bool = True) -> int:
    """Say how long the log is; to *begin* with, SQLite's is emptied and never again."""
    cursor = connection.cursor()
    if place.name == "postgresql":
        cursor.execute("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")
        return int(cursor.fetchone()[0])
    path = Path(f"{place.market.root / 'sluice.db'}-wal")
    if begin:
        cursor.execute("PRAGMA wal_autocheckpoint=0").fetchall()
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return path.stat().st_size if path.exists() else 0


def under_load(place: Place, rounds: int, seconds: float) -> tuple[list[Round], list[Round]]:
    """Let both crews take turns; gives the rounds of the pairs, and of the floor."""
    ours, floors = [], []
    with (
        crew(Commits(place.url, place.queue), PROCESSES) as floor,
        crew(Pairs(place.market, place.agreement), PROCESSES) as pairs,
    ):
        for _ in range(rounds):
            floors.append(floor.run(seconds))
            ours.append(pairs.run(seconds))
    return ours, floors


def measure(place: Place, folder: Path, rounds: int, seconds: float) -> tuple[list[Figure], dict[str, Any]]:
    """Measure everything on one database."""
    medians = alone(place, folder)
    found, limit = medians["T1"] + medians["T2"], 3 + 2 * medians["fsync"]
    wal_kb = wal_bytes(place) / 1024
    ours, floors = under_load(place, rounds, seconds)
    ratio = statistics.median(one.rate / other.rate for one, other in zip(ours, floors, strict=True))
    rate, p99 = statistics.median(one.rate for one in ours), statistics.median(one.percentile_ms(99) for one in ours)
    floor = statistics.median(one.rate for one in floors)
    failures = sum((one.failures for one in ours), start=type(ours[0].failures)())
    on = {"sqlite": "SQLite", "postgresql": "PostgreSQL with fsync"}[place.name]
    figures = [
        Figure(
            bench="T1 + T2, ledger and log",
            measured_on=f"a small market on {on}, {ALONE} questions one after the other",
            found=f"{found:.2f} ms, fsync {medians['fsync']:.2f} ms",
            goal="3 ms + 2 × fsync",
            held=found <= limit,
        ),
        Figure(
            bench="T1 + T2 of 16 processes on the same accounts",
            measured_on=f"{on}, {rounds} rounds of {seconds:g} s, in turns with bare commits",
            found=f"{ratio:.2f} × the bare commits: {rate:.0f}/s of {floor:.0f}/s, p99 {p99:.0f} ms,"
            f" {failures.total()} failures",
            goal=f"{GOALS[place.name]}/s, p99 200 ms"
            if place.name == "sqlite"
            else f"{GOALS[place.name]}/s, 0 deadlocks",
            held=rate >= GOALS[place.name] and not failures and (place.name != "sqlite" or p99 <= 200),
        ),
        Figure(
            bench="write-ahead log of T1 + T2",
            measured_on=f"{on}, {WARM} questions",
            found=f"{wal_kb:.1f} KB",
            goal=f"{WAL_KB} KB",
            held=wal_kb <= WAL_KB,
        ),
    ]
    result = {
        "median_ms": medians,
        "limit_ms": limit,
        "wal_kb": wal_kb,
        "ratio": ratio,
        "rates": [one.rate for one in ours],
        "floors": [one.rate for one in floors],
        "p99_ms": p99,
        "failures": dict(failures),
    }
    return figures, result


def main() -> None:
    """Measure, print, and write JSON where asked."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4)
    given = parser.parse_args()
    CONTEXT.set_forkserver_preload(["tests.bench.ledger_steps"])
    figures, results = [], {}
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other, postgres.private() as server:
        for name, folder, url in (("sqlite", one, None), ("postgresql", other, server.fresh_url(migrated=False))):
            place = Place.begin(name, Path(folder), url)
            told, results[name] = measure(place, Path(folder), given.rounds, given.seconds)
            figures += told
    tell(figures, {**results, "processes": PROCESSES, "cores": os.cpu_count()}, given.json)


if __name__ == "__main__":
    main()
