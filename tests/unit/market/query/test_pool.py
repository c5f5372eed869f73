"""Workers answer, end in time, survive bombs, and are replaced when they are lost."""

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from market.query.errors import Code, QueryFailed, QueryRefused
from market.query.workers.layers import ALL_LAYERS, Layer
from market.query.workers.pool import Limits, WorkerPool
from tests.unit.market.query.world import ROWS, ask

Files = dict[str, tuple[Path, ...]]
ENDLESS = "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a.range * b.range % 7 = 3"


def test_an_answer_has_schema_batches_and_usage(pool: WorkerPool, files: Files) -> None:
    with pool.run(files, "SELECT id, city, place FROM registry ORDER BY id", max_rows=ROWS) as result:
        assert result.schema.names == ["id", "city", "place"]
        rows = sum(batch.num_rows for batch in result)
    assert rows == result.usage.rows == ROWS
    assert (result.usage.engine_bytes_read or 0) > 0
    assert result.usage.cpu_s > 0
    assert result.usage.wall_s > 0


def test_an_empty_answer_still_has_its_schema(pool: WorkerPool, files: Files) -> None:
    table = ask(pool, files, "SELECT id, city FROM registry WHERE id < 0")
    assert table.num_rows == 0
    assert table.schema.names == ["id", "city"]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM registry WHERE id < 1000 ORDER BY id",
        "SELECT TIMESTAMPTZ '2024-01-01 10:00:00+02', 1.5::DECIMAL(9,2), 'x'::BLOB, INTERVAL 3 DAY, true, NULL",
        "SELECT {'a': [1, 2], 'b': 'c'}, MAP {1: 'a'}, uuid() IS NULL, '1.5'::DOUBLE, 170141183460469231731::HUGEINT",
        "SELECT union_value(n := 1), TIME '10:00', [[1], []], '101'::BIT",
    ],
)
def test_every_kind_of_value_arrives(pool: WorkerPool, files: Files, sql: str) -> None:
    assert ask(pool, files, sql).num_rows > 0


def test_a_warm_worker_is_used_again_and_another_set_gets_another(
    pool: WorkerPool, files: Files, registry: Path
) -> None:
    ask(pool, files, "SELECT 1")
    before = set(pool.pids())
    ask(pool, files, "SELECT 2")
    assert set(pool.pids()) == before
    ask(pool, {"same_file_other_name": (registry,)}, "SELECT count(*) FROM same_file_other_name")
    assert len(set(pool.pids()) - before) == 1


def test_the_least_recently_used_worker_makes_room(files: Files, registry: Path) -> None:
    pool = WorkerPool(workers=1)
    try:
        ask(pool, files, "SELECT 1")
        first = pool.pids()
        ask(pool, {"other": (registry,)}, "SELECT 1")
        assert len(pool.pids()) == 1
        assert pool.pids() != first
    finally:
        pool.close()


def test_an_idle_worker_leaves(files: Files) -> None:
    pool = WorkerPool(workers=1, idle_s=0.2)
    try:
        ask(pool, files, "SELECT 1")
        _wait_until(lambda: not pool.pids())
    finally:
        pool.close()


def test_when_all_workers_are_busy_the_answer_says_so(files: Files) -> None:
    pool = WorkerPool(workers=1)
    try:
        with pool.run(files, "SELECT * FROM registry", max_rows=ROWS):
            with pytest.raises(QueryFailed) as failed:
                ask(pool, files, "SELECT 1", timeout_s=0.3)
            assert failed.value.code == Code.BUSY
    finally:
        pool.close()


def test_a_query_ends_within_a_second_of_its_deadline(pool: WorkerPool, files: Files) -> None:
    start = time.monotonic()
    with pytest.raises(QueryFailed) as failed:
        ask(pool, files, ENDLESS, timeout_s=0.5)
    assert failed.value.code == Code.TIMEOUT
    assert time.monotonic() - start < 1.5


