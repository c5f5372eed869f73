"""A Parquet file as text columns: never trusted, decoded piece by piece, and never passed on as it came.

A few bytes of Parquet can stand for very many: pages compress, and one long value in a dictionary can be repeated by a
run length. So columns with dictionaries are read as such, and what a batch would weigh as text is counted before it is
made.
"""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from anonymize.errors import SourceError
from anonymize.sources.faults import check_header
from anonymize.sources.feed import Feed, schema_of
from anonymize.sources.limits import LONGEST_ROW, most_unpacked, unpacked_fix
from anonymize.sources.steady import Steady
from anonymize.sources.text import as_text, renders
from policies.source import Source

ROWS = 32_768
"""Rows decoded at a time."""


def read(file: Steady, source: Source) -> Feed:
    """Read *file* as Parquet.

    Raises:
        SourceError: it is cut off, damaged, unpacks to more than is allowed, or holds nested values; says where.
    """
    try:
        opened = pq.ParquetFile(pa.PythonFile(file.raw, "r"), arrow_extensions_enabled=False)
        schema = opened.schema_arrow
    except (pa.ArrowException, OSError):
        raise _damaged(file) from None
    columns = tuple(schema.names)
    check_header(columns, f"{file.name}, schema")
    for field in schema:
        if not renders(field.type):
            fix = "Leave the column out, or write it as text, numbers or dates."
            raise SourceError(f"{file.name}, column {field.name!r}", f"is of the type {field.type}", fix=fix)
    limit = most_unpacked(source, file.size)
    groups = [opened.metadata.row_group(index) for index in range(opened.metadata.num_row_groups)]
    declared = sum(max(group.total_byte_size, 0) for group in groups)
    if declared > limit:
        found = f"declares {declared:,} bytes in a file of {file.size:,}"
        raise SourceError(file.name, found, fix=unpacked_fix(limit))
    offsets = 4 * opened.metadata.num_rows * len(columns)
    if offsets > limit:
        found = f"declares {opened.metadata.num_rows:,} rows in a file of {file.size:,} bytes"
        raise SourceError(file.name, found, fix=unpacked_fix(limit))
    repeating = [
        field.name
        for index, field in enumerate(schema)
        if (pa.types.is_string(field.type) or pa.types.is_binary(field.type) or pa.types.is_large_string(field.type))
        and any(group.column(index).has_dictionary_page for group in groups)
    ]
    try:
        opened = pq.ParquetFile(
            pa.PythonFile(file.raw, "r"), read_dictionary=repeating, arrow_extensions_enabled=False, pre_buffer=False
        )
    except (pa.ArrowException, OSError):
        raise _damaged(file) from None
    return Feed(columns, _batches(opened, columns, limit, file))


def _batches(opened: pq.ParquetFile, columns: tuple[str, ...], limit: int, file: Steady) -> Iterator[pa.RecordBatch]:
    schema, total = schema_of(columns), 0
    decoded = opened.iter_batches(batch_size=ROWS, use_threads=False)
    while True:
        try:
            batch = next(decoded)
        except StopIteration:
            return
        except (pa.ArrowException, OSError) as error:
            if isinstance(error, MemoryError):
                raise
            raise _damaged(file) from None
        total += sum(_weight(values) for values in batch.columns)
        if total > limit:
            found = f"holds more than {limit:,} bytes of text in a file of {file.size:,}"
            raise SourceError(file.name, found, fix=unpacked_fix(limit))
        for part in _parts(batch, file):
            arrays = [
                as_text(values, f"{file.name}, column {name!r}")
                for name, values in zip(columns, part.columns, strict=True)
            ]
            yield pa.record_batch(arrays, schema=schema)


def _parts(batch: pa.RecordBatch, file: Steady) -> Iterator[pa.RecordBatch]:
    """Halve *batch* until no part weighs more as text than a batch may."""
    if sum(_weight(values) for values in batch.columns) <= LONGEST_ROW:
        yield batch
        return
    if batch.num_rows < 2:
        raise SourceError(file.name, f"has a row of more than {LONGEST_ROW >> 20} MiB", fix="Keep such cells in files.")
    middle = batch.num_rows // 2
    yield from _parts(batch.slice(0, middle), file)
    yield from _parts(batch.slice(middle), file)


def _weight(values: pa.Array) -> int:
    """Count the bytes of *values* as text, without making it."""
    if pa.types.is_dictionary(values.type) and not pa.types.is_null(values.type.value_type):
        lengths = pc.binary_length(values.dictionary.cast(pa.large_binary()))
        return int(pc.sum(lengths.cast(pa.int64()).take(values.indices)).as_py() or 0)
    return int(values.nbytes)


def _damaged(file: Steady) -> SourceError:
    fix = "Write it again, and check that it was copied whole."
    return SourceError(file.name, "is no Parquet file, or one that is cut off or damaged", fix=fix)
