"""Random SQL: nothing leaks, and what the gate allows touches what the lineage says and nothing else."""

import json
import os
import random
import secrets
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from market.query.errors import Code, QueryError, QueryFailed, QueryRefused
from market.query.statements.gate import check
from market.query.statements.lineage import Binder, leaves, only_values
from market.query.statements.parameters import Parameters, for_engine
from market.query.statements.rows import rows_at_most
from market.query.workers.pool import Limits, WorkerPool
from market.query.workers.shadow import Shadow
from tests.attack.random_sql import COLUMNS, Grammar

CANARIES = ("CANARY-OTHER", "CANARY-COLUMN", "CANARY-FILE", "CANARY-ENV", "CANARY-FOLDER")
SECONDS = 4.0
MOST_ROWS = 500


@dataclass
class Fuzz:
    """A licensed cut, the whole that it was cut from, another's file, and the way of a statement among them."""

    folder: Path
    pool: WorkerPool
    binder: Binder
    plain: duckdb.DuckDBPyConnection
    """The engine alone over the licensed file, for its own plan."""
    told: Counter[str] = field(default_factory=Counter)

    def ask(self, grammar: Grammar) -> None:
        """Ask one random statement; an assertion fails where it sees or touches too much."""
        places = {name: self.folder / f"{name}.parquet" for name in ("own", "other", "whole")}
        template = grammar.statement()
        sql = template.format(**places, text=self.folder / "decoy.txt")
        given = {
            k: str(places["other"]) if v == "{other}" else v for k, v in grammar.parameters.items() if f"${k}" in sql
        }
        seen = ""
        try:
            statement = check(sql, frozenset({"licensed"}), given)
            touched = set(self.binder.touched(sql, given).get("licensed", ()))
        except QueryRefused as refused:
            seen = f"{refused}"
            self.told[f"refused: {refused.code}"] += 1
        else:
            assert touched <= set(COLUMNS), sql
            self._assert_plan(sql, given, touched)
            most = rows_at_most(statement, {"licensed": (self.folder / "own.parquet",)})
            seen = self._run(sql, given, MOST_ROWS if most is None else most)
        wrote = sql + str(given)
        assert not [canary for canary in CANARIES if canary in seen and canary not in wrote], (sql, seen[:500])

    def _run(self, sql: str, given: Parameters, most: int) -> str:
        files = {"licensed": (self.folder / "own.parquet",)}
        try:
            with self.pool.run(files, sql, parameters=given, max_rows=MOST_ROWS) as result:
                rows = [row for batch in result for row in batch.to_pylist()]
            assert len(rows) <= most, (sql, most)
            self.told["answered"] += 1
            return str(result.schema) + str(rows)
        except QueryFailed as failed:
            if failed.code == Code.ROW_LIMIT and most < MOST_ROWS:
                raise AssertionError(f"more than {most} rows: {sql}") from failed
            self.told[f"failed: {failed.code}"] += 1
            return str(failed)
        except QueryError as refused:
            raise AssertionError(f"the leaf check refuses what the gate allowed: {sql}") from refused

    def _assert_plan(self, sql: str, given: Parameters, touched: set[str]) -> None:
        """Every scan of the engine's own plan is of the licensed file and of columns that the lineage said."""
        (row,) = self.plain.execute(f"EXPLAIN (FORMAT json) {sql}", for_engine(given)).fetchall()
        for plan in json.loads(row[1]):
            for leaf in (leaf for leaf in leaves(plan) if not only_values(leaf)):
                said = leaf["extra_info"].get("Projections") or []
                names = {said} if isinstance(said, str) else set(said)
                assert leaf["extra_info"].get("Function") == "READ_PARQUET", (sql, leaf)
                assert names <= touched, (sql, names, touched)


@pytest.fixture(scope="module")
def fuzz(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fuzz]:
    folder = tmp_path_factory.mktemp("CANARY-FOLDER")
    ids = list(range(3_000))
    own = {"id": ids, "city": [f"city-{i % 9}" for i in ids], "age": pa.array([i % 90 for i in ids], pa.int32())}
    own["diagnosed"] = [date(2015, 1, 1) + timedelta(days=i // 2) for i in ids]
    pq.write_table(pa.table(own), folder / "own.parquet", row_group_size=512)
    pq.write_table(pa.table({**own, "secret": [f"CANARY-COLUMN-{i}" for i in ids]}), folder / "whole.parquet")
    pq.write_table(pa.table({"id": ids, "secret": [f"CANARY-OTHER-{i}" for i in ids]}), folder / "other.parquet")
    (folder / "decoy.txt").write_text("CANARY-FILE")
    shape = {"licensed": (("id", "BIGINT"), ("city", "VARCHAR"), ("age", "INTEGER"), ("diagnosed", "DATE"))}
    pool = WorkerPool(limits=Limits(memory_mb=256, timeout_s=1.0), workers=3)
    with pytest.MonkeyPatch.context() as patch, duckdb.connect(config={"threads": "1"}) as plain:
        patch.setitem(os.environ, "SLUICE_PLANTED", "CANARY-ENV")
        plain.execute(f"CREATE VIEW licensed AS FROM read_parquet('{folder / 'own.parquet'}')")
        yield Fuzz(folder, pool, Shadow(pool, shape, {"licensed": (folder / "own.parquet",)}), plain)
    pool.close()


def fuzzed(fuzz: Fuzz, seconds: float) -> Counter[str]:
    """Ask random statements for *seconds*; gives what became of them. The seed is printed first."""
    seed = secrets.randbits(32)
    print(f"seed {seed}")
    grammar, end = Grammar(random.Random(seed)), time.monotonic() + seconds
    before = {path.name: path.read_bytes() for path in fuzz.folder.iterdir()}
    while time.monotonic() < end:
        fuzz.ask(grammar)
    assert {path.name: path.read_bytes() for path in fuzz.folder.iterdir()} == before
    return fuzz.told


def test_random_sql_leaks_nothing_and_touches_only_what_was_said(fuzz: Fuzz) -> None:
    told = fuzzed(fuzz, SECONDS)
    print(told)
    assert told["answered"] > 0
    assert sum(count for what, count in told.items() if what.startswith("refused")) > 0
