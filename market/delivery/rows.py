"""A hash of a small result that does not depend on the order of its rows, nor on the last digits of its floats.

An engine with several threads may give the groups of a GROUP BY in another order, and add floats in another: the bytes
then differ, the rows do not. Each row becomes one text, the texts are sorted, and their SHA-256 is the hash. Floats are
told apart by nine digits: two orders of adding differ from the sixteenth on, so that one value in a million, at most,
is rounded to either side by them. Of twelve digits it would be one in a thousand.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

MOST_ROWS = 5_000
"""Beyond, no hash is made: it costs a hundredth of a second for as many rows, and rows must be held for it."""

DIGITS = 9
"""Significant decimal digits of a float."""


class RowsDigest:
    """Watches the batches of a result go by, and holds them while they are few."""

    def __init__(self) -> None:
        self._held: list[pa.RecordBatch] | None = []
        self._rows = 0
        self._names: list[str] = []

    def watch(self, batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        """Pass *batches* on."""
        self._names = schema.names
        for batch in batches:
            self._rows += batch.num_rows
            if self._held is not None:
                self._held = [*self._held, batch] if self._rows <= MOST_ROWS else None
            yield batch

    def sha256(self) -> str | None:
        """Give the hash of what went by; none where it was too much."""
        if self._held is None:
            return None
        digest = hashlib.sha256(json.dumps(self._names).encode())
        for row in sorted(text for batch in self._held for text in _texts(batch)):
            digest.update(b"\n" + row.encode())
        return digest.hexdigest()


def _texts(batch: pa.RecordBatch) -> list[str]:
    """Give each row as one text: its values as JSON texts, each after its length, so that no two rows read alike."""
    columns = [_column(column) for column in batch.columns]
    joined = pc.binary_join_element_wise(*columns, "") if columns else pa.array([""] * batch.num_rows)
    return [str(text) for text in joined.to_pylist()]


def _column(column: pa.Array) -> pa.Array:
    """Give a column as texts, each behind its length; what is missing is a text of its own."""
    kind = column.type
    if pa.types.is_floating(kind):
        texts = pa.array(_rounded(column), pa.string())
    elif pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_interval(kind):
        texts = pa.array([json.dumps(_plain(value), sort_keys=True) for value in column.to_pylist()], pa.string())
    else:
        texts = pc.cast(column, pa.string())
    size = pc.cast(pc.binary_length(texts), pa.string())
    marked = pc.binary_join_element_wise(size, texts, ":")
    return pc.if_else(pc.is_null(column), "-", marked)


def _rounded(column: pa.Array) -> list[str]:
    """Give floats with so many digits as two orders of adding agree in; minus zero is zero."""
    values = column.to_numpy(zero_copy_only=False).astype(np.float64) + 0.0
    return [f"{value:.{DIGITS}g}" for value in values.tolist()]


def _plain(value: Any) -> Any:
    """Turn a nested value into what JSON can hold, with floats rounded."""
    match value:
        case float():
            return f"{value + 0.0:.{DIGITS}g}"
        case dict():
            return {str(key): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case None | bool() | int() | str():
            return value
        case bytes():
            return value.hex()
        case _:
            return str(value)
