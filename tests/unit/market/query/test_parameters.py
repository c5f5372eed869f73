"""Values for parameters: read from JSON, allowed where they are given, bound by the engine, and judged as literals."""

import hashlib
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from market.query.errors import Code, QueryRefused
from market.query.question import Question
from market.query.statements import parameters
from market.query.statements.footprint import footprint
from market.query.statements.gate import check
from market.query.statements.lineage import Binder
from market.query.statements.parameters import ParameterError, Value
from market.query.workers.pool import WorkerPool
from policies.canonical import digest

Files = dict[str, tuple[Path, ...]]
REGISTRY = frozenset({"registry"})


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ({"a": "x", "B": 1}, {"a": "x", "b": 1}),
        (["x", None, True], {"1": "x", "2": None, "3": True}),
        ({"1": 1.5, "2": 7}, {"1": Decimal("1.5"), "2": 7}),
        ({"d": {"date": "2020-01-31"}, "m": {"decimal": "0.10"}}, {"d": date(2020, 1, 31), "m": Decimal("0.10")}),
        ({}, {}),
    ],
)
def test_values_are_read_with_their_types_and_written_back(raw: object, found: dict[str, Value]) -> None:
    read = parameters.read(raw)
    assert read == found
    assert {name: type(value) for name, value in read.items()} == {name: type(value) for name, value in found.items()}
    assert parameters.read(parameters.plain(read)) == read


@pytest.mark.parametrize(
    "raw",
    [
        "x", {"a b": 1}, {"1": 1, "3": 2}, {"a": [1]}, {"a": {"date": "x"}}, {"a": {"decimal": "NaN"}}, {"a": 2**127},
        {"a": float("inf")}, {"a": "\0"}, {"a": "\ud800"}, {"a": "x" * 20_000}, {"a": 1, "A": 2}, [0] * 101,
        {"a": {"decimal": "1", "date": "2020-01-01"}}, {"a": {"decimal": "1e99"}},
    ],
)  # fmt: skip
def test_what_is_no_value_is_refused(raw: object) -> None:
    with pytest.raises(ParameterError):
        parameters.read(raw)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", 7), ("-7", -7), ("1.50", {"decimal": "1.50"}), ("2020-01-31", {"date": "2020-01-31"}), ("true", True),
        ("null", None), ("007", "007"), ('"7"', "7"), ("city-1", "city-1"), ("", ""),
    ],
)  # fmt: skip
def test_a_command_line_says_the_type_by_the_form(text: str, value: object) -> None:
    assert parameters.typed(text) == value


@pytest.mark.parametrize(
    ("sql", "given"),
    [
        ("SELECT $1", {}),
        ("SELECT ? FROM registry", {}),
        ("SELECT $a", {"b": 1}),
        ("SELECT 1", {"a": 1}),
        ("SELECT repeat('x', $n)", {"n": 3_000_000_000}),
        ("SELECT * FROM range($n)", {"n": 3_000_000_000}),
        ("SELECT * FROM read_text($a)", {"a": "/etc/passwd"}),
        ("FROM query($a)", {"a": "FROM registry"}),
        ("SELECT printf($a, 1)", {"a": "%2000000000d"}),
    ],
)
def test_a_parameter_opens_nothing_that_its_literal_would_not(sql: str, given: dict[str, Value]) -> None:
    with pytest.raises(QueryRefused):
        check(sql, REGISTRY, given)


def test_a_missing_value_is_told_with_its_place() -> None:
    with pytest.raises(QueryRefused) as refused:
        check("SELECT city FROM registry WHERE id = $id", REGISTRY)
    assert refused.value.code == Code.PARAMETER_REFUSED
    assert refused.value.position == 37


def test_a_value_is_never_read_as_sql(pool: WorkerPool, files: Files) -> None:
    hostile = "x' OR 1 = 1; FROM read_text('/etc/passwd'); --"
    with pool.run(
        files, "SELECT $a AS a, count(*) AS n FROM registry WHERE city = $a", parameters={"a": hostile}
    ) as found:
        (row,) = [row for batch in found for row in batch.to_pylist()]
    assert row == {"a": hostile, "n": 0}


@pytest.mark.parametrize("value", ["x", 7, 2**100, Decimal("1.50"), True, date(2020, 1, 31), None])
def test_every_type_arrives_as_it_was_given(pool: WorkerPool, files: Files, value: Value) -> None:
    for sql, given in (("SELECT $v AS v", {"v": value}), ("SELECT ? AS v", {"1": value})):
        check(sql, REGISTRY, given)
        with pool.run(files, sql, parameters=given) as found:
            (row,) = [row for batch in found for row in batch.to_pylist()]
        assert row["v"] == value
        assert type(row["v"]) is type(value) or value == 2**100  # a HUGEINT leaves as a decimal


WHERE = [
    ("id = {}", 12345, "12345"),
    ("id >= {}", 150_000, "150000"),
    ("id IN ({}, 3)", 40_000, "40000"),
    ("id BETWEEN 10 AND {}", 30_000, "30000"),
    ("diagnosed < {}", date(2015, 3, 1), "DATE '2015-03-01'"),
    ("diagnosed < {}", "2015-03-01", "'2015-03-01'"),
    ("city = {}", "500003-city", "'500003-city'"),
    ("tumor_mm > {}", Decimal("99.5"), "99.5"),
    ("id < {}", Decimal("99.5"), "99.5"),
]


@pytest.mark.parametrize(("where", "value", "literal"), WHERE)
def test_a_quote_prunes_by_a_parameter_as_by_a_literal_and_the_engine_reads_no_more(
    pool: WorkerPool, lineage: Binder, files: Files, where: str, value: Value, literal: str
) -> None:
    priced, read = [], []
    for sql, given in (
        (f"SELECT city FROM registry WHERE {where.format('$v')}", {"v": value}),
        (f"SELECT city FROM registry WHERE {where.format(literal)}", {}),
    ):
        priced.append(footprint(files, lineage.scans(sql, given), check(sql, REGISTRY, given)))
        with pool.run(files, sql, parameters=given) as result:
            for _ in result:
                pass
        read.append(result.usage.engine_bytes_read or 0)
    assert priced[0] == priced[1]
    assert read[0] == read[1] <= priced[0].raw_bytes * 1.01 + 262_144


def test_hashes_without_values_are_as_they_were_and_with_values_differ() -> None:
    def question(**values: Value) -> Question:
        return Question(agreement_id="a", purpose="p", sql="SELECT $x", key="k", parameters=values)

    assert question().sql_hash == hashlib.sha256(b"SELECT $x").hexdigest()
    assert question().body_hash == digest({"sql": "SELECT $x", "purpose": "p"})
    assert len({question(**given).sql_hash for given in ({}, {"x": 1}, {"x": "1"}, {"x": None}, {"x": True})}) == 5
    assert len({question(**given).body_hash for given in ({}, {"x": 1}, {"x": "1"}, {"x": None}, {"x": True})}) == 5
