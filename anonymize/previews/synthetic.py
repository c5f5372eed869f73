"""Synthetic values of one column: from its published histogram, or placeholders of its type."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

TEXT = "[SYNTHETIC TEXT]"
PLACEHOLDERS = 5
_DAYS = date(2000, 1, 1)


def from_margin(shown: Mapping[str, Any], kind: pa.DataType, rng: np.random.Generator, rows: int) -> pa.Array | None:
    """Draw by the counts of the shown cells and of the nulls; inside a bin evenly. None where nothing is shown."""
    bins, filled = _picked(shown, rng, rows)
    if bins is None:
        return pa.nulls(rows, kind) if not filled.any() else None
    match shown["kind"]:
        case "numbers":
            return _numbers(bins, kind, rng, filled)
        case "dates":
            return _dates(bins, kind, rng, filled)
    texts = [entry["label"] for entry in bins]
    return pa.array(texts, pa.string(), mask=~filled).cast(kind)


def labels(shown: Mapping[str, Any], rng: np.random.Generator, rows: int) -> list[str | None] | None:
    """Draw labels by their counts; None where no label is shown."""
    bins, filled = _picked(shown, rng, rows)
    if bins is None or "label" not in bins[0]:
        return None
    return [entry["label"] if full else None for entry, full in zip(bins, filled.tolist(), strict=True)]


def tokens(rng: np.random.Generator, rows: int) -> list[str]:
    """Draw tokens that look like those of an edition; some occur twice."""
    drawn = [rng.bytes(16).hex() for _ in range(rows)]
    return [drawn[place] for place in rng.integers(rows, size=rows)]


def texts(rows: int) -> list[str]:
    """Give the one text that stands for all free text."""
    return [TEXT] * rows


def placeholders(kind: pa.DataType, rng: np.random.Generator, rows: int) -> pa.Array:
    """Draw from the five documented placeholders of a type; of a type that has none, nulls."""
    number = rng.integers(PLACEHOLDERS, size=rows) + 1
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return pa.array([_DAYS + timedelta(days=int(n) - 1) for n in number], pa.date32()).cast(kind)
    if pa.types.is_boolean(kind):
        return pa.array(number % 2 == 0)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return pa.array([f"synthetic-{n}" for n in number], pa.string()).cast(kind)
    try:
        return pa.array(number, pa.int64()).cast(kind)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return pa.nulls(rows, kind)


def _picked(
    shown: Mapping[str, Any], rng: np.random.Generator, rows: int
) -> tuple[list[Mapping[str, Any]] | None, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """Draw a shown cell for each row, and which rows are not empty; the pool is nobody's to draw from."""
    bins, nulls = shown.get("histogram", {}).get("bins", []), shown["nulls"] or 0
    counts = np.array([entry["count"] for entry in bins], dtype=np.float64)
    everything = counts.sum() + nulls + (shown.get("histogram", {}).get("other") or 0)
    empty = nulls / (counts.sum() + nulls) if len(bins) else nulls / everything if everything else 0.0
    filled = rng.random(rows) >= empty
    if not len(bins):
        return None, filled
    return [bins[place] for place in rng.choice(len(bins), size=rows, p=counts / counts.sum())], filled


def _numbers(bins: list[Mapping[str, Any]], kind: pa.DataType, rng: np.random.Generator, filled: Any) -> pa.Array:
    low = np.array([entry["from"] for entry in bins], dtype=np.float64)
    width = np.array([entry["to"] for entry in bins], dtype=np.float64) - low
    share = rng.random(len(bins))
    if pa.types.is_integer(kind):
        return pa.array((low + np.floor(share * width)).astype(np.int64), pa.int64(), mask=~filled).cast(kind)
    value = low + np.floor(share * 100) / 100 * width
    return pa.array(value, pa.float64(), mask=~filled).cast(kind, safe=False)


def _dates(bins: list[Mapping[str, Any]], kind: pa.DataType, rng: np.random.Generator, filled: Any) -> pa.Array:
    low = np.array([entry["from"] for entry in bins], dtype="datetime64[D]").astype(np.int64)
    high = np.array([entry["to"] for entry in bins], dtype="datetime64[D]").astype(np.int64)
    days = low + np.floor(rng.random(len(bins)) * (high - low)).astype(np.int64)
    return pa.array(days.astype(np.int32), pa.int32(), mask=~filled).cast(pa.date32()).cast(kind)
