"""One shape of question is offered; what is outside it is refused with place and fix, what is in it is answered so."""

from datetime import date

import duckdb
import pyarrow as pa
import pytest

from market.query.aggregates.declared import declared
from market.query.aggregates.protect import protect, schema_of
from market.query.aggregates.shape import shape
from market.query.aggregates.statement import written
from market.query.errors import QueryRefused
from market.query.statements import gate
from policies.cells import Guard

OPEN = Guard(minimum_subjects=2, dominance_subjects=1, dominance_share=0.9, noise_deviation=0.01, noise_maximum=1)
"""Noise that is nought but for one draw in a great many, so that figures can be compared."""

PEOPLE = [
    {"name": "id", "role": "subject"},
    {"name": "sex", "role": "quasi_identifier"},
    {"name": "age", "role": "quasi_identifier"},
    {"name": "stage", "role": "sensitive_attribute"},
    {"name": "size", "role": "insensitive"},
    {"name": "day", "role": "quasi_identifier"},
    {"name": "grade", "role": "quasi_identifier"},
    {"name": "alive", "role": "quasi_identifier"},
]
KINDS = [
    ("id", "VARCHAR"),
    ("sex", "VARCHAR"),
    ("age", "VARCHAR"),
    ("stage", "VARCHAR"),
    ("size", "DOUBLE"),
    ("day", "DATE"),
    ("grade", "INTEGER"),
    ("alive", "BOOLEAN"),
]
VISITS = [
    {"name": "id", "role": "subject"},
    {"name": "ward", "role": "quasi_identifier"},
    {"name": "cost", "role": "insensitive"},
]
TABLES = {
    "people": declared(PEOPLE, KINDS),
    "visits": declared(VISITS, [("id", "VARCHAR"), ("ward", "VARCHAR"), ("cost", "DOUBLE")]),
    "rows": declared([{"name": "sex", "role": "quasi_identifier"}], [("sex", "VARCHAR")]),
}


@pytest.fixture(scope="module")
def engine():
    connection = duckdb.connect()
    connection.execute("""CREATE TABLE people AS SELECT 'p' || i AS id, ['f', 'm'][1 + i % 2] AS sex,
        ['20-', '40-', NULL][1 + i % 3] AS age, ['I', 'II'][1 + i % 4 // 2] AS stage,
        CASE WHEN i % 5 = 0 THEN NULL ELSE i::DOUBLE END AS size, DATE '2020-01-01' + (i % 2)::INTEGER AS day,
        (i % 3)::INTEGER AS grade, i % 2 = 0 AS alive FROM range(120) t(i)""")
    connection.execute("""CREATE TABLE visits AS SELECT 'p' || (i % 120) AS id, ['A', 'B'][1 + i % 2] AS ward,
        (i % 7)::DOUBLE AS cost FROM range(600) t(i)""")
    yield connection
    connection.close()


def ask(engine, sql):
    question = shape(gate.check(sql, frozenset(TABLES)), TABLES)
    cells = engine.sql(written(question, TABLES, 42)).to_arrow_table().to_pylist()
    return protect(question, cells, TABLES, OPEN, b"s" * 32)


ANSWERED = [
    "SELECT sex, COUNT(*) AS n FROM people GROUP BY sex ORDER BY sex",
    "SELECT sex, age, COUNT(*) AS n, COUNT(DISTINCT id) AS people FROM people GROUP BY ALL ORDER BY 1, 2",
    "SELECT stage, COUNT(*) AS n FROM people WHERE age = '20-' GROUP BY 1 ORDER BY n DESC, stage",
    "SELECT COUNT(*) AS n, SUM(size) AS s, AVG(size) AS a, COUNT(size) AS c FROM people WHERE sex <> 'm'",
    "SELECT grade, COUNT(*) AS n FROM people WHERE grade >= 1 AND grade < 2.5 GROUP BY grade",
    "SELECT COUNT(*) AS n FROM people WHERE day = DATE '2020-01-02' OR day BETWEEN '2019-01-01' AND '2020-01-01'",
    "SELECT COUNT(*) AS n FROM people WHERE alive = true AND '20-' = age",
    "SELECT COUNT(*) AS n FROM people WHERE age IS NULL",
    "SELECT COUNT(*) AS n FROM people WHERE age IS NOT NULL AND age NOT IN ('20-', 'x''y')",
    "SELECT p.sex, COUNT(*) AS n, AVG(v.cost) AS c FROM people p JOIN visits v USING (id) WHERE v.ward = 'A' GROUP BY 1"
    " ORDER BY p.sex LIMIT 1",
    "SELECT ward, COUNT(*) AS n, COUNT(DISTINCT id) AS who FROM visits GROUP BY ward ORDER BY ward DESC",
]


