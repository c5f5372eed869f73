"""Every text that can be read out of a file: as it is, unescaped, unpacked, and cell by cell."""

import gzip
import html
import io
import re
import sqlite3
import zipfile
import zlib
from collections.abc import Iterator
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq

View = tuple[str, str]
"""Where the text was found, and the text."""

BATCH_ROWS = 100_000
"""Rows that are decoded at a time."""
DEEPEST = 4
"""Layers of packing that are opened."""
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")


IN_PARTS = "utf-16, in parts"
"""A layer of bytes that are no text: digests hold any two characters somewhere."""


def views(raw: bytes, depth: int = 0) -> Iterator[View]:
    """Give every text in *raw*; packed content is opened and looked at in turn."""
    if raw[:4] == b"PAR1":
        yield "text", raw.decode("utf-8", errors="ignore")  # its cells are UTF-8, and decoded below
    else:
        yield from _plain(raw)
    if depth >= DEEPEST:
        return
    if raw[:4] == b"PAR1":
        yield from _parquet(raw)
    elif raw[:6] == b"ARROW1":
        reader = pa.ipc.open_file(pa.BufferReader(raw))
        for number in range(reader.num_record_batches):
            yield from _columns("arrow", reader.get_batch(number))
    elif raw[:16] == b"SQLite format 3\0":
        yield from _sqlite(raw, depth)
    for where, content in _unpacked(raw):
        yield from ((f"{where}/{inner}", text) for inner, text in views(content, depth + 1))


def _utf16(raw: bytes, encoding: str) -> View:
    """Read UTF-16; of bytes that are no such text throughout, what could be."""
    try:
        return "utf-16", raw[: len(raw) & ~1].decode(encoding)
    except UnicodeDecodeError:
        return IN_PARTS, raw.decode(encoding, errors="ignore")


def _plain(raw: bytes) -> Iterator[View]:
    text = raw.decode("utf-8", errors="ignore")
    yield "text", text
    if b"\0" in raw:
        for encoding in ("utf-16-le", "utf-16-be"):
            yield from (_utf16(raw[start:], encoding) for start in (0, 1))
    if not raw.isascii():
        yield "gb18030", raw.decode("gb18030", errors="ignore")
    if "\\u" in text:
        pairs = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
        yield "escaped", pairs.encode("utf-16", errors="surrogatepass").decode("utf-16", errors="replace")
    if "%" in text:
        yield "url", unquote(text, errors="replace")
    if "&#" in text:
        yield "html", html.unescape(text)


def _unpacked(raw: bytes) -> Iterator[tuple[str, bytes]]:
    try:
        if raw[:2] == b"\x1f\x8b":
            yield "gzip", gzip.decompress(raw)
        elif raw[:4] == b"\x28\xb5\x2f\xfd":
            yield "zstd", pa.input_stream(pa.BufferReader(raw), compression="zstd").read()
        elif raw[:4] == b"PK\x03\x04":
            with zipfile.ZipFile(io.BytesIO(raw)) as archive:
                for entry in archive.infolist():
                    yield "zip", entry.filename.encode() + b"\n" + archive.read(entry)
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile):
        return  # half a file: its bytes were looked at as they are


def _parquet(raw: bytes) -> Iterator[View]:
    try:
        file = pq.ParquetFile(pa.BufferReader(raw))
    except pa.ArrowInvalid:
        return  # half a file: its bytes were looked at as they are
    yield "parquet schema", str(file.schema_arrow)
    for key, value in (file.metadata.metadata or {}).items():
        yield from (("parquet key-value", text) for content in (key, value) for _, text in _plain(content))
    for group in range(file.metadata.num_row_groups):
        for column in range(file.metadata.num_columns):
            statistics = file.metadata.row_group(group).column(column).statistics
            if statistics is not None and statistics.has_min_max:
                yield "parquet statistics", f"{_shown(statistics.min)}\n{_shown(statistics.max)}"
    for batch in file.iter_batches(BATCH_ROWS):
        yield from _columns("parquet column", batch)


def _columns(where: str, batch: pa.RecordBatch) -> Iterator[View]:
    """Give the distinct values of each column: what is there a million times is read once."""
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        values = column if pa.types.is_nested(column.type) else column.unique()
        yield where, "\n".join([name, *map(_shown, values.to_pylist())])


def _sqlite(raw: bytes, depth: int) -> Iterator[View]:
    # A database in WAL mode cannot be opened from memory; its header says so in bytes 18 and 19.
    connection = sqlite3.connect(":memory:")
    try:
        connection.deserialize(raw[:18] + b"\1\1" + raw[20:])
        connection.text_factory = bytes
        for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            quoted = table.decode().replace('"', '""')
            for row in connection.execute(f'SELECT * FROM "{quoted}"'):  # noqa: S608 - the name comes from the file itself
                yield "sqlite cell", "\n".join(map(_shown, row))
                for cell in row:
                    if isinstance(cell, bytes) and len(cell) > 16:
                        yield from (("sqlite cell", text) for _, text in _packed_views(cell, depth))
    except sqlite3.DatabaseError:
        return  # a torn or virtual table: its pages were looked at as bytes
    finally:
        connection.close()


def _packed_views(cell: bytes, depth: int) -> Iterator[View]:
    for _, content in _unpacked(cell):
        yield from views(content, depth + 1)
    if cell[:4] == b"PAR1":
        yield from _parquet(cell)


def _shown(value: object) -> str:
    return value.decode("utf-8", errors="ignore") if isinstance(value, bytes) else str(value)
