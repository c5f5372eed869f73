"""What a build costs against a plain copy of the same file by DuckDB, CSV to Parquet, in the same run.

Run as `python -m tests.bench.bench_build`; with SLUICE_BENCH_LARGE=1 also 30,000,000 rows, which take minutes and
10 GB of disk. The goals: 3,000,000 generated rows of 9 columns, five quasi-identifiers at fixed levels, in at most six
times the copy, within 2 GiB; 30,000,000 rows within 8 GiB. Each build runs in a process of its own; its memory is the
sum of its own peak and that of its largest child. A build is held against the mean of the copies just before and just
after it; the median of the rounds counts. Beside it, reading alone is held against DuckDB's scan of the same text.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from itertools import pairwise
from pathlib import Path

from tests.bench.figures import Figure, tell

ROWS, LARGE_ROWS = 3_000_000, 30_000_000
ROUNDS = 3
LIMIT_RATIO, LIMIT_GIB, LIMIT_LARGE_GIB = 6, 2, 8
COPY = """
import sys, time, duckdb
began = time.perf_counter()
duckdb.connect().execute(
    f"COPY (FROM read_csv('{sys.argv[1]}')) TO '{sys.argv[2]}/copy.parquet' (FORMAT parquet, COMPRESSION zstd)"
)
print(time.perf_counter() - began)
"""
SCAN = """
import sys, time, duckdb
began = time.perf_counter()
rows = duckdb.connect().sql(f"FROM read_csv('{sys.argv[1]}', all_varchar = true)").to_arrow_reader()
assert sum(batch.num_rows for batch in rows)
print(time.perf_counter() - began)
"""
READ = """
import sys, time
from pathlib import Path
from anonymize.sources import open_source
from policies.source import Source
began = time.perf_counter()
with open_source(Path(sys.argv[1]), Source()) as reading:
    assert sum(batch.num_rows for batch in reading) and reading.sha256
print(time.perf_counter() - began)
"""
BUILD = """
import json, resource, sys, time
from datetime import UTC, datetime
from pathlib import Path
from anonymize.pipeline import build
from anonymize.signing import Signer
from policies.plan import Plan
from tests.bench.registry import plan
folder = Path(sys.argv[2])
signer, wanted = Signer.create(folder / "key"), Plan.from_dict(plan())
began = time.perf_counter()
made = build(
    wanted, Path(sys.argv[1]), folder / "out", signer=signer, at=datetime.now(UTC), memory_mb=int(sys.argv[3])
)
seconds = time.perf_counter() - began
peak = sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
risk = made.body["editions"]["controlled"]["risk"]
print(json.dumps({
    "seconds": seconds, "peak_gib": peak / 2**20, "tuples": risk["before"]["classes"],
    "classes": risk["after"]["classes"], "k": risk["after"]["k"], "rows": risk["after"]["rows"],
}))
"""


def run(script: str, *words: object) -> str:
    """Run *script* in a process of its own, with a new folder as its second word; give what it prints."""
    with tempfile.TemporaryDirectory(dir=Path(str(words[0])).parent) as folder:
        command = [sys.executable, "-c", script, str(words[0]), folder, *map(str, words[1:])]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def main() -> None:
    """Measure, print, and write JSON where asked."""
    from tests.bench.registry import generate

    parser = argparse.ArgumentParser()
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    cores = len(os.sched_getaffinity(0))
    on = f"{ROWS:,} generated rows × 9 columns, {cores} cores"
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "registry.csv"
        generate(source, ROWS)
        scans, reads, copies, builds = [], [], [float(run(COPY, source))], []
        for _ in range(ROUNDS):  # in turn, so that a busy machine slows both
            scans.append(float(run(SCAN, source)))
            reads.append(float(run(READ, source)))
            builds.append(json.loads(run(BUILD, source, 1024)))
            copies.append(float(run(COPY, source)))
        beside = [(before + after) / 2 for before, after in pairwise(copies)]
        ratios = [made["seconds"] / copy for made, copy in zip(builds, beside, strict=True)]
        ratio, peak = statistics.median(ratios), max(made["peak_gib"] for made in builds)
        at = ratios.index(ratio)
        made, read, scan = builds[at], statistics.median(reads), statistics.median(scans)
        figures = [
            Figure(
                bench="build of one edition, against DuckDB's copy of the same CSV to Parquet"
                " (`python -m tests.bench.bench_build`)",
                measured_on=f"{on}, {made['tuples']:,} distinct quasi-identifier tuples",
                found=f"{made['seconds']:.1f} s, copy {beside[at]:.2f} s: {ratio:.2f} × (rounds {_listed(ratios)})",
                goal=f"{LIMIT_RATIO} × the copy",
                held=ratio <= LIMIT_RATIO,
            ),
            Figure(
                bench="its memory (the same)",
                measured_on="the same",
                found=f"{peak:.2f} GiB",
                goal=f"{LIMIT_GIB} GiB",
                held=peak <= LIMIT_GIB,
            ),
            Figure(
                bench="reading it in a capped child, against DuckDB's scan of the same CSV as text (the same)",
                measured_on="the same",
                found=f"{read:.2f} s, scan {scan:.2f} s: {read / scan:.2f} ×",
                goal="reported",
            ),
        ]
        result = {"copies_s": copies, "builds": builds, "ratios": ratios, "reads_s": reads, "scans_s": scans}
        if os.environ.get("SLUICE_BENCH_LARGE"):
            generate(source, LARGE_ROWS)
            large = json.loads(run(BUILD, source, 4096))
            result["large"] = large
            figures.append(
                Figure(
                    bench="a large build (`SLUICE_BENCH_LARGE=1 python -m tests.bench.bench_build`)",
                    measured_on=f"{LARGE_ROWS:,} generated rows, {cores} cores",
                    found=f"{large['seconds']:.0f} s, {large['peak_gib']:.2f} GiB",
                    goal=f"{LIMIT_LARGE_GIB} GiB; the time is reported",
                    held=large["peak_gib"] <= LIMIT_LARGE_GIB,
                )
            )
    tell(figures, {**result, "rows": ROWS, "cores": cores}, given.json)


def _listed(ratios: list[float]) -> str:
    return ", ".join(f"{ratio:.2f}" for ratio in ratios)


if __name__ == "__main__":
    main()
