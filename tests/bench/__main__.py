"""`make bench`: every bench in turn, each in a process of its own; results as JSON under `.bench/`, and as a table."""

import subprocess
import sys
from pathlib import Path

from tests.bench.figures import table

BENCHES = (
    "bench_query",
    "bench_serving",
    "bench_peers",
    "bench_ledger",
    "bench_log",
    "bench_build",
    "bench_search",
    "bench_text",
    "bench_auditing",
)

if __name__ == "__main__":
    out = Path(".bench")
    out.mkdir(exist_ok=True)
    for name in BENCHES:
        print(f"\n== {name}", flush=True)
        subprocess.run([sys.executable, "-m", f"tests.bench.{name}", "--json", str(out / f"{name}.json")], check=True)
    print("\n" + table([out / f"{name}.json" for name in BENCHES]))
