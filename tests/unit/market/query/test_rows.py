"""Before a statement runs it is known how many rows it cannot exceed, where that is plain; else nothing is said."""

from pathlib import Path

import pytest

from market.query.statements.gate import check
from market.query.statements.rows import rows_at_most
from market.query.workers.pool import WorkerPool
from tests.unit.market.query.world import ROWS, ask

Files = dict[str, tuple[Path, ...]]
KNOWN = {
    "SELECT * FROM registry": ROWS,
    "SELECT lower(city), age + 1 FROM registry": ROWS,
    "SELECT city, count(*) FROM registry GROUP BY city": ROWS,
    "SELECT * FROM registry LIMIT 10": 10,
    "SELECT * FROM registry ORDER BY age LIMIT 10 OFFSET 3": 10,
    "SELECT unnest([1, 2, 3]) FROM registry LIMIT 2": 2,
    "SELECT count(*), max(age) FROM registry": 1,
    "SELECT count(*) FROM registry a, registry b WHERE a.id = b.id AND a.id < 5": 1,
    "SELECT 42": 1,
    "VALUES (1), (2), (3)": 3,
    "SELECT 'a' FROM (FROM registry LIMIT 0) HAVING true UNION ALL "
    "SELECT 'b' FROM (FROM registry LIMIT 0) HAVING true": 2,
    "SELECT city FROM (SELECT * FROM registry LIMIT 7) UNION ALL SELECT 'x'": 8,
    "WITH a AS (SELECT * FROM registry LIMIT 5) SELECT id FROM registry LIMIT 4": 4,
}
UNKNOWN = (
    "SELECT a.id FROM registry a JOIN registry b ON a.city = b.city AND a.id < 3 AND b.id < 3",
    "SELECT unnest([1, 2, 3]) FROM registry WHERE id < 5",
    "SELECT generate_subscripts([1, 2, 3], 1) FROM registry WHERE id < 5",
    "SELECT max(unnest([1, 2])) FROM registry WHERE id < 2 GROUP BY id",
    "SELECT city, count(*) FROM registry WHERE id < 100 GROUP BY ROLLUP (city)",
    "SELECT r.id FROM registry r, range(3) WHERE r.id < 50 LIMIT (SELECT 3)",
    "SELECT r.id FROM registry r, range(3) WHERE r.id < 50 LIMIT 10%",
    "SELECT * FROM range(3)",
    "WITH registry AS (SELECT * FROM range(9)) SELECT * FROM registry",
    "SELECT id FROM registry WHERE id < 5 UNION ALL SELECT * FROM range(3)",
)


@pytest.mark.parametrize("sql", KNOWN)
def test_what_is_plain_to_see_is_said_and_holds(pool: WorkerPool, files: Files, sql: str) -> None:
    assert rows_at_most(check(sql, frozenset(files)), files) == KNOWN[sql]
    assert ask(pool, files, sql).num_rows <= KNOWN[sql]


@pytest.mark.parametrize("sql", UNKNOWN)
def test_of_what_is_not_plain_to_see_nothing_is_said(files: Files, sql: str) -> None:
    assert rows_at_most(check(sql, frozenset(files)), files) is None


def test_row_groups_that_hold_no_match_do_not_count(pool: WorkerPool, files: Files) -> None:
    sql = "SELECT * FROM registry WHERE id = 12345"
    most = rows_at_most(check(sql, frozenset(files)), files)
    assert most is not None
    assert 1 <= most < ROWS
    assert ask(pool, files, sql).num_rows == 1
