"""What an auditor waits for: the log as a table, an answer in SQL, a search, and the rules, over many entries.

Run as `python -m tests.bench.bench_auditing [--entries 1000000]`. The log is filled by another process, so that what
this one holds in memory is the reading alone. The goal: memory does not grow with the log.
"""

import argparse
import multiprocessing
import random
import resource
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, update

from catalog.events import Event
from catalog.ids import MemberId, new_id
from catalog.store import BlobStore
from market.audit import log
from market.auditing import rules, table
from market.auditing.anomalies import scan
from market.auditing.asking import LogDesk
from market.auditing.entries import Reader
from market.auditing.filters import Filter, find
from market.db import Database
from market.query.workers.pool import Limits, WorkerPool
from tests.bench.figures import Figure, tell
from tests.common.clock import BEGIN
from tests.common.fixtures import sqlite_database

FIRMS, BATCH, MOST_MB = 40, 10_000, 200
SQL = "SELECT firm, count(*), sum(bytes) FROM log WHERE outcome = 'delivered' GROUP BY 1 ORDER BY 3 DESC"


def fill(folder: str, entries: int) -> None:
    """Enter pairs of answered and delivered questions; their tree is left out, for nobody here reads it."""
    database, rng = sqlite_database(Path(folder)), random.Random(1)
    for first in range(0, entries, BATCH):
        rows = []
        for seq in range(first, min(first + BATCH, entries), 2):
            at, run, firm = BEGIN + timedelta(seconds=seq), new_id(BEGIN + timedelta(seconds=seq)), rng.randrange(FIRMS)
            said: dict[str, Any] = {"agreement": f"a{firm}", "firm": f"f{firm}", "edition": "e", "release": "r"}
            said |= {"dataset": f"d{firm % 7}", "purpose": "DUO:0000006", "sql": "0" * 64, "columns": ["t.a", "t.b"]}
            said |= {"billed_bytes": 10**6, "amount_fen": 15, "transfers": [new_id(at) for _ in range(3)]}
            left: dict[str, Any] = {"rows": rng.randrange(10**4), "bytes": rng.randrange(10**6), "format": "csv"}
            left |= {"sha256": "0" * 64, "rows_sha256": "0" * 64, "status": "complete", "transfers": [new_id(at)]}
            for number, (action, details) in enumerate((("answered", said), ("delivered", left))):
                by = MemberId(f"m{firm}")
                event = Event(action=f"query:{action}", subject=run, by=by, at=at, details=details)
                body = log.body_of(event, {})
                row = {"at": at, "action": event.action, "subject": run, "by": by, "body": body}
                rows.append({"seq": seq + number, **row})
        with database.writing() as session:
            session.connection().execute(insert(log.ENTRIES), rows)
            session.connection().execute(update(log.HEAD).values(size=first + len(rows)))
    database.close()


def main() -> None:
    """Measure, print, and write JSON where asked."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", type=Path)
    parser.add_argument("--entries", type=int, default=200_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        filling = multiprocessing.get_context("spawn").Process(target=fill, args=(name, given.entries))
        filling.start()
        filling.join()
        folder = Path(name)
        database = Database(f"sqlite:///{folder / 'sluice.db'}", folder / "writer.lock")
        seconds, grown_mb = measure(database, folder)
        database.close()
    for step, value in seconds.items():
        print(f"{step:12} {value:7.2f} s")
    figure = Figure(
        bench="the log as a table",
        measured_on=f"{given.entries:,} entries on SQLite",
        found=f"{seconds['table']:.1f} s, {grown_mb:.0f} MB more",
        goal=f"at most {MOST_MB} MB, whatever the number",
        held=grown_mb <= MOST_MB,
    )
    tell([figure], {"seconds": seconds, "grown_mb": grown_mb, "entries": given.entries}, given.json)


def measure(database: Database, folder: Path) -> tuple[dict[str, float], float]:
    """Time each step; gives the seconds, and by how many MB the first of them let this process grow."""
    seconds: dict[str, float] = {}

    def timed(step: str, call: Callable[[], Any]) -> None:
        began = time.perf_counter()
        call()
        seconds[step] = time.perf_counter() - began

    with database.reading() as session:
        before = peak_mb()
        timed("table", lambda: table.write(Reader.begin(session).batches(), folder / "log.parquet"))
        grown = peak_mb() - before
        timed("search", lambda: [*find(session, Filter(firm="f7", min_bytes=900_000))])
        timed("anomalies", lambda: [*scan(session, rules.load(), at=BEGIN)])
    pool = WorkerPool(limits=Limits(), workers=1, allow_unsandboxed=True)
    try:
        desk = LogDesk(database, BlobStore(folder / "blobs"), pool)
        with database.reading() as session:
            size = log.size(session)

        def ask() -> None:
            with desk.ask(SQL, within=Filter(), by=MemberId("auditor"), at=BEGIN) as answer:
                assert answer.rows == FIRMS or size < 1000

        timed("SQL", ask)
    finally:
        pool.close()
    return seconds, grown


def peak_mb() -> float:
    """The most memory this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
