"""A CSV source as text columns, in blocks that are parsed side by side.

The parsing is pyarrow's; what this file adds is where the blocks are cut, and a fault that names its place. The rules
are those of RFC 4180: one header line, fields quoted with `"`, a quote doubled inside, line breaks allowed between
quotes; an empty cell is null.
"""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain

import pyarrow as pa
from pyarrow import csv as arrow_csv

from anonymize.errors import SourceError
from anonymize.sources import packed
from anonymize.sources.cut import Block, blocks
from anonymize.sources.decode import BOM, as_utf8
from anonymize.sources.faults import check_header, misencoded, parse_fault, rows, unreadable
from anonymize.sources.feed import Feed, as_batches, schema_of
from anonymize.sources.limits import BLOCK
from anonymize.sources.steady import Steady
from policies.source import Source

WORKERS = 4
"""Blocks parsed at a time."""


def read(file: Steady, source: Source, *, size: int = BLOCK) -> Feed:
    """Read *file* as CSV, in blocks of about *size* bytes.

    Raises:
        SourceError: it is empty, mis-encoded, ragged or otherwise broken; names the place and the remedy, never a cell.
    """
    text = as_utf8(packed.chunks(file, source, size=size), source.encoding, file.name)
    cut = blocks(text, source, file.name)
    first = next(cut, Block(b"", 1, 0))
    if not first.text.strip():
        raise SourceError(file.name, "the file is empty", fix="Export it again, with its header line.")
    columns, first = _header(first, source, file.name)
    return Feed(columns, _batches(chain([first], cut), columns, source, file.name))


def _header(block: Block, source: Source, name: str) -> tuple[tuple[str, ...], Block]:
    """Give the names in the first row of *block*, and the block without it."""
    _, size, row = next(rows(block.text, source))
    if row is None:
        raise unreadable(1, name)
    try:
        names = tuple(cell.encode("latin-1").decode() for cell in row)
    except UnicodeDecodeError:
        raise _misencoded(block, source, name) from None
    check_header(names, f"{name}, line 1")
    line = block.line + len(block.text[:size].splitlines())
    return names, Block(block.text[size:], line, block.offset + size)


def _batches(cut: Iterator[Block], columns: tuple[str, ...], source: Source, name: str) -> Iterator[pa.RecordBatch]:
    """Parse the blocks a few at a time, and give their rows in the order of the file."""
    with ThreadPoolExecutor(WORKERS) as pool:
        pending: deque[Future[pa.Table]] = deque()
        for block in cut:
            if block.text:
                pending.append(pool.submit(_parsed, block, columns, source, name))
            if len(pending) > WORKERS:
                yield from as_batches(pending.popleft().result())
        while pending:
            yield from as_batches(pending.popleft().result())


def _parsed(block: Block, columns: tuple[str, ...], source: Source, name: str) -> pa.Table:
    # pyarrow takes a byte order mark off each text it is given, also where it is a character of the first cell.
    text = BOM + block.text if block.text.startswith(BOM) else block.text
    try:
        return arrow_csv.read_csv(
            pa.BufferReader(text),
            read_options=arrow_csv.ReadOptions(column_names=columns, use_threads=False, block_size=len(text) + 1),
            parse_options=arrow_csv.ParseOptions(
                delimiter=source.delimiter,
                newlines_in_values=True,
                # In a table of one column an empty line is a row whose only cell is empty.
                ignore_empty_lines=len(columns) > 1,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=schema_of(columns), null_values=[""], strings_can_be_null=True
            ),
        )
    except pa.ArrowInvalid:
        pass  # not chained: pyarrow's message holds the row it stumbled over
    try:
        block.text.decode()
    except UnicodeDecodeError:
        raise _misencoded(block, source, name) from None
    raise parse_fault(block.text, block.line, len(columns), source, name)


def _misencoded(block: Block, source: Source, name: str) -> SourceError:
    try:
        block.text.decode()
    except UnicodeDecodeError as error:
        return misencoded(block.text, block.line, block.offset, error.start, source.encoding, name)
    raise AssertionError("the block is UTF-8")
