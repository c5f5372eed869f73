"""What we bill is never less than what the engine reads, to within a footer per file and one per cent."""

from pathlib import Path

import pytest

from market.query.statements.footprint import footprint
from market.query.statements.gate import check
from market.query.statements.lineage import Lineage
from market.query.workers.pool import WorkerPool
from tests.unit.market.query import world

FOOTER_BYTES = 262_144

CORPUS = [
    "SELECT * FROM registry",
    "SELECT city, avg(tumor_mm) FROM registry GROUP BY city",
    "SELECT * FROM registry WHERE id = 12345",
    "SELECT * FROM registry WHERE id = -1",
    "SELECT city FROM registry WHERE id BETWEEN 30000 AND 50000",
    "SELECT city FROM registry WHERE id IN (5, 100000)",
    "SELECT city FROM registry WHERE id IN (199999, 3)",
    "SELECT count(*) FROM registry WHERE id > 190000 AND age < 50",
    "SELECT count(*) FROM registry WHERE 190000 <= id",
    "SELECT tumor_mm FROM registry WHERE city = '500003-city'",
    "SELECT tumor_mm FROM registry WHERE city < '500002'",
    "SELECT tumor_mm FROM registry WHERE diagnosed >= DATE '2024-01-01'",
    "SELECT tumor_mm FROM registry WHERE diagnosed = '2016-05-05'",
    "SELECT tumor_mm FROM registry WHERE diagnosed > TIMESTAMP '2023-01-01 10:00:00'",
    "SELECT id FROM registry WHERE tumor_mm > 100.5",
    "SELECT id FROM registry WHERE id = 3 OR age = 3",
    "SELECT id FROM registry WHERE id < 40960.5",
    "SELECT count(*) FROM registry",
    "SELECT 1 FROM registry LIMIT 3",
    "SELECT max(id), min(city) FROM registry",
    "SELECT * FROM registry ORDER BY tumor_mm LIMIT 5",
    "SELECT * FROM registry LIMIT 5",
    "SELECT a.city, b.age FROM registry a JOIN registry b USING (id) WHERE a.age = 3",
    "WITH a AS (SELECT city, age FROM registry) "
    "SELECT x.city FROM a x JOIN (SELECT city, avg(age) m FROM a GROUP BY 1) y ON x.city = y.city AND x.age > y.m",
    "SELECT id, (SELECT max(age) FROM registry u WHERE u.city = registry.city) FROM registry WHERE id < 100",
    "SELECT city, age FROM registry QUALIFY row_number() OVER (PARTITION BY city ORDER BY age DESC, id) = 1",
    "SELECT city FROM registry UNION SELECT site FROM registry",
    "SELECT DISTINCT stage, site FROM registry WHERE id >= 100000",
    "SELECT count(*) FROM registry TABLESAMPLE 10%",
    "SELECT count(DISTINCT city) FROM registry WHERE age IS NOT NULL",
    "SELECT id FROM registry WHERE id IN (SELECT max(id) FROM registry)",
]


@pytest.fixture(scope="session")
def two_files(registry: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, ...]]:
    more = world.write_registry(tmp_path_factory.mktemp("more") / "more.parquet", rows=50_000, first=world.ROWS)
    return {"registry": (registry, more)}


@pytest.mark.parametrize("sql", CORPUS)
def test_the_engine_reads_no_more_than_we_said(
    pool: WorkerPool, lineage: Lineage, two_files: dict[str, tuple[Path, ...]], sql: str
) -> None:
    statement = check(sql, frozenset(two_files))
    expected = footprint(two_files, lineage.scans(sql), statement)
    with pool.run(two_files, sql, max_rows=10_000_000) as result:
        for _ in result:
            pass
    read = result.usage.engine_bytes_read
    assert (read or 0) <= expected.raw_bytes * 1.01 + FOOTER_BYTES * len(two_files["registry"])


def test_a_point_question_pays_for_one_row_group(lineage: Lineage, files: dict[str, tuple[Path, ...]]) -> None:
    sql = "SELECT * FROM registry WHERE id = 12345"
    found = footprint(files, lineage.scans(sql), check(sql, frozenset(files)))
    assert (found.row_groups_read, found.row_groups_total) == (1, 10)


def test_without_pruning_a_condition_never_changes_the_price(
    lineage: Lineage, files: dict[str, tuple[Path, ...]]
) -> None:
    prices = {
        footprint(files, lineage.scans(sql), check(sql, frozenset(files)), prune=False).raw_bytes
        for sql in (f"SELECT city FROM registry WHERE id = {value}" for value in (-1, 5, 150_000))
    }
    assert len(prices) == 1


def test_counting_rows_pays_for_the_smallest_column(lineage: Lineage, files: dict[str, tuple[Path, ...]]) -> None:
    def price(sql: str) -> int:
        return footprint(files, lineage.scans(sql), check(sql, frozenset(files))).raw_bytes

    columns = [name for name, _ in world.COLUMNS]
    assert price("SELECT count(*) FROM registry") == min(price(f"SELECT {name} FROM registry") for name in columns)
    assert price("SELECT count(*) FROM registry") > 0


def test_a_nested_column_counts_all_its_leaves(lineage: Lineage, files: dict[str, tuple[Path, ...]]) -> None:
    sql = "SELECT place.floor FROM registry"
    whole = "SELECT place FROM registry"
    assert footprint(files, lineage.scans(sql), check(sql, frozenset(files))) == footprint(
        files, lineage.scans(whole), check(whole, frozenset(files))
    )
