"""The columns a statement touches are those the binder says, whatever the optimiser would make of them."""

import pytest

from market.query.errors import Code, QueryRefused
from market.query.statements.lineage import Lineage, Scan

ALL = ("id", "city", "site", "age", "tumor_mm", "diagnosed", "stage", "visits", "place")

CASES = [
    ("SELECT * FROM registry", ALL),
    ("SELECT registry FROM registry", ALL),
    ("SELECT * EXCLUDE (visits, place, stage) FROM registry", ALL[:6]),
    ("SELECT * REPLACE (1 AS age) FROM registry", tuple(c for c in ALL if c != "age")),
    ("SELECT COLUMNS('^s') FROM registry", ("site", "stage")),
    ("SELECT COLUMNS(lambda c: c LIKE '%e') FROM registry", ("site", "age", "stage", "place")),
    ("SELECT count(*) FROM registry", ()),
    ("SELECT 1 FROM registry", ()),
    ("SELECT count(*) FROM registry WHERE age > 3", ("age",)),
    ("SELECT city FROM registry WHERE false", ("city",)),
    ("SELECT CASE WHEN false THEN city END FROM registry", ("city",)),
    ("SELECT city FROM registry WHERE id = 1 AND id = 2", ("id", "city")),
    ("SELECT max(id) FROM registry", ("id",)),
    ("SELECT place.code FROM registry", ("place",)),
    ("SELECT place['floor'] FROM registry", ("place",)),
    ("SELECT unnest(visits) FROM registry", ("visits",)),
    ("SELECT unnest(place) FROM registry", ("place",)),
    ("SELECT city.upper() FROM registry", ("city",)),
    ("SELECT DISTINCT city FROM registry ORDER BY city", ("city",)),
    ("SELECT city FROM registry ORDER BY age LIMIT 3", ("city", "age")),
    ("SELECT city, sum(age) OVER (PARTITION BY site) FROM registry", ("city", "site", "age")),
    ("SELECT city FROM registry QUALIFY row_number() OVER (ORDER BY age) = 1", ("city", "age")),
    ("SELECT city, count(*) FILTER (WHERE stage = 'x') FROM registry GROUP BY ALL", ("city", "stage")),
    ("SELECT city FROM registry GROUP BY city HAVING avg(age) > 3", ("city", "age")),
    ("WITH a AS (FROM registry) SELECT city FROM a", ("city",)),
    ("WITH a AS (FROM registry) SELECT x.city, y.age FROM a x JOIN a y USING (id)", ("id", "city", "age")),
    ("SELECT city FROM registry WHERE id IN (SELECT max(age) FROM registry)", ("id", "city", "age")),
    ("SELECT (SELECT max(age) FROM registry)", ("age",)),
    ("SELECT city FROM registry UNION ALL BY NAME SELECT site AS city FROM registry", ("city", "site")),
    ("SELECT list_transform([1], lambda x: x + age) FROM registry", ("age",)),
    ("SELECT coalesce(NULL, city), try_cast(stage AS INTEGER) FROM registry", ("city", "stage")),
    ("SELECT * FROM (SELECT city, age FROM registry)", ("city", "age")),
    ("SELECT city FROM registry TABLESAMPLE 10%", ("city",)),
    ("SELECT city FROM registry NATURAL JOIN (SELECT 1 AS age)", ("city", "age")),
    ("SELECT string_agg(city, ',' ORDER BY diagnosed) FROM registry", ("city", "diagnosed")),
]


@pytest.mark.parametrize(("sql", "columns"), CASES)
def test_exactly_the_touched_columns_are_reported(lineage: Lineage, sql: str, columns: tuple[str, ...]) -> None:
    assert lineage.touched(sql) == {"registry": columns}


@pytest.mark.parametrize("sql", ["SELECT 1", "VALUES (1)", "FROM range(3)", "SELECT unnest([1, 2])"])
def test_a_statement_over_values_touches_nothing(lineage: Lineage, sql: str) -> None:
    assert lineage.touched(sql) == {}


def test_each_table_has_its_own_columns(lineage: Lineage) -> None:
    sql = "SELECT r.city FROM registry r JOIN roads o ON r.id = o.id WHERE o.width_m > 2"
    assert lineage.touched(sql) == {"registry": ("id", "city"), "roads": ("id", "width_m")}


def test_a_table_joined_to_itself_is_two_scans(lineage: Lineage) -> None:
    scans = lineage.scans("SELECT a.city, b.age FROM registry a JOIN registry b USING (id)")
    assert sorted(scans, key=lambda scan: scan.columns) == [
        Scan("registry", ("id", "age")),
        Scan("registry", ("id", "city")),
    ]


@pytest.mark.parametrize(
    "sql", ["SELECT nme FROM registry", "SELECT r.nme FROM registry r", "SELECT rowid FROM registry"]
)
def test_an_unknown_column_is_answered_with_those_there_are(lineage: Lineage, sql: str) -> None:
    with pytest.raises(QueryRefused) as refused:
        lineage.touched(sql)
    assert refused.value.code == Code.UNKNOWN_COLUMN
    assert "tumor_mm" in refused.value.fix


@pytest.mark.parametrize("sql", ["SELECT city + age FROM registry", "SELECT city FROM registry GROUP BY age"])
def test_what_does_not_bind_is_refused_without_engine_text(lineage: Lineage, sql: str) -> None:
    with pytest.raises(QueryRefused) as refused:
        lineage.touched(sql)
    assert refused.value.code == Code.DOES_NOT_BIND
    assert "Binder" not in str(refused.value)
    assert "Binder" in (refused.value.detail or "")


@pytest.mark.parametrize("sql", ["FROM main.sqlite_master", "FROM duckdb_settings()", "FROM pragma_version()"])
def test_a_leaf_that_is_no_licensed_table_is_refused(lineage: Lineage, sql: str) -> None:
    with pytest.raises(QueryRefused) as refused:
        lineage.touched(sql)
    assert refused.value.code == Code.PLAN_REFUSED


def test_a_lateral_join_reports_at_least_what_it_touches(lineage: Lineage) -> None:
    """The unoptimised plan keeps whole rows for it: too many columns are an over-careful bill, too few would leak."""
    touched = lineage.touched("SELECT a.city FROM registry a, LATERAL (SELECT a.age) b")["registry"]
    assert {"city", "age"} <= set(touched)


def test_awkward_names_are_kept_apart() -> None:
    tables = {'odd "name"': (("a.b", "INTEGER"), ("a", "STRUCT(b INTEGER, c INTEGER)"), ("x y", "INTEGER"))}
    lineage = Lineage(tables)
    assert lineage.touched('SELECT "x y" FROM "odd ""name"""') == {'odd "name"': ("x y",)}
    assert "a" in lineage.touched('SELECT a.c FROM "odd ""name"""')['odd "name"']
    lineage.close()
