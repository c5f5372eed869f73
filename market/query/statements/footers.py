"""What Parquet footers say: bytes per column and row group, and the ranges that let a row group be skipped.

A footer is read once per (path, size, time of change); editions and cuts never change in place.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from market.query.statements.predicates import Literal, Op, Predicate

#: DuckDB keeps the first eight bytes of a text's minimum and maximum, so it skips no group by the ninth.
PREFIX_BYTES: Final = 8
_EPOCH: Final = datetime(1970, 1, 1)

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Column:
    """One top-level column: compressed bytes per row group and, where known, the range of its values."""

    sizes: npt.NDArray[np.int64]
    kind: str
    lows: Sequence[Any]
    highs: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Footer:
    """The part of one file's footer that bills need; *rows* are those of each row group."""

    rows: npt.NDArray[np.int64]
    columns: Mapping[str, Column]

    @property
    def row_groups(self) -> int:
        """How many row groups the file has."""
        return len(self.rows)

    def kept(self, predicates: Sequence[Predicate]) -> Mask:
        """Which row groups may hold a row that meets all of *predicates*."""
        mask: Mask = np.ones(self.row_groups, dtype=np.bool_)
        for predicate in predicates:
            column = self.columns.get(predicate.column.lower())
            values = [_value(literal, column.kind) for literal in predicate.literals] if column else []
            if column is None or not values or None in values:
                continue
            exact = column.kind != "text"
            for group in np.flatnonzero(mask).tolist():
                low, high = column.lows[group], column.highs[group]
                if low is not None and not _may_hold(predicate.op, low, high, values, exact):
                    mask[group] = False
        return mask


def _may_hold(op: Op, low: Any, high: Any, values: Sequence[Any], exact: bool) -> bool:
    """Say whether low…high can meet *op*; a cut-off text's equal prefixes decide nothing, so they may."""
    least, most = min(values), max(values)
    match op:
        case Op.LT:
            return bool(low < most or (not exact and low == most))
        case Op.LE:
            return bool(low <= most)
        case Op.GT:
            return bool(high > least or (not exact and high == least))
        case Op.GE:
            return bool(high >= least)
        case _:
            return bool(low <= most and high >= least)


def footer(path: Path) -> Footer:
    """The footer of *path*, read anew only when the file has changed."""
    status = os.stat(path)
    return _read(path, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=4096)
def _read(path: Path, size: int, changed_ns: int) -> Footer:
    data = pq.read_metadata(path)
    schema = data.schema.to_arrow_schema()
    kinds = {field.name: _kind(field.type) for field in schema}
    groups = data.num_row_groups
    sizes = {name: np.zeros(groups, dtype=np.int64) for name in kinds}
    lows: dict[str, list[Any]] = {name: [None] * groups for name in kinds}
    highs: dict[str, list[Any]] = {name: [None] * groups for name in kinds}
    # A nested column has several leaves; the first part of the leaf's path is the column.
    tops = [_top(data.schema.column(index).path, kinds) for index in range(data.num_columns)]
    for group in range(groups):
        chunks = data.row_group(group)
        for index, name in enumerate(tops):
            chunk = chunks.column(index)
            sizes[name][group] += chunk.total_compressed_size
            if kinds[name] and chunk.is_stats_set and chunk.statistics.has_min_max:
                lows[name][group] = _ordered(chunk.statistics.min)
                highs[name][group] = _ordered(chunk.statistics.max)
    rows = np.array([data.row_group(group).num_rows for group in range(groups)], dtype=np.int64)
    return Footer(rows, {name.lower(): Column(sizes[name], kinds[name], lows[name], highs[name]) for name in kinds})


def _top(path: str, names: Mapping[str, str]) -> str:
    return path if path in names else max((n for n in names if path.startswith(f"{n}.")), key=len)


def _kind(kind: pa.DataType) -> str:
    """How ranges of this type compare; empty means that no condition on it prunes (floats hide NaN)."""
    if pa.types.is_integer(kind):
        return "integer"
    if pa.types.is_date32(kind):
        return "date"
    if pa.types.is_timestamp(kind) and kind.tz is None and kind.unit in {"ms", "us"}:
        return "timestamp"
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return "text"
    return ""


def _ordered(value: Any) -> Any:
    """A value of a footer or of a literal on the scale that ranges are compared on."""
    if isinstance(value, str):
        return value.encode("utf-8")[:PREFIX_BYTES]
    if isinstance(value, bytes):
        return value[:PREFIX_BYTES]
    if isinstance(value, datetime):
        return (value - _EPOCH).total_seconds()
    if isinstance(value, date):
        return value.toordinal()
    return int(value)


def _value(literal: Literal, kind: str) -> Any:
    """The literal as the column's kind, or None where the engine might compare in another type."""
    try:
        if kind == "integer" and literal.kind == "INTEGER":
            return int(literal.text)
        if kind == "text" and literal.kind == "STRING":
            return _ordered(literal.text)
        if kind == "date" and literal.kind in {"STRING", "DATE"}:
            return _ordered(date.fromisoformat(literal.text))
        if kind == "timestamp" and literal.kind in {"STRING", "TIMESTAMP"}:
            moment = datetime.fromisoformat(literal.text)
            return _ordered(moment) if moment.tzinfo is None else None
    except (ValueError, UnicodeEncodeError):
        return None
    return None