@pytest.mark.parametrize("sql", ANSWERED)
def test_what_is_offered_is_answered_as_the_engine_would(engine, sql):
    """With a guard that lets everything through, the figures are those of the plain statement."""
    assert ask(engine, sql).to_pylist() == engine.sql(sql).to_arrow_table().to_pylist()


REFUSED = {
    "SELECT sex, COUNT(*) FROM people GROUP BY sex UNION SELECT sex, 1 FROM people": "set operation",
    "WITH p AS (SELECT * FROM people) SELECT COUNT(*) FROM p": "WITH",
    "SELECT sex, COUNT(*) FROM people GROUP BY sex HAVING COUNT(*) > 3": "HAVING",
    "SELECT sex, COUNT(*) FROM people GROUP BY sex QUALIFY row_number() OVER () = 1": "QUALIFY",
    "SELECT COUNT(*) FROM people USING SAMPLE 10%": "sample",
    "SELECT COUNT(*) FROM people TABLESAMPLE 10%": "taken whole",
    "SELECT COUNT(*) FROM people AS p(a, b)": "own column names",
    "SELECT COUNT(*) FROM (SELECT * FROM people) p": "Only tables",
    "SELECT COUNT(*) FROM people a JOIN people b USING (id)": "twice",
    "SELECT COUNT(*) FROM people a JOIN visits b ON a.id = b.id": "subjects alone",
    "SELECT COUNT(*) FROM people a LEFT JOIN visits b USING (id)": "subjects alone",
    "SELECT COUNT(*) FROM people, visits": "subjects alone",
    "SELECT COUNT(*) FROM rows": "cannot be told apart",
    "SELECT sex FROM people GROUP BY sex": "Nothing is counted",
    "SELECT sex || age, COUNT(*) FROM people GROUP BY ALL": "not offered",
    "SELECT CASE WHEN true THEN sex END, COUNT(*) FROM people GROUP BY ALL": "plain statistics",
    "SELECT sex, COUNT(*) + 1 FROM people GROUP BY sex": "is not offered",
    "SELECT COUNT(*) FILTER (WHERE sex = 'm') FROM people": "FILTER",
    "SELECT MAX(size) FROM people": "max",
    "SELECT SUM(size * 2) FROM people": "plain column",
    "SELECT SUM(stage) FROM people": "cannot be added up",
    "SELECT COUNT(id) FROM people": "only counted",
    "SELECT COUNT(DISTINCT stage) FROM people": "DISTINCT",
    "SELECT sex, COUNT(*) FROM people GROUP BY age": "differ",
    "SELECT COUNT(*) FROM people GROUP BY sex": "differ",
    "SELECT sex, COUNT(*) FROM people GROUP BY ROLLUP(sex)": "ROLLUP",
    "SELECT sex, COUNT(*) FROM people GROUP BY 2": "plain columns",
    "SELECT size, COUNT(*) FROM people GROUP BY size": "no key",
    "SELECT id, COUNT(*) FROM people GROUP BY id": "no key",
    "SELECT stage, AVG(size) FROM people GROUP BY stage": "one column besides",
    "SELECT COUNT(*) FROM people WHERE stage = 'I'": "cannot be a condition",
    "SELECT COUNT(*) FROM people WHERE size > 3": "cannot be a condition",
    "SELECT COUNT(*) FROM people WHERE id = 'p1'": "cannot be a condition",
    "SELECT COUNT(*) FROM people WHERE lower(sex) = 'm'": "plain column",
    "SELECT COUNT(*) FROM people WHERE sex = age": "literal",
    "SELECT COUNT(*) FROM people WHERE sex LIKE 'm%'": "not offered",
    "SELECT COUNT(*) FROM people WHERE sex = 1": "not of its column's type",
    "SELECT COUNT(*) FROM people WHERE grade = '1'": "not of its column's type",
    "SELECT COUNT(*) FROM people WHERE grade = 1e99": "not of its column's type",
    "SELECT COUNT(*) FROM people WHERE day = 'tomorrow'": "not of its column's type",
    "SELECT COUNT(*) FROM people WHERE sex = 'm'::VARCHAR": "not of its column's type",
    "SELECT COUNT(*) FROM people WHERE nothing = 1": "no table here has",
    "SELECT COUNT(*) FROM people p JOIN visits v USING (id) WHERE x.sex = 'm'": "no table here has",
    "SELECT sex, COUNT(*) AS sex FROM people GROUP BY 1": "one name",
    "SELECT DISTINCT sex, COUNT(*) FROM people GROUP BY sex": "DISTINCT",
    "SELECT sex, COUNT(*) FROM people GROUP BY sex LIMIT 10%": "shares",
    "SELECT sex, COUNT(*) FROM people GROUP BY sex LIMIT 1 OFFSET 1": "OFFSET",
    "SELECT sex, COUNT(*) FROM people GROUP BY sex ORDER BY SUM(size)": "columns of the answer",
    "SELECT sex, COUNT(*) FROM people GROUP BY sex ORDER BY age": "columns of the answer",
}


