"""From exact cells to the answer: cells that say too much of a few people are left out, the others get their noise.

A cell that is withheld and a cell that nobody is in look the same: neither is there.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from market.query.aggregates.declared import Declared
from market.query.aggregates.shape import Aggregate, Column, Kind, Output, Statistic
from market.query.aggregates.statement import measured_of
from policies.cells import Contribution, Guard, dominated, noisy_count, noisy_sum

Cell = Mapping[str, Any]

ARROW = {
    "VARCHAR": pa.string(),
    "BOOLEAN": pa.bool_(),
    "DATE": pa.date32(),
    "TINYINT": pa.int8(),
    "SMALLINT": pa.int16(),
    "INTEGER": pa.int32(),
    "BIGINT": pa.int64(),
    "FLOAT": pa.float32(),
    "DOUBLE": pa.float64(),
}


def protect(
    question: Aggregate, cells: Sequence[Cell], tables: Mapping[str, Declared], guard: Guard, secret: bytes
) -> pa.Table:
    """Give the answer of *question* from its exact *cells*, ordered and limited as it asks."""
    places = {column: place for place, column in enumerate(measured_of(question))}
    keys = {key: place for place, key in enumerate(question.keys)}
    rows = []
    for cell in cells:
        row = [_value(output, cell, keys, places, guard, secret) for output in question.outputs]
        shown = noisy_count(cell["subjects"], cell["key"] or 0, guard, secret)
        if shown is not None and all(
            _there(output, value) for output, value in zip(question.outputs, row, strict=True)
        ):
            rows.append(row)
    rows.sort(key=lambda row: [_sortable(value) for value in row])  # never in the order in which people were met
    for place, falling in reversed(question.order):
        rows.sort(key=lambda row, place=place: _sortable(row[place]), reverse=falling)  # type: ignore[misc]
    if question.limit is not None:
        rows = rows[: question.limit]
    schema = schema_of(question, tables)
    columns = [[row[place] for row in rows] for place in range(len(question.outputs))]
    return pa.table([pa.array(column, kind) for column, kind in zip(columns, schema.types, strict=True)], schema=schema)


def schema_of(question: Aggregate, tables: Mapping[str, Declared]) -> pa.Schema:
    """Give the columns of the answer."""
    called = dict(question.tables)

    def kind(of: Column | Statistic) -> pa.DataType:
        if isinstance(of, Column):
            return ARROW[tables[called[of.table]].types[of.name]]
        return pa.float64() if of.kind in (Kind.SUM, Kind.AVERAGE) else pa.int64()

    return pa.schema([pa.field(output.name, kind(output.of)) for output in question.outputs])


def _value(
    output: Output, cell: Cell, keys: Mapping[Column, int], places: Mapping[Column, int], guard: Guard, secret: bytes
) -> Any:
    """Give one figure of a cell; None where it is withheld."""
    if isinstance(output.of, Column):
        return cell[f"k{keys[output.of]}"]
    kind, column = output.of.kind, output.of.column
    if kind is Kind.SUBJECTS:
        return noisy_count(cell["subjects"], cell["key"] or 0, guard, secret)
    if kind is Kind.ROWS:
        return _counted(cell, "subjects", "key", "rows", "largest_rows", guard, secret)
    assert column is not None  # only rows and people are counted without one
    place = places[column]
    values = _counted(
        cell, f"subjects{place}", f"key{place}", f"values{place}", f"largest_values{place}", guard, secret
    )
    if kind is Kind.VALUES or values is None:
        return values
    found = Contribution(
        subjects=cell[f"subjects{place}"],
        total=cell[f"total{place}"] or 0.0,
        absolute=cell[f"absolute{place}"] or 0.0,
        largest=tuple(cell[f"largest{place}"] or ()),
    )
    total = noisy_sum(found, column.name, cell[f"key{place}"] or 0, guard, secret)
    if total is None or kind is Kind.SUM:
        return total
    return total / values


def _counted(cell: Cell, subjects: str, key: str, total: str, largest: str, guard: Guard, secret: bytes) -> int | None:
    """Count rows or values: moved as people are, by as many as one person has most."""
    people = noisy_count(cell[subjects], cell[key] or 0, guard, secret)
    if people is None:
        return None
    most = tuple(cell[largest] or ())
    found = Contribution(subjects=cell[subjects], total=cell[total], absolute=cell[total], largest=most)
    moved = cell[total] + (people - cell[subjects]) * (most[0] if most else 0)
    return None if dominated(found, guard) else max(int(moved), guard.minimum_subjects)


def _there(output: Output, value: Any) -> bool:
    """A key may be NULL; a figure that is None was withheld."""
    return isinstance(output.of, Column) or value is not None


def _sortable(value: Any) -> tuple[int, Any]:
    return (1, 0) if value is None else (0, value)
