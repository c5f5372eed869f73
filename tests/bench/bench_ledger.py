"""What the ledger and the log add to a query: T1, T2 and T3 against the disk's own fsync, in the same run.

Run as `python -m tests.bench.bench_ledger`. The goal: T1 + T2 ≤ 3 ms + 2 × fsync. T3 is written after the rows have
left, so nobody waits for it; it is reported beside them.
"""

import argparse
import io
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from market.delivery.formats import Format, Outlet
from market.query.answer import Asker, QueryService
from tests.bench.figures import Figure, tell
from tests.common.market_world import Market, copied

ROUNDS = 200


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


def measure(
    service: QueryService, market: Market, asker: Asker, folder: Path
) -> tuple[dict[str, float], dict[str, float]]:
    """Time the three transactions of one point question, over and over; medians and minima in milliseconds."""
    times: dict[str, list[float]] = {"T1 reserve": [], "T2 post and log": [], "T3 delivered": [], "fsync": []}

    def timed(step: str, call: Callable[[], Any]) -> Any:
        began = time.perf_counter()
        value = call()
        times[step].append(1000 * (time.perf_counter() - began))
        return value

    for number in range(ROUNDS):
        if number % 10 == 0:
            times["fsync"].append(fsync_ms(folder, 20))
        assessed = service.assess(market.question("SELECT count(*) FROM tumor", f"bench-{number}"), asker)
        run_id, _ = timed("T1 reserve", partial(service.reserve, assessed, asker))
        timed("T2 post and log", partial(service.post, run_id, assessed, asker))
        outlet = Outlet(io.BytesIO())
        timed("T3 delivered", partial(service.settle, run_id, asker, outlet, Format.ARROW, "complete"))
    return (
        {step: statistics.median(values) for step, values in times.items()},
        {step: min(values) for step, values in times.items()},
    )


def main() -> None:
    """Measure, print, and write JSON where asked."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        market = copied(Path(name) / "market")
        with market.open() as home, market.service() as service:
            medians, lowest = measure(service, market, market.asker(home), Path(name))
    limit = 3 + 2 * medians["fsync"]
    found = medians["T1 reserve"] + medians["T2 post and log"]
    for step, value in medians.items():
        print(f"{step:18} median {value:7.2f} ms   minimum {lowest[step]:7.2f} ms")
    figure = Figure(
        bench="T1 + T2, ledger and log",
        measured_on=f"a small market on SQLite, {ROUNDS} rounds",
        found=f"{found:.2f} ms, fsync {medians['fsync']:.2f} ms",
        goal="3 ms + 2 × fsync",
        held=found <= limit,
    )
    result = {"median_ms": medians, "t1_t2_ms": found, "limit_ms": limit, "rounds": ROUNDS, "cores": os.cpu_count()}
    tell([figure], result, given.json)


if __name__ == "__main__":
    main()
