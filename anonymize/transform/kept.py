"""Columns that keep their values, typed as the plan says: text, number, integer or date.

They are read row by row, so it is SQL that reads them: a value may be another in every row. Numbers are written with
ASCII digits, a point and perhaps an exponent; nothing is rounded and nothing guessed.
"""

from dataclasses import dataclass

from anonymize.transform.dates import YEARS
from policies.columns import Column

_NUMBER = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"
_INTEGER = r"[+-]?[0-9]+"


@dataclass(frozen=True, slots=True)
class Kept:
    """How a column's text becomes its value."""

    value: str
    """SQL of the value, given SQL of the text."""
    bad: str | None
    """SQL that is true where the text is none such; none: every text is."""
    found: str
    """What is said then."""


def kept(column: Column, text: str) -> Kept:
    """Say how the *text* (an SQL expression) of a column becomes its value."""
    match column.kind:
        case "number":
            value = f"TRY_CAST({text} AS DOUBLE)"
            readable = f"regexp_full_match({text}, '{_NUMBER}') AND isfinite({value})"
            return _checked(text, value, readable, "holds no number")
        case "integer":
            value = f"TRY_CAST({text} AS BIGINT)"
            readable = f"regexp_full_match({text}, '{_INTEGER}') AND {value} IS NOT NULL"
            return _checked(text, value, readable, "holds no whole number of 64 bits")
        case "date":
            value = (
                f"coalesce(TRY_CAST(try_strptime({text}, '%Y-%m-%d') AS DATE),"
                f" TRY_CAST(try_strptime({text}, '%Y%m%d') AS DATE))"
            )
            shape = f"regexp_full_match({text}, '[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}|[0-9]{{8}}')"
            readable = f"{shape} AND year({value}) BETWEEN {YEARS[0]} AND {YEARS[-1]}"
            found = f"holds no date like 1990-03-31, from {YEARS[0]} to {YEARS[-1]}"
            return _checked(text, value, readable, found)
    return Kept(text, None, "")


def _checked(text: str, value: str, readable: str, found: str) -> Kept:
    return Kept(value, f"{text} IS NOT NULL AND NOT coalesce({readable}, false)", found)
