"""A small registry, generated, and the helpers the tests of the engine room share."""

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from market.query.statements.gate import check
from market.query.statements.lineage import Lineage
from market.query.workers.pool import WorkerPool

COLUMNS = (
    ("id", "BIGINT"), ("city", "VARCHAR"), ("site", "VARCHAR"), ("age", "INTEGER"), ("tumor_mm", "DOUBLE"),
    ("diagnosed", "DATE"), ("stage", "VARCHAR"), ("visits", "INTEGER[]"),
    ("place", "STRUCT(code VARCHAR, floor INTEGER)"),
)  # fmt: skip
ROWS = 200_000
GROUP = 20_480


def write_registry(path: Path, *, rows: int = ROWS, first: int = 0) -> Path:
    """Rows sorted by id, in several row groups, by a fixed rule."""
    with duckdb.connect() as connection:
        table = connection.sql(f"""
            SELECT i AS id, printf('%06d-%s', 500000 + (i // 997) % 40, 'city') AS city, 'C' || (i * 7 % 80) AS site,
                (i * 37 % 97)::INTEGER AS age, ((hash(i) % 100000) / 977.0)::DOUBLE AS tumor_mm,
                DATE '2015-01-01' + (i // 60)::INTEGER AS diagnosed, 'stage ' || (hash(i * 3) % 4) AS stage,
                [i % 5, i % 7]::INTEGER[] AS visits,
                {{'code': 'P' || (hash(i) % 9000), 'floor': (i % 30)::INTEGER}} AS place
            FROM range({first}, {first + rows}) t(i) ORDER BY i
        """).to_arrow_table()
    pq.write_table(table, path, compression="zstd", row_group_size=GROUP)
    return path


def ask(pool: WorkerPool, files: dict[str, tuple[Path, ...]], sql: str, **options: float) -> pa.Table:
    """All rows of *sql* in the pool, without gate."""
    options.setdefault("max_rows", 10_000_000)
    with pool.run(files, sql, **options) as result:  # type: ignore[arg-type]  # max_rows is an int
        return pa.Table.from_batches(list(result), result.schema)


def ask_checked(pool: WorkerPool, lineage: Lineage, files: dict[str, tuple[Path, ...]], sql: str) -> pa.Table:
    """The whole way a statement goes."""
    check(sql, frozenset(files))
    lineage.touched(sql)
    return ask(pool, files, sql)
