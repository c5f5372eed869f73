"""Write a result as it streams: Arrow IPC, CSV, JSON lines or Parquet, its bytes counted and hashed on their way."""

import hashlib
import io
import json
from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any, Protocol, TypeVar

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from catalog.errors import CatalogError

FORMULA = r"^[=+\-@\t\r\n＝＋－＠]"
"""How a text begins that a spreadsheet takes for a formula."""

T = TypeVar("T")

JSON_ROWS = 4096
"""As many rows are objects of Python at a time."""

_END_OF_STREAM = b"\xff\xff\xff\xff\x00\x00\x00\x00"


class Format(StrEnum):
    """How a result may leave."""

    ARROW = "arrow"
    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


class FormatError(CatalogError):
    """A result cannot be written in the format asked for."""


class Sink(Protocol):
    """What takes bytes: a file, or whatever passes them on."""

    def write(self, data: memoryview, /) -> int:
        """Take all of *data*."""

    def flush(self) -> None:
        """Pass on what is buffered."""


class Outlet:
    """Where a result leaves: a file that can only be written, and knows rows, size and hash of what has left."""

    def __init__(self, sink: Sink) -> None:
        self.sink, self.digest, self.rows, self.size_bytes, self.closed = sink, hashlib.sha256(), 0, 0, False

    def write(self, data: Any) -> int:
        """Pass *data*, any buffer of bytes, on."""
        view = memoryview(data).cast("B")
        self.sink.write(view)
        self.digest.update(view)
        self.size_bytes += view.nbytes
        return view.nbytes

    def writable(self) -> bool:
        """Say that one can write."""
        return True

    def tell(self) -> int:
        """Say how much was written."""
        return self.size_bytes

    def flush(self) -> None:
        """Pass what is buffered on."""
        self.sink.flush()

    def close(self) -> None:
        """Leave the sink open: it belongs to the caller."""
        self.closed = True


def check(schema: pa.Schema, format: Format) -> None:
    """Refuse a format that cannot hold the columns of *schema*.

    Raises:
        FormatError: naming what can.
    """
    if format is Format.JSON:
        return
    try:
        with _writer(format, Outlet(io.BytesIO()), schema) as writer:
            writer.write_table(pa.table([pa.nulls(1, kind) for kind in schema.types], schema=schema))
    except pa.ArrowException:
        found = f"{format} cannot hold lists, structures, intervals or other such values"
        raise FormatError("format", found, fix="Ask for arrow or json, unnest them, or cast them to text.") from None


def write(
    schema: pa.Schema,
    batches: Iterable[pa.RecordBatch],
    outlet: Outlet,
    format: Format,
    *,
    arrived: Callable[[], bytes | None] = lambda: None,
    whole: bool = True,
) -> None:
    """Write all *batches* to *outlet* in *format*. Memory stays bounded by a batch, whatever the number of rows.

    *arrived* gives the batch drawn last as the Arrow IPC message in which it came, where it came in one. Only a *whole*
    Arrow stream has a mark at its end, so that nobody takes one that was stopped for all there is.

    Raises:
        FormatError: a value cannot be written in *format*; what came before it has left.
    """
    if format is Format.ARROW:
        outlet.write(schema.serialize())
        for batch in batches:
            outlet.write(arrived() or batch.serialize())
            outlet.rows += batch.num_rows
        if whole:
            outlet.write(_END_OF_STREAM)
    elif format is Format.JSON:
        for batch in batches:
            for first in range(0, batch.num_rows, JSON_ROWS):
                part = batch.slice(first, JSON_ROWS)
                outlet.write(_converted(format, _json_lines, part))
                outlet.rows += part.num_rows
    else:
        with _writer(format, outlet, schema) as writer:
            for batch in batches:
                _converted(format, writer.write_batch, without_formulas(batch) if format is Format.CSV else batch)
                outlet.rows += batch.num_rows
    outlet.flush()


def _converted(format: Format, convert: Callable[[pa.RecordBatch], T], batch: pa.RecordBatch) -> T:
    try:
        return convert(batch)
    except (OverflowError, ValueError, NotImplementedError) as error:  # such as a date after the year 9999 in JSON
        fix = "Ask for arrow, or cast it to text."
        raise FormatError("format", f"{format} cannot hold a value of this answer", fix=fix) from error


def without_formulas(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Put an apostrophe before each text that a spreadsheet would take for a formula (OWASP, CSV injection)."""
    columns = [_harmless(column) if _is_text(column.type) else column for column in batch.columns]
    return pa.RecordBatch.from_arrays(columns, schema=batch.schema)


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _harmless(column: pa.Array) -> pa.Array:
    formulas = pc.match_substring_regex(column, FORMULA)
    if not pc.any(formulas).as_py():
        return column
    quoted = pc.binary_join_element_wise(pa.scalar("'", column.type), column, pa.scalar("", column.type))
    return pc.if_else(formulas, quoted, column)


def _writer(format: Format, outlet: Outlet, schema: pa.Schema) -> Any:
    match format:
        case Format.ARROW:
            return pa.ipc.new_stream(outlet, schema)
        case Format.CSV:
            return pa.csv.CSVWriter(outlet, schema)
        case _:
            return pa.parquet.ParquetWriter(outlet, schema, compression="zstd")


def _json_lines(batch: pa.RecordBatch) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False, default=str) + "\n" for row in batch.to_pylist()).encode()
