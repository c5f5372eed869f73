"""Twenty hostile questions at once: a neighbour waits at most twice as long, no worker outgrows its limit, all end."""

import contextlib
import os
import random
import statistics
import threading
import time
from pathlib import Path

import pytest

from market.query.admission import Admission
from market.query.errors import QueryError
from market.query.workers.pool import Limits, WorkerPool
from tests.attack.test_hostile_sql import Hostile, World, hostile, world

__all__ = ["world"]
ROUNDS, HOSTILE, ASKED = 5, 20, 40
PLACES = 2 * (os.cpu_count() or 1)
TIMEOUT_S = 2.0
PACE_S = 0.02
"""Between two questions of the neighbour, in quiet and beside the others: caches grow cold in it on both sides."""
SETTLED_S = 1.0
"""After the hostile ones have ended: their killed workers still give memory back."""
MEMORY_MB = 256
HEADROOM_KB = 1536 * 1024
POINT = "SELECT count(*), max(city) FROM licensed WHERE id BETWEEN {0} AND {0} + 99"


@pytest.mark.soak
def test_a_neighbour_is_answered_while_twenty_hostile_questions_run(world: World) -> None:
    """One firm sends the hostile ones, another asks small things; they share places and workers as they are served."""
    limits = Limits(memory_mb=MEMORY_MB, timeout_s=TIMEOUT_S, threads=1)
    pool = WorkerPool(limits=limits)
    admission = Admission(places=PLACES, queue=HOSTILE + PLACES, patience_s=120)
    heavy = [h for h in hostile() if not h.refused and h.group in {"cpu", "memory"}]
    quiet: list[float] = []
    loaded: list[float] = []
    largest, slowest = 0, 0.0
    try:
        _ask(pool, admission, world, 0)
        for number in range(ROUNDS):
            time.sleep(SETTLED_S)
            for step in range(ASKED):
                quiet.append(_ask(pool, admission, world, step))
                time.sleep(PACE_S)
            chosen = random.Random(number).sample(heavy, HOSTILE)
            ends: list[float] = []
            threads = [threading.Thread(target=_attack, args=(pool, admission, world, one, ends)) for one in chosen]
            for thread in threads:
                thread.start()
            while any(thread.is_alive() for thread in threads):
                loaded.append(_ask(pool, admission, world, len(loaded)))
                largest = max([largest, *map(_rss_kb, pool.pids())])
                time.sleep(PACE_S)
            for thread in threads:
                thread.join()
            slowest = max([slowest, *ends])
    finally:
        pool.close()
    before, during = (statistics.quantiles(times, n=20)[18] for times in (quiet, loaded))
    print(
        f"neighbour p95 {before * 1000:.1f} ms quiet ({len(quiet)}), {during * 1000:.1f} ms loaded ({len(loaded)}):"
        f" {during / before:.2f} ×; largest worker {largest / 1024:.0f} MB; slowest end {slowest:.2f} s"
        f" of {TIMEOUT_S} s"
    )
    assert largest <= MEMORY_MB * 1024 + HEADROOM_KB
    assert slowest <= TIMEOUT_S + 1
    assert during <= 2 * before


def _ask(pool: WorkerPool, admission: Admission, world: World, step: int) -> float:
    began = time.monotonic()
    point = POINT.format(step * 37 % 19_000)
    with admission.place("neighbour"), pool.run(world.files, point, firm="neighbour") as result:
        assert sum(batch.num_rows for batch in result) == 1
    return time.monotonic() - began


def _attack(pool: WorkerPool, admission: Admission, world: World, one: Hostile, ends: list[float]) -> None:
    """Ask one hostile statement; its time counts from when it has a place."""
    with admission.place("hostile"):
        began = time.monotonic()
        with (
            contextlib.suppress(QueryError),
            pool.run(world.files, world.fill(one.sql), max_rows=100_000, firm="hostile") as result,
        ):
            for _ in result:
                pass
        ends.append(time.monotonic() - began)


def _rss_kb(pid: int) -> int:
    try:
        pages = Path(f"/proc/{pid}/statm").read_text().split()[1]
    except (OSError, IndexError):
        return 0
    return int(pages) * 4
