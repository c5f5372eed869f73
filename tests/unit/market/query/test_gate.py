"""The gate says which construct it refuses, where, and what to write instead."""

import threading

import pytest

from market.query.errors import Code, QueryRefused
from market.query.statements.gate import check
from market.query.statements.predicates import Literal, Op, Predicate

TABLES = frozenset({"registry", "roads"})

ALLOWED = """
SELECT * FROM registry
FROM registry SELECT city, count(*) GROUP BY ALL HAVING count(*) > 3 ORDER BY ALL LIMIT 10 OFFSET 2
SELECT r.city, o.width_m FROM registry r LEFT JOIN roads o USING (id) WHERE r.age BETWEEN 3 AND 5
WITH a AS (FROM registry), b AS (SELECT * FROM a) SELECT * FROM b x JOIN a USING (id)
SELECT city, row_number() OVER (PARTITION BY city ORDER BY age DESC NULLS LAST) FROM registry QUALIFY 1 = 1
SELECT count(*) FILTER (WHERE age > 3), string_agg(DISTINCT city, ',' ORDER BY city) FROM registry
SELECT * EXCLUDE (age) REPLACE (lower(city) AS city) RENAME (site AS topography) FROM registry
SELECT COLUMNS('c.*') FROM registry
SELECT CASE WHEN age > 3 THEN 'old' ELSE 'young' END, age::VARCHAR, TRY_CAST(city AS INTEGER) FROM registry
SELECT {'a': 1}, [1, 2][1], MAP {1: 2}, [x * 2 FOR x IN [1, 2] IF x > 1], list_transform([1], lambda x: x + 1)
SELECT id FROM registry UNION ALL BY NAME SELECT id FROM roads EXCEPT SELECT 3 INTERSECT SELECT 4
SELECT * FROM registry WHERE id IN (SELECT id FROM roads) AND EXISTS (FROM roads WHERE roads.id = registry.id)
SELECT * FROM range(10) t(i), generate_series(1, 3), unnest([1, 2]) WITH ORDINALITY AS u(x, o)
SELECT * FROM range(DATE '2020-01-01', DATE '2024-01-01', INTERVAL 1 MONTH)
SELECT * FROM registry TABLESAMPLE 10%
SELECT city, grouping(city) FROM registry GROUP BY ROLLUP (city, site)
SELECT DISTINCT ON (city) city, age FROM registry ORDER BY city COLLATE nocase
SELECT * FROM registry ASOF JOIN roads ON registry.id >= roads.id
SELECT date_trunc('month', diagnosed), extract(year FROM diagnosed), diagnosed + INTERVAL 3 DAY FROM registry
SELECT lpad(city, 10, ' '), repeat('ab', 100), printf('%08.3f', tumor_mm), format('{:>10}', city) FROM registry
VALUES (1, 'a'), (2, 'b')
SELECT * FROM REGISTRY
SELECT (SELECT max(age) FROM registry), ARRAY(SELECT id FROM roads), 1 = ANY([1, 2])
""".strip().splitlines()