@pytest.mark.parametrize("sql", REFUSED, ids=lambda sql: sql[:60])
def test_what_is_not_offered_is_refused_with_a_fix(sql):
    with pytest.raises(QueryRefused, match=REFUSED[sql]) as refused:
        shape(gate.check(sql, frozenset(TABLES)), TABLES)
    assert refused.value.fix


def test_a_condition_of_too_many_parts_is_refused():
    parts = " OR ".join(f"sex = 'a{number}'" for number in range(1200))
    with pytest.raises(QueryRefused, match="too many parts"):
        shape(gate.check(f"SELECT COUNT(*) FROM people WHERE {parts}", frozenset(TABLES)), TABLES)


def test_no_text_of_the_asker_is_run(engine):
    """Names are those of the edition, literals are quoted anew."""
    hostile = 'SELECT COUNT(*) AS "x""; DROP TABLE people; --" FROM people "p""q" WHERE age = \'\'\' OR 1=1 --\''
    question = shape(gate.check(hostile, frozenset(TABLES)), TABLES)
    assert "DROP" not in written(question, TABLES, 1)
    assert ask(engine, hostile).num_rows == 0
    assert engine.execute("SELECT count(*) FROM people").fetchall() == [(120,)]


def test_literals_may_be_parameters_of_their_column_s_type():
    values = {"sex": "f", "day": date(2020, 1, 1), "grade": 2}
    sql = "SELECT count(*) FROM people WHERE sex = $sex AND day >= $day AND grade = $grade"
    plain = sql.replace("$sex", "'f'").replace("$day", "DATE '2020-01-01'").replace("$grade", "2")
    given = shape(gate.check(sql, frozenset(TABLES), values), TABLES)
    assert given == shape(gate.check(plain, frozenset(TABLES)), TABLES)
    with pytest.raises(QueryRefused):
        shape(gate.check(sql, frozenset(TABLES), {**values, "grade": "2"}), TABLES)


def test_a_withheld_cell_and_an_empty_one_look_the_same(engine):
    strict = Guard(minimum_subjects=41, dominance_subjects=1, dominance_share=0.9, noise_deviation=1, noise_maximum=1)
    for value in ("20-", "nobody is in it"):
        sql = f"SELECT age, COUNT(*) AS n FROM people WHERE age = '{value}' GROUP BY age"
        question = shape(gate.check(sql, frozenset(TABLES)), TABLES)
        cells = engine.sql(written(question, TABLES, 42)).to_arrow_table().to_pylist()
        answer = protect(question, cells, TABLES, strict, b"s" * 32)
        assert answer.num_rows == 0
        assert answer.schema == schema_of(question, TABLES)


def test_the_answer_is_typed_as_its_columns(engine):
    table = ask(engine, "SELECT day, grade, alive, COUNT(*) AS n, AVG(size) AS a FROM people GROUP BY ALL")
    assert table.schema.types == [pa.date32(), pa.int32(), pa.bool_(), pa.int64(), pa.float64()]
