"""What a build costs against a plain copy of the same file by DuckDB, CSV to Parquet, in the same run.

Run as `python -m tests.bench.bench_build`; with SLUICE_BENCH_LARGE=1 also 30,000,000 rows, which take minutes and
10 GB of disk. The goals: 3,000,000 generated rows of 9 columns, five quasi-identifiers at fixed levels, in at most six
times the copy, within 2 GiB; 30,000,000 rows within 8 GiB. Each build runs in a process of its own; its memory is the
sum of its own peak and that of its largest child.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

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
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "registry.csv"
        generate(source, ROWS)
        copies, builds = [], []
        for _ in range(ROUNDS):  # in turn, so that a busy machine slows both
            copies.append(float(run(COPY, source)))
            builds.append(json.loads(run(BUILD, source, 1024)))
        copy, best = min(copies), min(builds, key=lambda made: made["seconds"])
        ratio, peak = best["seconds"] / copy, max(made["peak_gib"] for made in builds)
        print(f"generated rows {ROWS:,}, distinct quasi-identifier tuples {best['tuples']:,}, k {best['k']}")
        print(f"DuckDB copy {copy:.2f} s; build {best['seconds']:.2f} s = {ratio:.2f} times (limit {LIMIT_RATIO})")
        print(f"peak memory {peak:.2f} GiB (limit {LIMIT_GIB})")
        result = {"copy_s": copy, "build_s": best["seconds"], "ratio": ratio, "peak_gib": peak, "build": best}
        held = ratio <= LIMIT_RATIO and peak <= LIMIT_GIB
        if os.environ.get("SLUICE_BENCH_LARGE"):
            generate(source, LARGE_ROWS)
            large = json.loads(run(BUILD, source, 4096))
            print(f"{LARGE_ROWS:,} rows: {large['seconds']:.0f} s, peak {large['peak_gib']:.2f} GiB (limit 8)")
            result["large"] = large
            held = held and large["peak_gib"] <= LIMIT_LARGE_GIB
    print("within" if held else "OVER")
    if given.json is not None:
        given.json.write_text(json.dumps(result | {"rows": ROWS, "cores": os.cpu_count()}, indent=1))


if __name__ == "__main__":
    main()
