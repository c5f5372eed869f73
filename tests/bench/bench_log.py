"""The log: how fast it grows, and how fast a stranger verifies it beside the bare SHA-256 of the same bytes.

Run as `python -m tests.bench.bench_log [--entries N]`. The entries are those of answered questions, in transactions of
1,000; each entry of the export is about 600 bytes. The verifier is the one file that the product hands out, run by the
interpreter without site packages. Verifier and floor take turns, so that a busy machine slows both.
"""

import argparse
import hashlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from catalog.events import Event, note
from catalog.ids import MemberId, new_id
from market.audit import checkpoint, export, log, verify_log
from market.audit.notary import Notary
from market.audit.verify import verify
from market.db import Database
from market.home import upgrade
from tests.bench.figures import Figure, tell
from tests.common import postgres
from tests.common.clock import BEGIN

BATCH = 1000
ROUNDS = 3
SINGLE = 1000
POSTGRES_ENTRIES = 50_000
APART = timedelta(milliseconds=60)
"""A thousand entries a minute."""


def answered(at: datetime) -> Event:
    """Say what an answered question leaves in the log."""
    run = new_id(at)
    details = {
        "agreement": run,
        "firm": run,
        "edition": run,
        "purpose": "DUO:0000006",
        "sql": "0" * 64,
        "columns": ["sex", "age", "stage"],
        "billed_bytes": 1_000_000,
        "amount_fen": 15,
        "transfers": [run, run, run],
    }
    return Event(action="query:answered", subject=run, by=MemberId(run), at=at, details=details)


def moments(begin: datetime) -> Iterator[datetime]:
    """Give moments one after another."""
    at = begin
    while True:
        at += APART
        yield at


def grow(database: Database, clock: Iterator[datetime], entries: int, batch: int = BATCH) -> list[float]:
    """Append *entries* in transactions of *batch*; gives the seconds of each."""
    times = []
    for _ in range(entries // batch):
        began = time.perf_counter()
        with database.writing() as session:
            for _ in range(batch):
                note(session, answered(next(clock)))
        times.append(time.perf_counter() - began)
    return times


def on_postgres(folder: Path) -> float:
    """Give the entries a second that PostgreSQL takes in transactions of 1,000."""
    url = postgres.fresh_url()
    database = Database(url, None, notary=Notary.create(folder / "postgres-keys"))
    try:
        return POSTGRES_ENTRIES / sum(grow(database, moments(BEGIN), POSTGRES_ENTRIES))
    finally:
        database.close()
        postgres.drop(url)


def floor(path: Path) -> float:
    """Seconds to hash the file as a whole."""
    began = time.perf_counter()
    with path.open("rb") as file:
        hashlib.file_digest(file, "sha256")
    return time.perf_counter() - began


def by_stranger(path: Path, key: str) -> float:
    """Seconds that the verifier takes, start of the interpreter included."""
    began = time.perf_counter()
    command = [sys.executable, "-I", "-S", verify_log.__file__, str(path), "--key", key]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def measure(folder: Path, entries: int) -> tuple[list[Figure], dict[str, float]]:
    """Grow a log, take it away, and verify it in both ways."""
    url = f"sqlite:///{folder / 'sluice.db'}"
    upgrade(url)
    notary, clock = Notary.create(folder / "keys"), moments(BEGIN)
    database = Database(url, folder / "writer.lock", notary=notary)
    rate = entries / sum(grow(database, clock, entries))
    single = sorted(grow(database, clock, SINGLE, batch=1))
    with database.writing() as session:
        checkpoint.take(session, notary.signer(session), origin=notary.origin, at=next(clock))
    path, key = folder / "log.export", notary.publics()[0]
    with database.reading() as session, path.open("wb") as file:
        began = time.perf_counter()
        written = export.write(session, file, notary, retention_years=30, at=next(clock))
        exporting = time.perf_counter() - began
    turns = [(floor(path), by_stranger(path, key)) for _ in range(ROUNDS)]
    bare, stranger = (statistics.median(times) for times in zip(*turns, strict=True))
    with database.reading() as session:
        began = time.perf_counter()
        assert verify(session, key) == []
        at_rest = time.perf_counter() - began
        prove = log.prover(session, written)
        began = time.perf_counter()
        for seq in range(0, written, max(1, written // 1000)):
            prove(seq)
        proving = (time.perf_counter() - began) / min(written, 1000)
    database.close()
    size = f"{written:,} entries, {path.stat().st_size / 1e6:,.0f} MB"
    p99 = 1000 * single[int(len(single) * 0.99)]
    postgres_rate = on_postgres(folder)
    figures = [
        Figure(
            bench="a stranger verifies an export",
            measured_on=size,
            found=f"{stranger:.1f} s, {stranger / bare:.1f} × the bare SHA-256 of the file ({bare:.2f} s)",
            goal="1,000,000 entries in 10 s",
            held=stranger * 1e6 / written <= 10,
        ),
        Figure(
            bench="append to the log, 1,000 a transaction",
            measured_on="SQLite and PostgreSQL, checkpoints included",
            found=f"{rate:,.0f} and {postgres_rate:,.0f} entries/s",
            goal="5,000 and 2,000 entries/s",
            held=rate >= 5000 and postgres_rate >= 2000,
        ),
        Figure(
            bench="append one entry with its fsync, p99",
            measured_on=f"SQLite, {SINGLE:,} in turn behind {entries:,}",
            found=f"{p99:.1f} ms (median {1000 * statistics.median(single):.1f} ms)",
            goal="5 ms",
            held=p99 <= 5,
        ),
        Figure(
            bench="`sluice log verify`",
            measured_on=f"{written:,} entries at rest",
            found=f"{at_rest:.1f} s",
            goal="–",
        ),
    ]
    result = {
        "entries": written,
        "append_per_s": rate,
        "append_postgres_per_s": postgres_rate,
        "append_single_p99_ms": p99,
        "export_s": exporting,
        "floor_s": bare,
        "verifier_s": stranger,
        "verify_at_rest_s": at_rest,
        "prove_ms": 1000 * proving,
    }
    return figures, result


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-log-", dir=os.environ.get("TMPDIR")) as folder:
        figures, result = measure(Path(folder), given.entries)
    tell(figures, result, given.json)


if __name__ == "__main__":
    main()
