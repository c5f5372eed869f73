"""From a column of the open edition to its safe margin."""

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pyarrow as pa

from anonymize.previews import grids
from anonymize.previews.margins import Cell, Kind, Margin, merged, pooled
from anonymize.previews.reading import Counted, quoted

MOST = {Kind.LABELS: 50, Kind.ORDERED: 400}
"""Values shown of a column at most; the rest is pooled."""
_NUMBER = re.compile(r"-?\d+(\.\d+)?(e[+-]?\d+)?")


def kind_of(column: Mapping[str, Any], kind: pa.DataType) -> Kind:
    """Say how a published *column* of the Arrow type *kind* is described."""
    if column["role"] in ("subject", "free_text", "direct_identifier") or column["treatment"] in ("token", "redact"):
        return Kind.HIDDEN
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return Kind.NUMBERS
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return Kind.DATES
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_boolean(kind):
        return Kind.ORDERED if column["treatment"] in ("date", "age", "band") else Kind.LABELS
    return Kind.HIDDEN


def margin_of(counted: Counted, column: Mapping[str, Any], kind: pa.DataType, *, least: int) -> Margin:
    """Count a column, and pool what fewer than *least* rows or people share."""
    name, how, total = column["name"], kind_of(column, kind), counted.total
    nulls = counted.nulls(name)
    if how is Kind.HIDDEN:
        filled = Cell(total.count - nulls.count, total.people - nulls.people)
        _, empty, pool = pooled([], nulls=nulls, rest=filled, least=least)
        return Margin(name=name, kind=how, rows=total.count, nulls=empty, other=pool)
    if how.binned:
        return _binned(counted, name, how, nulls, total, least=least, whole=pa.types.is_integer(kind))
    top, good, rare = counted.common(name, least=least, most=MOST[how])
    rest = _rest(total, nulls, top)
    cells, empty, pool = pooled(top, nulls=nulls, rest=rest, least=least)
    if how is Kind.ORDERED:
        cells = tuple(sorted(cells, key=lambda cell: natural(cell.label)))
    margin = Margin(name=name, kind=how, rows=total.count, cells=cells, nulls=empty, other=pool)
    return margin if pool is None else replace(margin, distinct=good, rarer=rare // least * least if rare else None)


def _binned(counted: Counted, name: str, how: Kind, nulls: Cell, total: Cell, *, least: int, whole: bool) -> Margin:
    dated = how is Kind.DATES
    value = (
        f"CAST(date_diff('day', DATE '1970-01-01', CAST({quoted(name)} AS DATE)) AS DOUBLE)"
        if dated
        else f"CAST({quoted(name)} AS DOUBLE)"
    )
    reach = counted.reach(value, least=least)
    found: list[Cell] = []
    if reach is not None:
        low, high = reach
        edges = grids.dates(int(low), int(high)) if dated else grids.numbers(low, high, whole=whole)
        found = merged(counted.bins(value, edges), least=least)
    rest = _rest(total, nulls, found)
    cells, empty, pool = pooled(found, nulls=nulls, rest=rest, least=least, ends=True)
    return Margin(name=name, kind=how, rows=total.count, cells=cells, nulls=empty, other=pool, whole=whole)


def _rest(total: Cell, nulls: Cell, cells: list[Cell]) -> Cell:
    """Give the rows in no cell; of people it is not known how many, so one is assumed where rows are not people."""
    rows = total.count - nulls.count - sum(cell.count for cell in cells)
    return Cell(rows, rows if total.people == total.count else min(rows, 1))


def natural(label: str) -> tuple[float, str]:
    """Give the key that sorts bands, ages and dates by the number they begin with; `<5` comes before all."""
    found = _NUMBER.search(label)
    if label.startswith("<") or found is None:
        return (-math.inf if label.startswith("<") else math.inf, label)
    return float(found.group()), label
