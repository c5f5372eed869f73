"""What the engine room costs over DuckDB alone: ``python -m tests.bench.bench_query [--json FILE] [--rounds N]``.

A point question and an aggregate over 10,000,000 generated rows in 13 columns, in interleaved rounds: raw DuckDB
in this process, then gate + lineage + footprint + warm worker. Ratios of the same minute are what to look at.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from market.query.footprint import footprint
from market.query.gate import check
from market.query.lineage import Lineage
from market.query.pool import Limits, WorkerPool

CACHE = Path(__file__).resolve().parents[2] / ".bench"
ROWS = 10_000_000
GROUP = 122_880
THREADS = 2
QUESTIONS = {
    "point": "SELECT * FROM registry WHERE id = {}",
    "aggregate": "SELECT city, site, count(*), avg(tumor_mm), max(age) FROM registry WHERE age > {} GROUP BY ALL",
}


def registry() -> Path:
    """A generated registry, sorted by id; written once."""
    path = CACHE / "generated_registry_10m.parquet"
    if path.exists():
        return path
    CACHE.mkdir(exist_ok=True)
    unfinished = path.with_suffix(".writing")
    with duckdb.connect() as connection:
        connection.execute(f"""
            COPY (
                SELECT i AS id, 500000 + (hash(i) % 40)::INTEGER AS city, 'C' || (hash(i * 3) % 80) AS site,
                    (hash(i * 5) % 97)::INTEGER AS age, (hash(i * 7) % 2)::INTEGER AS sex,
                    ((hash(i * 11) % 100000) / 977.0)::DOUBLE AS tumor_mm,
                    DATE '2005-01-01' + (hash(i * 13) % 7000)::INTEGER AS diagnosed,
                    (hash(i * 17) % 4)::INTEGER AS stage, '8' || (hash(i * 19) % 900 + 100) AS morphology,
                    (hash(i * 23) % 30)::INTEGER AS visits, (hash(i * 29) % 1000000)::INTEGER AS cost_fen,
                    (hash(i * 31) % 5)::INTEGER AS treatment, (hash(i * 37) % 3650)::INTEGER AS survival_days
                FROM range({ROWS}) t(i) ORDER BY i
            ) TO '{unfinished}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {GROUP})
        """)
    unfinished.rename(path)
    return path


def measure(one: Callable[[int], object], other: Callable[[int], object], rounds: int) -> dict[str, float]:
    """Both in turns; milliseconds, and ratios of minimum and median."""
    times: tuple[list[float], list[float]] = ([], [])
    for turn in range(rounds + 3):
        for spent, run in zip(times, (one, other), strict=True):
            start = time.perf_counter()
            run(turn)
            if turn >= 3:
                spent.append((time.perf_counter() - start) * 1000)
    low, high = [min(t) for t in times], [statistics.median(t) for t in times]
    return {
        "raw_min_ms": low[0], "raw_median_ms": high[0], "sluice_min_ms": low[1], "sluice_median_ms": high[1],
        "ratio_min": low[1] / low[0], "ratio_median": high[1] / high[0],
        "difference_min_ms": low[1] - low[0], "difference_median_ms": high[1] - high[0],
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--rounds", type=int, default=40)
    options = parser.parse_args()
    path = registry()
    files = {"registry": (path,)}
    raw = duckdb.connect(config={"threads": str(THREADS)})
    raw.execute(f"CREATE VIEW registry AS FROM read_parquet('{path}')")
    shape = [(name, kind) for name, kind, *_ in raw.execute("DESCRIBE registry").fetchall()]
    lineage = Lineage({"registry": shape})
    pool = WorkerPool(limits=Limits(threads=THREADS, memory_mb=1024), workers=2)

    found: dict[str, dict[str, float]] = {}
    try:
        for name, template in QUESTIONS.items():

            def literal(turn: int, name: str = name) -> int:
                return turn * 219_983 % ROWS if name == "point" else turn % 20

            def alone(turn: int, template: str = template) -> int:
                return int(raw.sql(template.format(literal(turn))).to_arrow_table().num_rows)

            def served(turn: int, template: str = template) -> int:
                sql = template.format(literal(turn))
                statement = check(sql, frozenset(files))
                footprint(files, lineage.scans(sql), statement)
                with pool.run(files, sql, max_rows=1_000_000) as result:
                    return sum(batch.num_rows for batch in result)

            assert alone(1) == served(1)
            found[name] = measure(alone, served, options.rounds)
    finally:
        pool.close()
        lineage.close()
        raw.close()

    groups = pq.read_metadata(path).num_row_groups
    print(f"generated registry: {ROWS:,} rows, 13 columns, {groups} row groups, {path.stat().st_size / 1e6:.0f} MB")
    print(
        f"{'':10} {'raw min':>9} {'median':>9} {'ours min':>9} {'median':>9} {'ratio':>7} {'median':>7} {'+ms min':>8}"
    )
    for name, row in found.items():
        print(
            f"{name:10} {row['raw_min_ms']:9.2f} {row['raw_median_ms']:9.2f} {row['sluice_min_ms']:9.2f}"
            f" {row['sluice_median_ms']:9.2f} {row['ratio_min']:7.3f} {row['ratio_median']:7.3f}"
            f" {row['difference_min_ms']:8.2f}"
        )
    if options.json:
        options.json.write_text(json.dumps({"rows": ROWS, "rounds": options.rounds, **found}, indent=2))


if __name__ == "__main__":
    main()
