"""Which form a file of texts has, told by its name, or, of what comes on a pipe, by its first line."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import BinaryIO, cast

from anonymize.errors import SourceError
from anonymize.texts.lines import JsonLines, Lines
from anonymize.texts.tables import Csv, ParquetTable, Table, TextSource

_BY_ENDING = {
    ".csv": "csv", ".tsv": "csv", ".gz": "csv", ".zst": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl",
    ".parquet": "parquet", ".pq": "parquet", ".xml": "table", ".xlsx": "table",
}  # fmt: skip
HELD_BYTES = 8 << 20
"""Bytes of a pipe held in memory where it is read twice; more goes to a file without a name."""


@contextmanager
def open_texts(
    path: Path | None, pipe: BinaryIO, *, form: str | None = None, encoding: str | None = None, again: bool = False
) -> Iterator[TextSource]:
    """Open the texts at *path*, or those that come through *pipe* where it is none.

    A text and JSON Lines are UTF-8 unless *encoding* says otherwise. *again*: they will be read more than once.

    Raises:
        SourceError: the file cannot be read, or its form does not come through a pipe.
    """
    if path is None:
        with _held(pipe) if again else nullcontext(pipe) as source:
            yield _piped(source, form, encoding or "utf-8", again=again)
    else:
        yield _of(path, form or _BY_ENDING.get(path.suffix.lower(), "text"), encoding)


def _of(path: Path, form: str, encoding: str | None) -> TextSource:
    if path.is_dir() or form == "table":
        return Table(path, encoding)
    if form == "csv":
        return Csv(path, encoding)
    if form == "parquet":
        return ParquetTable(path)
    return (JsonLines if form == "jsonl" else Lines)(lambda: path.open("rb"), path.name, encoding or "utf-8")


def _piped(source: BinaryIO, form: str | None, encoding: str, *, again: bool) -> TextSource:
    if form not in (None, "text", "jsonl"):
        raise SourceError("standard input", f"cannot be read as {form}", fix="Give the file by its name.")
    first = source.readline()
    if form is None:
        form = "jsonl" if _is_json(first) else "text"
    made = JsonLines if form == "jsonl" else Lines
    if again:
        return made(lambda: _rewound(source), "standard input", encoding)
    return made(lambda: nullcontext(source), "standard input", encoding, first)


@contextmanager
def _held(pipe: BinaryIO) -> Iterator[BinaryIO]:
    """Keep all that comes through *pipe*, so that it can be read again."""
    with tempfile.SpooledTemporaryFile(HELD_BYTES) as held:
        shutil.copyfileobj(pipe, held)
        held.seek(0)
        yield cast(BinaryIO, held)


def _rewound(held: BinaryIO) -> AbstractContextManager[BinaryIO]:
    held.seek(0)
    return nullcontext(held)


def _is_json(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False
    except RecursionError:  # so deep that it is no text: it is refused as a line of JSON
        return True
