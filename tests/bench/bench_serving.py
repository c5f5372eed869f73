"""What HTTP adds: ``python -m tests.bench.bench_serving [--json FILE] [--rounds N]``.

A small market behind the real server on the loopback address. Large answers multiply its table; raw DuckDB drains the
same statement over the same file in this process, in turns. Then 32 clients ask at once.
"""

import argparse
import os
import statistics
import tempfile
import threading
import time
from pathlib import Path

import duckdb

from catalog.releases import files_of
from market.client import connect
from policies.terms import Quota
from tests.bench.figures import Figure, tell
from tests.common.market_world import PURPOSE, ROWS, Market, copied
from tests.common.served import Served, served, token_of

POINT = "SELECT sex, count(*) AS n FROM tumor WHERE sex = '1' GROUP BY sex"
TIMES = 5_000
LARGE = "SELECT t.*, r.range AS n FROM tumor t, range({times}) r"
CLIENTS, EACH = 32, 5
PLENTY = Quota(bytes=10**15, rows=10**13, queries=10**9)
"""Each question sets the rows aside that it may bring, and these may be a thousand million here."""


def main() -> None:
    """Measure, and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-serving-") as folder:
        market = copied(Path(folder) / "market")
        token = token_of(market)
        with market.open() as home:
            agreement = market.agree(home, edition=market.facts.edition, quota=PLENTY)
        with served(market, SLUICE_QUERY_ROWS=str(10**9)) as service:
            figures, found = measured(market, service, token, agreement, options.rounds)
    tell(figures, found, options.json)


def measured(
    market: Market, service: Served, token: str, agreement: str, rounds: int
) -> tuple[list[Figure], dict[str, float]]:
    """Ask in turns over HTTP and raw."""
    with market.open() as home, home.database.reading() as session:
        path = home.store.open_path(files_of(session, market.facts.edition)[0].sha256)
    raw = duckdb.connect(config={"threads": "2"})
    raw.execute(f"CREATE VIEW tumor AS FROM read_parquet('{path}')")
    client = connect(service.url, token)
    under = {"agreement": agreement, "purpose": PURPOSE.value}

    def drained(times: int) -> tuple[float, float, int]:
        """Seconds to the first batch and to the last, and bytes."""
        start, first, size = time.perf_counter(), 0.0, 0
        for batch in client.query(LARGE.format(times=times), **under).batches():
            first = first or time.perf_counter() - start
            size += batch.nbytes
        return first, time.perf_counter() - start, size

    def alone(times: int) -> tuple[float, int]:
        start, size = time.perf_counter(), 0
        for batch in raw.sql(LARGE.format(times=times)).to_arrow_reader(122_880):
            size += batch.nbytes
        return time.perf_counter() - start, size

    floor = [_timed(client.usage) for _ in range(30)]
    points = [_timed(lambda: client.query(POINT, **under).to_arrow()) for _ in range(30)]
    drained(10)
    before = _rss_mb(service.pid)
    ratios, firsts, speeds = [], [], []
    for _ in range(rounds):
        own, size = alone(TIMES)
        first, whole, sent = drained(TIMES)
        ratios.append((sent / whole) / (size / own))
        speeds.append(sent / whole / 1e6)
        firsts.append(first)
    drained(4 * TIMES)
    growth = _rss_mb(service.pid) - before
    raw.close()
    waits, errors = _crowd(service, token, under)
    found = {
        "floor_ms": statistics.median(floor) * 1000, "point_ms": statistics.median(points) * 1000,
        "first_byte_ms": statistics.median(firsts) * 1000, "drain": statistics.median(ratios),
        "drain_mb_s": statistics.median(speeds), "growth_mb": growth, "errors": float(len(errors)),
        "fairness": max(waits) / min(waits),
    }  # fmt: skip
    on = f"a small market on SQLite, {TIMES * ROWS:,} rows of Arrow, {os.cpu_count()} cores"
    for error in errors[:3]:
        print(error)
    lines = (
        ("HTTP floor (usage of a firm)", f"{found['floor_ms']:.1f} ms", "reported", None),
        ("small query over HTTP, charged and logged", f"{found['point_ms']:.1f} ms", "reported", None),
        ("first batch over HTTP", f"{found['first_byte_ms']:.0f} ms", "100 ms", found["first_byte_ms"] <= 100),
        (
            "Arrow over HTTP, against raw DuckDB's drain",
            f"{found['drain']:.2f} × ({found['drain_mb_s']:.0f} MB/s)",
            "0.5 ×",
            found["drain"] >= 0.5,
        ),
        ("growth of the server's memory, at four times the rows", f"{growth:.0f} MB", "150 MB", growth <= 150),
        (
            f"{CLIENTS} clients, {EACH} questions each",
            f"{len(errors)} errors, slowest client {found['fairness']:.2f} × the fastest",
            "no error",
            not errors,
        ),
    )
    return [Figure(bench=b, measured_on=on, found=f, goal=g, held=h) for b, f, g, h in lines], found


def _crowd(service: Served, token: str, under: dict[str, str]) -> tuple[list[float], list[str]]:
    """Let many ask at once; gives the seconds that each needed, and what went wrong."""
    waits: list[float] = []
    errors: list[str] = []

    def ask() -> None:
        client, start = connect(service.url, token), time.perf_counter()
        try:
            for _ in range(EACH):
                client.query(POINT, **under).to_arrow()
        except Exception as error:
            errors.append(repr(error))
        waits.append(time.perf_counter() - start)

    threads = [threading.Thread(target=ask) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return waits, errors


def _timed(ask: object) -> float:
    start = time.perf_counter()
    ask()  # type: ignore[operator]  # a function without arguments
    return time.perf_counter() - start


def _rss_mb(pid: int) -> float:
    """Resident memory of the server and the processes that answer for it; workers count as their own."""
    pids = [pid, *(int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]
    return sum(int(Path(f"/proc/{one}/statm").read_text().split()[1]) for one in pids) * 4096 / 1e6


if __name__ == "__main__":
    main()