def test_a_function_that_ignores_interrupts_is_killed(pool: WorkerPool, files: Files) -> None:
    start = time.monotonic()
    with pytest.raises(QueryFailed) as failed:
        ask(pool, files, "SELECT levenshtein(repeat('ab', 1000000), repeat('cd', 1000000))", timeout_s=0.5)
    assert failed.value.code == Code.TIMEOUT
    assert time.monotonic() - start < 1.5
    assert ask(pool, files, "SELECT 42 AS a")["a"].to_pylist() == [42]


def test_processor_time_is_budgeted(files: Files) -> None:
    pool = WorkerPool(limits=Limits(cpu_s=0.3), workers=1)
    try:
        with pytest.raises(QueryFailed) as failed:
            ask(pool, files, ENDLESS)
        assert failed.value.code == Code.CPU_LIMIT
    finally:
        pool.close()


@pytest.mark.parametrize(
    "bomb",
    [
        "SELECT length(list_sort(range(3000000000))::VARCHAR)",
        "SELECT length(repeat('x', 3000000000))",
        "SELECT length(list(range)::VARCHAR) FROM range(500000000)",
        "SELECT length(printf('%2000000000d', 1))",
    ],
)
def test_a_memory_bomb_ends_and_the_next_question_is_answered(pool: WorkerPool, files: Files, bomb: str) -> None:
    with pytest.raises(QueryFailed) as failed:
        ask(pool, files, bomb, timeout_s=8)
    assert failed.value.code in {Code.OUT_OF_MEMORY, Code.WORKER_LOST, Code.TIMEOUT, Code.ENGINE_ERROR}
    assert ask(pool, files, "SELECT 42 AS a")["a"].to_pylist() == [42]


def test_too_many_rows_end_the_query_and_no_more_than_allowed_arrive(pool: WorkerPool, files: Files) -> None:
    rows = 0
    result = pool.run(files, "SELECT id FROM registry", max_rows=1000)
    batches = iter(result)
    while True:
        try:
            rows += next(batches).num_rows
        except QueryFailed as error:
            failed = error
            break
    assert failed.code == Code.ROW_LIMIT
    assert rows == 1000
    assert ask(pool, files, "SELECT id FROM registry LIMIT 1000", max_rows=1000).num_rows == 1000


def test_cancel_from_another_thread_ends_the_query(pool: WorkerPool, files: Files) -> None:
    result = pool.run(files, "SELECT a.id FROM registry a, registry b", max_rows=10**8)
    timer = threading.Timer(0.2, result.cancel)
    timer.start()
    start = time.monotonic()
    with pytest.raises(QueryFailed) as failed, result:
        for _ in result:
            pass
    assert failed.value.code == Code.CANCELLED
    assert time.monotonic() - start < 2
    timer.join()


def test_a_result_left_early_frees_its_worker(files: Files) -> None:
    pool = WorkerPool(workers=1)
    try:
        with pool.run(files, "SELECT a.id FROM registry a, registry b", max_rows=10**8) as result:
            next(iter(result))
        assert ask(pool, files, "SELECT 42 AS a")["a"].to_pylist() == [42]
    finally:
        pool.close()


def test_a_killed_worker_is_replaced(files: Files) -> None:
    pool = WorkerPool(workers=2)
    try:
        ask(pool, files, "SELECT 1")
        (victim,) = pool.pids()
        timer = threading.Timer(0.3, os.kill, (victim, signal.SIGKILL))
        timer.start()
        with pytest.raises(QueryFailed) as failed:
            ask(pool, files, ENDLESS)
        timer.join()
        assert failed.value.code == Code.WORKER_LOST
        _wait_until(lambda: len(pool.pids()) == 1 and pool.pids() != [victim])
        assert ask(pool, files, "SELECT 42 AS a")["a"].to_pylist() == [42]
    finally:
        pool.close()


