"""Texts that are columns of a table: CSV, Parquet, and what else a plan reads."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from anonymize.errors import SourceError
from anonymize.sources import open_source, sniff
from policies.source import Source

BATCH_ROWS = 20_000
_FAULTS = (pa.ArrowException, OSError)
"""What Arrow raises for bytes that are no Parquet, those that do not unpack included."""


class TextSource(Protocol):
    """Texts with what stands beside them; they can be written again in the form they came in."""

    name: str
    tabular: bool
    """Whether it has columns that can be chosen."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Name the columns that hold texts."""

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Give the rows; tables with all their columns, lines with *columns*."""

    def write(self, file: BinaryIO, batch: pa.RecordBatch, texts: Mapping[str, pa.Array]) -> None:
        """Write *batch* with *texts* in the place of the columns of that name."""

    def end(self, file: BinaryIO) -> None:
        """Write what comes last."""


class Table:
    """A source of any format that a plan reads, all of its columns as text; it is not written again."""

    tabular = True

    def __init__(self, path: Path, encoding: str | None = None) -> None:
        self.name, self._path = path.name, path
        self.source: Source = sniff(path).source
        if encoding is not None:
            self.source = Source(format="csv", encoding=encoding, delimiter=self.source.delimiter)
        with open_source(path, self.source) as reading:
            self.columns: tuple[str, ...] = reading.columns

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Give the rows with all columns."""
        _check(self.name, self.columns, columns)
        with open_source(self._path, self.source) as reading:
            for batch in reading:
                for start in range(0, batch.num_rows, BATCH_ROWS):
                    yield batch.slice(start, BATCH_ROWS)

    def write(self, file: BinaryIO, batch: pa.RecordBatch, texts: Mapping[str, pa.Array]) -> None:
        """Refuse: the form is only read."""
        fix = "Export it as CSV or Parquet, or release it by a plan."
        raise SourceError(self.name, f"is {self.source.format}, which is not written again", fix=fix)

    def end(self, file: BinaryIO) -> None:
        """Nothing was written."""


class Csv(Table):
    """CSV, written again with its delimiter and in its encoding; a missing cell stays an empty one."""

    def __init__(self, path: Path, encoding: str | None = None) -> None:
        super().__init__(path, encoding)
        self._begun = False

    def write(self, file: BinaryIO, batch: pa.RecordBatch, texts: Mapping[str, pa.Array]) -> None:
        """Write rows, before the first ones the names of the columns."""
        if self.source.format != "csv":
            super().write(file, batch, texts)
        out = io.StringIO(newline="")
        rows = csv.writer(out, delimiter=self.source.delimiter, lineterminator="\n")
        if not self._begun:
            rows.writerow(self.columns)
            self._begun = True
        columns = [texts.get(name, batch.column(name)).to_pylist() for name in self.columns]
        rows.writerows(zip(*columns, strict=True))
        file.write(out.getvalue().encode(self.source.encoding, "replace"))

    def end(self, file: BinaryIO) -> None:
        """Write the names of the columns where there were no rows."""
        if not self._begun:
            self.write(file, pa.record_batch([pa.array([], pa.string()) for _ in self.columns], list(self.columns)), {})
        self._begun = False


class ParquetTable:
    """Parquet; the columns beside the texts keep their types and values."""

    tabular = True

    def __init__(self, path: Path) -> None:
        self.name, self._path = path.name, path
        try:
            with pq.ParquetFile(path) as file:
                self._schema = file.schema_arrow
        except _FAULTS as error:
            raise self._damaged(error) from None
        self.columns: tuple[str, ...] = tuple(field.name for field in self._schema if _is_text(field.type))
        self._writer: pq.ParquetWriter | None = None

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Give the rows with all columns, those that hold texts as strings."""
        _check(self.name, self.columns, columns)
        schema = self._plain()
        with pq.ParquetFile(self._path) as file:
            try:
                for batch in file.iter_batches(BATCH_ROWS):
                    yield batch.cast(schema)
            except _FAULTS as error:
                raise self._damaged(error) from None

    def write(self, file: BinaryIO, batch: pa.RecordBatch, texts: Mapping[str, pa.Array]) -> None:
        """Write rows; nothing of the source's own metadata, which may quote its values."""
        if self._writer is None:
            self._writer = pq.ParquetWriter(file, self._plain(), compression="zstd")
        columns = [texts.get(name, batch.column(name)) for name in batch.schema.names]
        self._writer.write_batch(pa.record_batch(columns, schema=self._plain()))

    def end(self, file: BinaryIO) -> None:
        """Write the footer."""
        (self._writer or pq.ParquetWriter(file, self._plain(), compression="zstd")).close()
        self._writer = None

    def _plain(self) -> pa.Schema:
        fields = [pa.field(f.name, pa.string() if _is_text(f.type) else f.type, f.nullable) for f in self._schema]
        return pa.schema(fields)

    def _damaged(self, error: Exception) -> SourceError:
        # What the library says may quote a value.
        found = f"cannot be read as Parquet ({type(error).__name__})"
        return SourceError(self.name, found, fix="Check that the file is what you expect, or export it again.")


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _check(name: str, known: Sequence[str], wanted: Sequence[str]) -> None:
    for column in wanted:
        if column not in known:
            fix = f"Texts are in: {', '.join(known)}." if known else "It has no column of texts."
            raise SourceError(name, f"has no column of texts named {column!r}", fix=fix)
