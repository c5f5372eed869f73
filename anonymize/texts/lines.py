"""Texts that are lines: of a plain text, or JSON objects with an `id` and a `text`."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from itertools import chain
from typing import Any, BinaryIO

import pyarrow as pa

from anonymize.errors import SourceError

TEXT = "text"
"""The column that lines have."""
ID = "id"
BATCH_ROWS, BATCH_BYTES = 20_000, 32 << 20
_LONE = re.compile("[\ud800-\udfff]")


class Lines:
    """A plain text: each line is a row; how lines end is kept."""

    tabular = skips_blanks = False

    def __init__(
        self,
        opened: Callable[[], AbstractContextManager[BinaryIO]],
        name: str,
        encoding: str = "utf-8",
        first: bytes | None = None,
    ) -> None:
        self.name, self.columns = name, (TEXT,)
        self._opened, self._encoding, self._first = opened, encoding, first

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Give the rows, with *columns* beside their text.

        Raises:
            SourceError: a line is not in the encoding, or not what a line should be; its number is named.
        """
        rows: list[tuple[str, ...]] = []
        size = 0
        for number, line in enumerate(self._lines(), start=1):
            if self.skips_blanks and not line.strip():
                continue
            rows.append(self._row(self._decoded(line, number), number, columns))
            size += len(line)
            if len(rows) >= BATCH_ROWS or size >= BATCH_BYTES:
                yield _batch(rows, columns)
                rows, size = [], 0
        if rows:
            yield _batch(rows, columns)

    def _lines(self) -> Iterator[bytes]:
        with self._opened() as file:
            yield from chain([self._first] if self._first else (), file)

    def _decoded(self, line: bytes, number: int) -> str:
        try:
            return line.decode(self._encoding)
        except UnicodeDecodeError as error:
            place = f"{self.name}, line {number}"
            found = f"byte {error.start} of the line is not {self._encoding}"
            raise SourceError(place, found, fix="Name its encoding, or save it as UTF-8.") from None

    def _row(self, line: str, number: int, columns: Sequence[str]) -> tuple[str, ...]:
        for column in columns:
            if column != TEXT:
                raise SourceError(self.name, f"has no column {column!r}", fix="A plain text has lines alone.")
        return (line,) * len(columns)

    def write(self, file: BinaryIO, batch: pa.RecordBatch, texts: Mapping[str, pa.Array]) -> None:
        """Write lines again."""
        for line in texts[TEXT].to_pylist():
            file.write(line.encode(self._encoding, "replace"))

    def end(self, file: BinaryIO) -> None:
        """Nothing follows the last line."""


class JsonLines(Lines):
    """A JSON object per line with an `id` and a `text`; other members can stand beside the text as columns."""

    skips_blanks = True

    def _row(self, line: str, number: int, columns: Sequence[str]) -> tuple[str, ...]:
        found: Any = None
        with suppress(ValueError, RecursionError):
            found = json.loads(line.removeprefix("\ufeff") if number == 1 else line)
        if not isinstance(found, dict) or not isinstance(found.get(TEXT), str) or ID not in found:
            place = f"{self.name}, line {number}"
            raise SourceError(place, "is no JSON object with an id and a text", fix='Write {"id": …, "text": "…"}.')
        cells = []
        for column in columns:
            cell = found.get(column)
            if column == ID:
                cell = json.dumps(cell, ensure_ascii=True)
            elif cell is None:
                cell = ""
            cells.append(_LONE.sub("\ufffd", cell if isinstance(cell, str) else json.dumps(cell)))
        return tuple(cells)

    def write(self, file: BinaryIO, batch: pa.RecordBatch, texts: Mapping[str, pa.Array]) -> None:
        """Write each line's `id` and its text."""
        for name, text in zip(batch.column(ID).to_pylist(), texts[TEXT].to_pylist(), strict=True):
            file.write(f'{{"id": {name}, "text": {json.dumps(text, ensure_ascii=False)}}}\n'.encode())
        file.flush()


def _batch(rows: Sequence[tuple[str, ...]], columns: Sequence[str]) -> pa.RecordBatch:
    cells = zip(*rows, strict=True)
    return pa.record_batch([pa.array(column, pa.string()) for column in cells], names=list(columns))
