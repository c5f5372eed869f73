"""Typed values as the text a CSV export would hold: ISO dates, whole numbers without a point, no empty text."""

from datetime import date, datetime, time
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from anonymize.errors import SourceError


def as_text(values: pa.Array, place: str) -> pa.Array:
    """Render a column; a missing value and an empty text are null.

    Raises:
        SourceError: the type is nested or otherwise no value of a cell, or a text is not UTF-8.
    """
    kind = values.type
    if pa.types.is_dictionary(kind):
        values, kind = values.dictionary_decode(), kind.value_type
    if not renders(kind):
        fix = "Leave the column out, or write it as text, numbers or dates."
        raise SourceError(place, f"holds values of the type {kind}", fix=fix)
    text = _rendered(values, kind)
    try:
        text.validate(full=True)
    except pa.ArrowInvalid:
        raise SourceError(
            place, "holds a text that is not UTF-8", fix="Write the file again with UTF-8 texts."
        ) from None
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)


def renders(kind: pa.DataType) -> bool:
    """Whether values of the type can be cells."""
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    checks = (
        *(pa.types.is_boolean, pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_null),
        *(pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view, pa.types.is_binary),
        *(pa.types.is_large_binary, pa.types.is_date, pa.types.is_timestamp, pa.types.is_time),
    )
    return any(check(kind) for check in checks)


def _rendered(values: pa.Array, kind: pa.DataType) -> pa.Array:
    if pa.types.is_timestamp(kind):
        plain = values.cast(pa.timestamp(kind.unit)).cast(pa.string())
        iso = _short_fraction(pc.replace_substring(plain, " ", "T", max_replacements=1), kind.unit)
        return pc.binary_join_element_wise(iso, "Z", "") if kind.tz else iso
    if pa.types.is_time(kind):
        return _short_fraction(values.cast(pa.string()), kind.unit)
    if pa.types.is_floating(kind):
        return pc.replace_substring_regex(values.cast(pa.string()), r"\.0$", "")
    if pa.types.is_date(kind):
        return values.cast(pa.date32()).cast(pa.string())
    if pa.types.is_null(kind):
        return pa.nulls(len(values), pa.string())
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        # The cast itself would quote nothing, but stop without a place.
        return values.cast(pa.binary()).view(pa.string())
    return values.cast(pa.string())


def _short_fraction(text: pa.Array, unit: str) -> pa.Array:
    return text if unit == "s" else pc.replace_substring_regex(text, r"\.?0+$", "")


def cell(value: Any) -> str | None:
    """Render one value of a sheet."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return (value.date() if value.time() == time() else value).isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)