def test_a_worker_that_died_while_idle_is_not_used(files: Files) -> None:
    pool = WorkerPool(workers=1)
    try:
        ask(pool, files, "SELECT 1")
        os.kill(pool.pids()[0], signal.SIGKILL)
        time.sleep(0.2)
        assert ask(pool, files, "SELECT 42 AS a")["a"].to_pylist() == [42]
    finally:
        pool.close()


def test_a_dead_zygote_is_started_again(files: Files, registry: Path) -> None:
    pool = WorkerPool(workers=2)
    try:
        ask(pool, files, "SELECT 1")
        assert pool._spawner._zygote is not None
        pool._spawner._zygote.kill()
        pool._spawner._zygote.wait()
        assert ask(pool, {"other": (registry,)}, "SELECT 42 AS a")["a"].to_pylist() == [42]
    finally:
        pool.close()


def test_workers_that_see_a_withdrawn_file_are_ended(files: Files, registry: Path) -> None:
    pool = WorkerPool(workers=2)
    try:
        ask(pool, files, "SELECT 1")
        assert pool.end_workers(registry) == 1
        assert pool.pids() == []
    finally:
        pool.close()


def test_a_closed_pool_leaves_no_process(files: Files) -> None:
    pool = WorkerPool(workers=2)
    ask(pool, files, "SELECT 1")
    pids = pool.pids()
    pool.close()
    _wait_until(lambda: not any(_exists(pid) for pid in pids))
    with pytest.raises(QueryFailed) as failed:
        ask(pool, files, "SELECT 1")
    assert failed.value.code == Code.CLOSED


def test_an_engine_error_shows_no_value(pool: WorkerPool, files: Files) -> None:
    with pytest.raises(QueryFailed) as failed:
        ask(pool, files, "SELECT city::INTEGER FROM registry")
    assert failed.value.code == Code.VALUE_ERROR
    assert "500" not in str(failed.value)
    assert "500" in (failed.value.detail or "")


@pytest.mark.parametrize("sql", ["FROM duckdb_settings()", "FROM main.sqlite_master", "SELECT 1; SELECT 2"])
def test_the_leaf_check_refuses_what_the_gate_would(pool: WorkerPool, files: Files, sql: str) -> None:
    with pytest.raises(QueryRefused) as refused:
        ask(pool, files, sql)
    assert refused.value.code == Code.PLAN_REFUSED


def test_without_a_sandbox_no_query_runs_unless_the_risk_is_named(files: Files) -> None:
    bare = frozenset({Layer.RLIMITS, Layer.ENGINE, Layer.LEAVES})
    pool = WorkerPool(workers=1, layers=bare)
    try:
        with pytest.raises(QueryFailed) as failed:
            ask(pool, files, "SELECT 1")
        assert failed.value.code == Code.SANDBOX_MISSING
    finally:
        pool.close()
    pool = WorkerPool(workers=1, layers=bare, allow_unsandboxed=True)
    try:
        assert ask(pool, files, "SELECT 42 AS a")["a"].to_pylist() == [42]
    finally:
        pool.close()


def test_landlock_and_seccomp_carry_a_system_without_namespaces(files: Files) -> None:
    pool = WorkerPool(workers=1, layers=ALL_LAYERS - {Layer.NAMESPACES})
    try:
        assert ask(pool, files, "SELECT count(*) AS n FROM registry")["n"].to_pylist() == [ROWS]
    finally:
        pool.close()


def test_many_threads_share_the_pool(pool: WorkerPool, files: Files) -> None:
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for step in range(5):
                found = ask(pool, files, f"SELECT id FROM registry WHERE id = {number * 100 + step}")
                assert found["id"].to_pylist() == [number * 100 + step]
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def _wait_until(true: "object", seconds: float = 5.0) -> None:
    end = time.monotonic() + seconds
    while not true():  # type: ignore[operator]  # a function without arguments
        assert time.monotonic() < end
        time.sleep(0.02)


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
