"""The first rows of the open edition, in its own order, which the release's secret drew."""

import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from anonymize.previews.statistics import OPEN, Files

ROWS = 20
LONGEST = 200
"""Characters of a text that are shown; what is cut off ends in `…`."""


def first_rows(files_of: Files, statistics: Mapping[str, Any], *, count: int = ROWS) -> list[dict[str, Any]]:
    """Give the first rows as JSON can hold them; none where *statistics* show nothing of an open edition."""
    if statistics["open"] is None:
        return []
    out: list[dict[str, Any]] = []
    for batch in _batches(files_of[OPEN], count):
        out += [{name: _shown(value) for name, value in row.items()} for row in batch.to_pylist()]
        if len(out) >= count:
            break
    return out[:count]


def _batches(files: Sequence[Path], size: int) -> Any:
    for file in files:
        with pq.ParquetFile(file) as parquet:
            yield from parquet.iter_batches(batch_size=size)


def _shown(value: Any) -> Any:
    match value:
        case float() if not math.isfinite(value):
            return None
        case None | bool() | int() | float():
            return value
        case datetime() | date():
            return value.isoformat()
        case Decimal():
            return str(value)
        case str():
            return value if len(value) <= LONGEST else f"{value[:LONGEST]}…"
    return f"({type(value).__name__})"
