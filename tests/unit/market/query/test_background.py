"""A firm's further questions, and long ones, give way: they run where nothing else wants the processor."""

import contextlib
import os
import pty
import subprocess
import sys
import time
from pathlib import Path

import pytest

from market.query.errors import QueryFailed
from market.query.workers.background import FRONT_CPU_S
from market.query.workers.pool import WorkerPool
from tests.unit.market.query.world import ROWS, ask

Files = dict[str, tuple[Path, ...]]
SLOW = "SELECT sum(a.range * b.range % 7) FROM range(14000) a, range(14000) b"
WHOLE = "SELECT * FROM registry"
STAGE = """
import sys
from pathlib import Path
from market.query.workers.pool import WorkerPool

pool = WorkerPool(workers=1)
with pool.run({"registry": (Path(sys.argv[1]),)}, "SELECT * FROM registry") as result:
    fields = Path(f"/proc/{result.process.pid}/stat").read_text().rpartition(")")[2].split()
    print("terminal", fields[4])
pool.close()
"""


def test_a_second_question_of_a_firm_runs_in_the_background_and_another_firms_in_front(
    pool: WorkerPool, files: Files
) -> None:
    with (
        pool.run(files, WHOLE, max_rows=ROWS, firm="one") as first,
        pool.run(files, WHOLE, max_rows=ROWS, firm="one") as second,
        pool.run(files, WHOLE, max_rows=ROWS, firm="other") as third,
        pool.run(files, WHOLE, max_rows=ROWS) as ours,
    ):
        assert _policies(first.process.pid) == {os.SCHED_OTHER}
        assert _policies(second.process.pid) == {os.SCHED_IDLE}
        assert _policies(third.process.pid) == {os.SCHED_OTHER}
        assert _policies(ours.process.pid) == {os.SCHED_OTHER}


def test_a_firm_that_has_ended_its_question_asks_in_front_again(pool: WorkerPool, files: Files) -> None:
    for _ in range(2):
        with pool.run(files, WHOLE, max_rows=ROWS, firm="one") as result:
            assert _policies(result.process.pid) == {os.SCHED_OTHER}
    with pytest.raises(QueryFailed):
        pool.run(files, "SELECT 'x'::INTEGER", firm="one")
    with pool.run(files, WHOLE, max_rows=ROWS, firm="one") as result:
        assert _policies(result.process.pid) == {os.SCHED_OTHER}


def test_a_worker_of_the_background_answers_there_again(pool: WorkerPool, files: Files) -> None:
    with pool.run(files, WHOLE, max_rows=ROWS, firm="one"):
        with pool.run(files, "SELECT 1", firm="one") as second:
            list(second)
        with pool.run(files, WHOLE, max_rows=ROWS, firm="one") as again:
            assert again.process is second.process


def test_a_long_question_gives_way_and_a_fresh_worker_stands_in_front(pool: WorkerPool, files: Files) -> None:
    with pool.run(files, SLOW, firm="one") as long:
        assert long.cpu_s() > FRONT_CPU_S
        assert _policies(long.process.pid) == {os.SCHED_IDLE}
        assert sum(batch.num_rows for batch in long) == 1
    end = time.monotonic() + 20
    while len(pool.pids()) < 2 and time.monotonic() < end:
        time.sleep(0.02)
    assert {frozenset(_policies(pid)) for pid in pool.pids()} == {
        frozenset({os.SCHED_OTHER}),
        frozenset({os.SCHED_IDLE}),
    }
    before = set(pool.pids())
    with pool.run(files, WHOLE, max_rows=ROWS, firm="one") as next_one:
        assert next_one.process.pid in before
        assert _policies(next_one.process.pid) == {os.SCHED_OTHER}


def test_workers_weigh_with_the_service_but_not_at_its_terminal(files: Files) -> None:
    """They share the service's session, since Linux weighs sessions first; a terminal of it is not theirs."""
    with contextlib.ExitStack() as ends:
        ours, theirs = pty.openpty()
        ends.callback(os.close, ours)
        boot = f"import fcntl, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n{STAGE}"
        done = subprocess.run(
            [sys.executable, "-c", boot, str(files["registry"][0])],
            stdin=theirs, capture_output=True, text=True, check=False, start_new_session=True, timeout=60,
        )  # fmt: skip
        os.close(theirs)
    assert done.stdout == "terminal 0\n", done.stderr
    pool = WorkerPool(workers=1)
    try:
        ask(pool, files, "SELECT 1")
        assert [os.getsid(pid) for pid in pool.pids()] == [os.getsid(0)]
    finally:
        pool.close()


def _policies(pid: int) -> set[int]:
    return {os.sched_getscheduler(int(thread)) for thread in os.listdir(f"/proc/{pid}/task")}
