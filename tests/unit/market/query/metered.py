"""Random questions over the flat columns of the registry, and the bound that their bytes keep."""

import random
from dataclasses import dataclass
from pathlib import Path

from market.query.statements.footprint import footprint
from market.query.statements.gate import check
from market.query.statements.lineage import Binder
from market.query.workers.pool import WorkerPool

COLUMNS = ("id", "city", "site", "age", "tumor_mm", "diagnosed", "stage")
READ_AHEAD = 262_144
"""Bytes that the engine reads of a file besides its columns."""

TRIES = 4

_CONDITIONS = (
    "id < {n}", "id BETWEEN {n} AND {n} + 9000", "id IN ({n}, 7)", "age > {small}", "city = '5000{small:02}-city'",
    "diagnosed >= DATE '2015-01-01' + {small}", "diagnosed < DATE '2018-03-01'", "tumor_mm > {small}.5",
    "stage LIKE '%{one}'", "id = {n} OR age = {small}", "city < '500010' AND id > {n}", "age IN (SELECT {small})",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """A statement, and whether it reads its columns from end to end."""

    sql: str
    full: bool


def asked(draw: random.Random) -> Asked:
    """Draw a question."""
    columns = draw.sample(COLUMNS, draw.randint(1, 4))
    shape = draw.randrange(6)
    if shape == 0:
        return Asked(f"SELECT {', '.join(columns)} FROM registry", True)
    if shape == 1:
        return Asked(f"SELECT {', '.join(f'count(DISTINCT {name})' for name in columns)} FROM registry", True)
    if shape == 2:
        first, *others = columns
        figures = "".join(f", min(md5({name}::VARCHAR))" for name in others)
        return Asked(f"SELECT {first}{figures} FROM registry GROUP BY {first}", True)
    fill = {"n": draw.randrange(200_000), "small": draw.randrange(40), "one": draw.randrange(4)}
    where = draw.choice(_CONDITIONS).format(**fill)
    if shape == 3:
        return Asked(f"SELECT {', '.join(columns)} FROM registry WHERE {where}", False)
    if shape == 4:
        return Asked(
            f"SELECT {', '.join(columns)} FROM registry ORDER BY {columns[0]} LIMIT {draw.randint(1, 50)}", False
        )
    joined = f"(FROM registry WHERE {where}) a JOIN registry b ON a.id = b.id + {draw.randrange(9)}"
    return Asked(f"SELECT count(*), max(a.{columns[0]}) FROM {joined}", False)


def assert_bound(pool: WorkerPool, binder: Binder, files: dict[str, tuple[Path, ...]], one: Asked) -> int:
    """Hold the engine's bytes against the unrounded estimate; gives how many readings were beyond it.

    The engine now and then reads some chunks twice, and counts them twice; the bound is for what it reads once.
    """
    statement = check(one.sql, frozenset(files))
    expected = footprint(files, binder.scans(one.sql), statement).raw_bytes
    slack = READ_AHEAD * len(files["registry"]) + expected // 100
    for beyond in range(TRIES):
        read = _read(pool, files, one.sql)
        if one.full:
            assert read >= expected - slack, (one.sql, read, expected)
        if read <= expected + slack:
            return beyond
    raise AssertionError((one.sql, read, expected))


def _read(pool: WorkerPool, files: dict[str, tuple[Path, ...]], sql: str) -> int:
    with pool.run(files, sql) as result:
        for _ in result:
            pass
    return result.usage.engine_bytes_read or 0
