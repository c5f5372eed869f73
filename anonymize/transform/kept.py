"""Columns that keep their values, typed as the plan says: text, number, integer or date."""

import math

import numpy as np
import pyarrow as pa

from anonymize.transform.dates import missing, read_days
from anonymize.transform.outcome import Rewritten, Setting, bad_cell, encode
from policies.errors import PlanError
from policies.plan import DATE_LEVELS, Column


def keep(column: Column, setting: Setting) -> Rewritten:
    """Give a column's values in the plan's type.

    Raises:
        PlanError: a true date would be published finer than the profile allows.
        SourceError: a cell is not of the type; its row is named.
    """
    values = setting.source[column.name]
    match column.kind:
        case "date":
            if setting.profile.finest_date != DATE_LEVELS[0]:
                raise PlanError(
                    f"column {column.name!r}",
                    f"kept dates are days, profile {setting.profile.name!r} allows {setting.profile.finest_date}",
                    fix='Use treatment = "date".',
                )
            days = read_days(column.name, values)
            return pa.array(np.where(missing(days), 0, days).astype("datetime64[D]"), pa.date32(), mask=missing(days))
        case "number":
            return _numbers(column.name, values, float, pa.float64(), "holds no number")
        case "integer":
            return _numbers(column.name, values, int, pa.int64(), "holds no whole number of 64 bits")
    return values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values


def _numbers(
    name: str, values: pa.Array | pa.ChunkedArray, read: type[float] | type[int], kind: pa.DataType, found: str
) -> pa.Array:
    """Read each distinct text once; a cell of neither digits nor null is refused."""
    distinct, position = encode(values)
    numbers: list[float | int | None] = []
    for number, text in enumerate(distinct):
        try:
            numbers.append(None if text is None else read(text))
            if isinstance(numbers[-1], int) and not -(2**63) <= numbers[-1] < 2**63:
                raise ValueError
            if isinstance(numbers[-1], float) and not math.isfinite(numbers[-1]):
                raise ValueError
        except ValueError:
            raise bad_cell(name, position, number, found) from None
    return pa.array(numbers, kind).take(pa.array(position))
