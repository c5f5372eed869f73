"""A hash of rows that knows neither their order nor the last digits of their floats, and everything else."""

import math
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.delivery.rows import MOST_ROWS, RowsDigest

VALUES = {
    "text": ["plain", "with, comma", "1:x", "-", "", None, "文字"],
    "whole": [0, -1, 2**62, None],
    "float": [0.1, -0.0, 1e300, None],
    "truth": [True, False, None],
    "day": [date(2026, 1, 1), None],
    "moment": [datetime(2026, 1, 1, 12), None],
    "money": [Decimal("1.20"), None],
    "list": [[1, 2], [], None],
    "part": [{"a": 1, "b": "x"}, None],
    "bytes": [b"\x00\xff", None],
}


def hash_of(table: pa.Table, *, batch: int = 1000) -> str | None:
    digest = RowsDigest()
    assert sum(one.num_rows for one in digest.watch(table.to_batches(max_chunksize=batch), table.schema)) == len(table)
    return digest.sha256()


def one_column(values: list[Any]) -> pa.Table:
    return pa.table({"value": values})


@pytest.mark.parametrize("kind", VALUES)
def test_the_order_of_rows_and_the_size_of_batches_do_not_matter(kind: str) -> None:
    values = VALUES[kind]
    assert hash_of(one_column(values)) == hash_of(one_column(values[::-1]), batch=1)


@pytest.mark.parametrize("kind", VALUES)
def test_each_value_matters(kind: str) -> None:
    values = VALUES[kind]
    hashes = {hash_of(one_column(values).slice(place, 1)) for place in range(len(values))}
    assert len(hashes) == len(values)


@given(st.lists(st.tuples(st.text(), st.text()), max_size=8), st.lists(st.tuples(st.text(), st.text()), max_size=8))
def test_two_results_hash_alike_only_if_their_rows_are_the_same(one: list[Any], other: list[Any]) -> None:
    schema = pa.schema([("a", pa.string()), ("b", pa.string())])
    first, second = (
        pa.table([[row[0] for row in rows], [row[1] for row in rows]], schema=schema) for rows in (one, other)
    )
    assert (hash_of(first) == hash_of(second)) == (sorted(one) == sorted(other))


def test_how_often_a_row_is_there_matters_and_so_do_the_names() -> None:
    assert hash_of(one_column([1, 1, 2])) != hash_of(one_column([1, 2, 2]))
    assert hash_of(pa.table({"a": [1]})) != hash_of(pa.table({"b": [1]}))
    assert hash_of(pa.table({"a": [1], "b": [2]})) != hash_of(pa.table({"a": [2], "b": [1]}))


def test_floats_that_were_added_in_another_order_are_the_same() -> None:
    parts = [0.1, 0.7, 1e-3, 3.3, 1e5]
    forwards, backwards = sum(parts), sum(parts[::-1])
    assert forwards != backwards
    assert hash_of(one_column([forwards])) == hash_of(one_column([backwards]))
    assert hash_of(one_column([1.0])) != hash_of(one_column([1.00000001]))
    assert hash_of(one_column([0.0])) == hash_of(one_column([-0.0]))
    assert hash_of(one_column([math.nan])) != hash_of(pa.table({"value": pa.array([None], pa.float64())}))


def test_a_large_result_has_no_such_hash_and_passes_unchanged() -> None:
    assert hash_of(one_column(list(range(MOST_ROWS)))) is not None
    assert hash_of(one_column(list(range(MOST_ROWS + 1)))) is None
    assert hash_of(one_column([])) is not None