REFUSED = [
    ("SELECT 1; SELECT 2", Code.NOT_ONE_STATEMENT, None),
    ("", Code.NOT_ONE_STATEMENT, None),
    ("DROP TABLE registry", Code.NOT_A_SELECT, None),
    ("SELECT * FRM registry", Code.SYNTAX, 13),
    ("SELECT '中文', version()", Code.FUNCTION_REFUSED, 13),
    ("SELECT foo(1)", Code.FUNCTION_UNKNOWN, 7),
    ("SELECT * FROM secrets", Code.TABLE_REFUSED, 14),
    ("SELECT * FROM main.registry", Code.TABLE_REFUSED, 14),
    ("WITH a AS (SELECT 1) SELECT * FROM main.a", Code.TABLE_REFUSED, 35),
    ("SELECT * FROM (WITH a AS (SELECT 1) FROM a), a", Code.TABLE_REFUSED, 45),
    ("WITH a AS (FROM b), b AS (SELECT 1) FROM a", Code.TABLE_REFUSED, 16),
    ("WITH a AS (FROM a) FROM a", Code.TABLE_REFUSED, 16),
    ("WITH pg_views AS (SELECT 1) FROM pg_views", Code.TABLE_REFUSED, None),
    ("WITH RECURSIVE r AS (SELECT 1 UNION ALL FROM r) FROM r", Code.RECURSION_REFUSED, None),
    ("WITH d AS (DELETE FROM registry RETURNING *) FROM d", Code.NOT_A_SELECT, None),
    ("FROM read_csv('x')", Code.TABLE_FUNCTION_REFUSED, None),
    ("FROM (SUMMARIZE registry)", Code.CONSTRUCT_REFUSED, None),
    ("FROM registry PIVOT (sum(age) FOR city IN ('a'))", Code.CONSTRUCT_REFUSED, None),
    ("SELECT $1", Code.PARAMETER_REFUSED, 7),
    ("SELECT age::ENUM('a') FROM registry", Code.TYPE_REFUSED, 12),
    ("SELECT current_user", Code.FUNCTION_REFUSED, 7),
    ("SELECT main.lower('a')", Code.FUNCTION_REFUSED, 7),
    ("SELECT sum(age) EXPORT_STATE FROM registry", Code.FUNCTION_REFUSED, 7),
    ("SELECT repeat('x', 10000001)", Code.SIZE_REFUSED, 7),
    ("SELECT repeat('0123456789', 1000001)", Code.SIZE_REFUSED, 7),
    ("SELECT repeat('x', age) FROM registry", Code.SIZE_REFUSED, 7),
    ("SELECT printf('%*d', 3, 4)", Code.SIZE_REFUSED, 7),
    ("SELECT format('{:{}}', 3, 4)", Code.SIZE_REFUSED, 7),
    ("FROM range(0, 3, 0.0000001)", Code.SIZE_REFUSED, None),
    ("FROM range(DATE '0001-01-01', DATE '9999-01-01', INTERVAL 1 SECOND)", Code.SIZE_REFUSED, None),
    ("SELECT " + "(" * 5000, Code.TOO_COMPLEX, None),
    ("SELECT " + "NOT " * 500 + "true", Code.TOO_COMPLEX, None),
    ("SELECT '" + "x" * 70_000 + "'", Code.TOO_LONG, None),
    ("SELECT 'a\0b'", Code.SYNTAX, 9),
    ("SELECT '\ud800'", Code.SYNTAX, 8),
    ("SELECT " + ", ".join(["*"] * 300) + " FROM registry", Code.TOO_COMPLEX, None),
]


@pytest.mark.parametrize("sql", ALLOWED)
def test_an_ordinary_question_passes(sql: str) -> None:
    assert set(check(sql, TABLES).tables) <= TABLES


@pytest.mark.parametrize(("sql", "code", "position"), REFUSED, ids=lambda value: str(value)[:40])
def test_a_refusal_names_its_code_its_place_and_a_fix(sql: str, code: Code, position: int | None) -> None:
    with pytest.raises(QueryRefused) as refused:
        check(sql, TABLES)
    assert refused.value.code == code
    assert refused.value.fix
    if position is not None:
        assert refused.value.position == position


def test_a_refusal_never_quotes_the_engine() -> None:
    with pytest.raises(QueryRefused) as refused:
        check("SELECT * FRM registry", TABLES)
    assert refused.value.detail
    assert refused.value.detail not in str(refused.value)


def test_a_cte_hides_a_licensed_table_of_its_name() -> None:
    assert check("WITH registry AS (SELECT 1) FROM registry", TABLES).tables == ()


def test_simple_conditions_are_found_and_others_are_not() -> None:
    sql = """SELECT * FROM registry r WHERE r.id >= 5 AND 7 > age AND city IN ('a', 'b')
             AND diagnosed BETWEEN DATE '2020-01-01' AND '2021-01-01' AND (site = 'C1' OR age = 3)
             AND lower(stage) = 'x'"""
    found = check(sql, TABLES).predicates
    assert found == (
        Predicate("registry", "id", Op.GE, (Literal("INTEGER", "5"),)),
        Predicate("registry", "age", Op.LT, (Literal("INTEGER", "7"),)),
        Predicate("registry", "city", Op.IN, (Literal("STRING", "a"), Literal("STRING", "b"))),
        Predicate("registry", "diagnosed", Op.GE, (Literal("DATE", "2020-01-01"),)),
        Predicate("registry", "diagnosed", Op.LE, (Literal("STRING", "2021-01-01"),)),
    )


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM registry JOIN roads USING (id) WHERE registry.id = 3",
        "WITH registry AS (SELECT 1 AS id) SELECT * FROM registry WHERE id = 3",
        "SELECT age AS id FROM registry WHERE id = 3",
        "SELECT (SELECT max(id) FROM registry) FROM registry WHERE id = 3",
        "SELECT * FROM registry r(a, b) WHERE id = 3",
        "SELECT * FROM registry WHERE id = 3 OR age = 4",
    ],
)
def test_a_condition_that_might_mean_something_else_prunes_nothing(sql: str) -> None:
    assert check(sql, TABLES).predicates == ()


def test_many_threads_may_check_at_once() -> None:
    failures: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(20):
                check(ALLOWED[2], TABLES)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
