"""Read a CSV source as text columns.

The parsing is pyarrow's; what this file adds is the bytes it is fed (checked, decoded, hashed, unchanged while
they were read) and a fault that names its place. The rules are those of RFC 4180: one header line, fields
quoted with `"`, a quote doubled inside, line breaks allowed between quotes.
"""

import csv
import hashlib
import io
import os
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
from pyarrow import csv as arrow_csv

from anonymize.errors import SourceError
from anonymize.sources.faults import check_header, check_quotes, decoded, parse_fault
from policies.plan import Source

Progress = Callable[[str], None]

LONGEST_BLOCK = 1 << 30
"""Bytes pyarrow parses at a time at most; its offsets are 32 bits wide."""


def read_csv(path: Path, source: Source, *, progress: Progress | None = None) -> pa.Table:
    """Read every column of the CSV file at *path* as text; an empty cell is null.

    Raises:
        SourceError: the file cannot be read, is not the one *source* pins, is mis-encoded, ragged or otherwise
            broken, or changed while it was read; the error names the place and the remedy, never a cell.
    """
    with _opened(path) as file:
        before = os.fstat(file.fileno())
        raw = file.read()
    digest = hashlib.sha256(raw).hexdigest()
    if source.sha256 is not None and digest != source.sha256.lower():
        raise SourceError(
            str(path),
            f"the bytes have the hash {digest}, the plan expects {source.sha256}",
            fix="Feed the file that the plan was made for, or pin the new hash under [source] in the plan.",
        )
    text = decoded(raw, source, path)
    names = _header(text, source, path)
    table = _parsed(text, names, source, path)
    _check_unchanged(path, before, digest)
    if progress is not None:
        progress(f"read {table.num_rows:,} rows of {table.num_columns} columns")
    return table


def header_of(path: Path, source: Source | None = None) -> tuple[str, ...]:
    """Name the columns of the CSV file at *path*, in order.

    Raises:
        SourceError: the file cannot be read, or its header is empty, mis-encoded or names a column twice.
    """
    source = source or Source()
    with _opened(path) as file:
        raw = file.read()
    return _header(decoded(raw, source, path), source, path)


def sha256_of(path: Path) -> str:
    """Give the SHA-256 of the file's bytes, in hexadecimal.

    Raises:
        SourceError: there is no such file, or it cannot be read.
    """
    with _opened(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _opened(path: Path) -> io.BufferedReader:
    if path.is_dir():
        raise SourceError(str(path), "is a folder", fix="Name one CSV file in it.")
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise SourceError(str(path), "there is no such file", fix="Check the path.") from None
    except OSError as error:
        found = f"cannot be opened ({error.strerror})"
        raise SourceError(str(path), found, fix="Give this account the right to read it.") from None


def _header(text: bytes, source: Source, path: Path) -> tuple[str, ...]:
    if not source.delimiter.isascii() or source.delimiter in '"\r\n':
        found = "the delimiter is a quote, a line break or no ASCII character"
        raise SourceError("source.delimiter", found, fix="For example ',' or ';'.")
    lines = io.TextIOWrapper(io.BytesIO(text), encoding="utf-8", newline="")
    try:
        names = next(csv.reader(lines, delimiter=source.delimiter, strict=True), [])
    except csv.Error:
        found = "the header cannot be parsed"
        raise SourceError(f"{path}, line 1", found, fix="Close every quote, and double a quote inside.") from None
    check_header(names, path)
    return tuple(names)


def _parsed(text: bytes, names: tuple[str, ...], source: Source, path: Path) -> pa.Table:
    check_quotes(text, source, path)
    try:
        return arrow_csv.read_csv(
            pa.BufferReader(text),
            read_options=arrow_csv.ReadOptions(block_size=min(max(len(text) + 1, 1 << 20), LONGEST_BLOCK)),
            parse_options=arrow_csv.ParseOptions(
                delimiter=source.delimiter,
                newlines_in_values=True,
                # In a table of one column an empty line is a row whose only cell is empty.
                ignore_empty_lines=len(names) > 1,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types={name: pa.string() for name in names},
                null_values=[""],
                strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid:
        # Not chained: pyarrow's message holds the row it stumbled over.
        raise parse_fault(text, len(names), source, path) from None


def _check_unchanged(path: Path, before: os.stat_result, digest: str) -> None:
    try:
        after = path.stat()
        same = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns) and sha256_of(path) == digest
    except (OSError, SourceError):
        same = False
    if not same:
        raise SourceError(
            str(path), "changed while it was read", fix="Copy it aside when its writer is done, and read the copy."
        )
