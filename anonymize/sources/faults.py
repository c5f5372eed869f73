"""Where a CSV source is broken: looked for only once it is known to be, and told without quoting a cell."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from anonymize.errors import SourceError
from policies.plan import Source

BOM = b"\xef\xbb\xbf"
UTF16 = (b"\xff\xfe", b"\xfe\xff")
MISTAKEN = 16
"""Bytes beyond one per character, from which on valid UTF-8 can no longer be an accident of another encoding."""


def decoded(raw: bytes, source: Source, path: Path) -> bytes:
    """Give the text of *raw* in UTF-8 without a byte order mark.

    Raises:
        SourceError: the file is empty, holds NUL bytes, or is not in the encoding that *source* says.
    """
    if not raw.removeprefix(BOM).strip():
        raise SourceError(str(path), "the file is empty", fix="Export it again, with its header line.")
    if raw.startswith(UTF16):
        raise SourceError(f"{path}, byte 0", "the file is UTF-16", fix="Save it as UTF-8.")
    nul = raw.find(b"\0")
    if nul >= 0:
        line = raw.count(b"\n", 0, nul) + 1
        found = f"there is a NUL byte at byte {nul}"
        raise SourceError(f"{path}, line {line}", found, fix="Export it again as plain text, or remove the NUL bytes.")
    if source.encoding == "utf-8":
        return _utf8(raw, path)
    return _gb18030(raw, path)


def check_header(names: Sequence[str], path: Path) -> None:
    """Refuse a header with an empty or a repeated name; columns are told by position, for it may be no header.

    Raises:
        SourceError: which columns.
    """
    place = f"{path}, line 1"
    if not names:
        raise SourceError(place, "the line is empty", fix="Let the first line name the columns.")
    seen: dict[str, int] = {}
    for position, name in enumerate(names, start=1):
        if not name.strip():
            raise SourceError(place, f"column {position} has no name", fix="Name every column in the header line.")
        if name in seen:
            found = f"columns {seen[name]} and {position} have the same name"
            raise SourceError(place, found, fix="Name each column once.")
        seen[name] = position


def check_quotes(text: bytes, source: Source, path: Path) -> None:
    """Refuse a quote that is never closed: pyarrow would take the rest of the file for one cell.

    Quotes pair up in RFC 4180, so the slow look is taken only where their number is odd.

    Raises:
        SourceError: the line on which the row with the open quote begins.
    """
    if text.count(b'"') % 2 == 0:
        return
    for line, row in _rows(text, source):
        if row is None:
            raise _unreadable(line, path)


def parse_fault(text: bytes, columns: int, source: Source, path: Path) -> SourceError:
    """Find the row that a parser refused, and say what is wrong with it."""
    for line, row in _rows(text, source):
        if row is None:
            return _unreadable(line, path)
        if row and len(row) != columns:
            found = f"the row has {len(row)} columns, the header {columns}"
            fix = "Quote cells that hold the delimiter or a line break, and give every row all its columns."
            return SourceError(f"{path}, line {line}", found, fix=fix)
    return SourceError(str(path), "cannot be parsed as CSV", fix="Export it again as RFC 4180 CSV.")


def _rows(text: bytes, source: Source) -> list[tuple[int, list[str] | None]]:
    """List the rows with the line each begins on; a row that cannot be parsed is None, and the last."""
    reader = csv.reader(io.StringIO(text.decode(), newline=""), delimiter=source.delimiter, strict=True)
    rows: list[tuple[int, list[str] | None]] = []
    while True:
        line = reader.line_num + 1
        try:
            rows.append((line, next(reader)))
        except StopIteration:
            return rows
        except csv.Error:
            rows.append((line, None))
            return rows


def _unreadable(line: int, path: Path) -> SourceError:
    found = "a quote in the row that begins here is not closed, or not doubled"
    return SourceError(f"{path}, line {line}", found, fix='Close every quote, and write a quote inside a cell as "".')


def _utf8(raw: bytes, path: Path) -> bytes:
    text = raw.removeprefix(BOM)
    try:
        text.decode()
    except UnicodeDecodeError as error:
        raise _misencoded(raw, error.start + len(raw) - len(text), "utf-8", "gb18030", path) from None
    return text


def _gb18030(raw: bytes, path: Path) -> bytes:
    try:
        text = raw.decode("gb18030")
    except UnicodeDecodeError as error:
        raise _misencoded(raw, error.start, "gb18030", "utf-8", path) from None
    if raw.startswith(BOM) or (_is(raw, "utf-8") and len(raw.decode()) + MISTAKEN <= len(raw)):
        found = "the file is UTF-8, the plan says gb18030"
        raise SourceError(str(path), found, fix='Pin encoding = "utf-8" under [source] in the plan.')
    return text.encode()


def _misencoded(raw: bytes, at: int, encoding: str, other: str, path: Path) -> SourceError:
    line_start = raw.rfind(b"\n", 0, at) + 1
    line = raw.count(b"\n", 0, at) + 1
    column = len(raw[line_start:at].decode(encoding, errors="replace")) + 1
    found = f"byte {at} (character {column} of the line) is not {encoding}"
    fix = f'Pin encoding = "{other}" under [source] in the plan.' if _is(raw, other) else "Save it as UTF-8."
    return SourceError(f"{path}, line {line}", found, fix=fix)


def _is(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
