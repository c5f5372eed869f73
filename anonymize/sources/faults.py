"""Where a CSV source is broken: looked for only once it is known to be, and told without quoting a cell."""

import csv
import io
from collections.abc import Iterator, Sequence

import numpy as np

from anonymize.errors import SourceError
from anonymize.sources.limits import LONGEST_ROW, MOST_COLUMNS
from policies.source import Source

csv.field_size_limit(max(csv.field_size_limit(), 2 * LONGEST_ROW))


def lines_in(text: bytes) -> int:
    """Count the line ends in *text*; a carriage return and its line feed are one."""
    count = int(np.count_nonzero(np.frombuffer(text, np.uint8) == 10))
    return count + text.count(b"\r") - text.count(b"\r\n") if b"\r" in text else count


def check_header(names: Sequence[str], place: str) -> None:
    """Refuse a header with an empty or a repeated name; columns are told by position, for it may be no header.

    Raises:
        SourceError: which columns.
    """
    if not names:
        raise SourceError(place, "the line is empty", fix="Let the first line name the columns.")
    if len(names) > MOST_COLUMNS:
        found = f"there are {len(names):,} columns, at most {MOST_COLUMNS:,} are read"
        raise SourceError(place, found, fix="Check the delimiter; else split the table, or leave columns out.")
    seen: dict[str, int] = {}
    for position, name in enumerate(names, start=1):
        if not name.strip():
            raise SourceError(place, f"column {position} has no name", fix="Name every column in the header line.")
        if name in seen:
            found = f"columns {seen[name]} and {position} have the same name"
            raise SourceError(place, found, fix="Name each column once.")
        seen[name] = position


def parse_fault(text: bytes, line: int, columns: int, source: Source, name: str) -> SourceError:
    """Find the row that a parser refused in *text*, which begins on *line*, and say what is wrong with it."""
    for at, _, row in rows(text, source):
        if row is None:
            return unreadable(line + at, name)
        if row and len(row) != columns:
            found = f"the row has {len(row)} columns, the header {columns}"
            fix = "Quote cells that hold the delimiter or a line break, and give every row all its columns."
            return SourceError(f"{name}, line {line + at}", found, fix=fix)
    return SourceError(f"{name}, from line {line}", "cannot be parsed as CSV", fix="Export it again as RFC 4180 CSV.")


def rows(text: bytes, source: Source) -> Iterator[tuple[int, int, list[str] | None]]:
    """Give the line ends before each row, the bytes to its end, and its cells with a character for each byte.

    A row that cannot be parsed is None, and the last; a row that *text* cuts off is none.
    """
    lines = _Lines(text)
    reader = csv.reader(lines, delimiter=source.delimiter, strict=True)
    while True:
        line = reader.line_num
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield line, lines.bytes, None
            return
        yield line, lines.bytes, row


class _Lines:
    """The lines of a text in latin-1, so that a character is a byte, and the bytes given so far."""

    def __init__(self, text: bytes) -> None:
        self._lines = io.TextIOWrapper(io.BytesIO(text), encoding="latin-1", newline="")
        self.bytes = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._lines.readline()
        if not line:
            raise StopIteration
        self.bytes += len(line)
        return line


def unreadable(line: int, name: str) -> SourceError:
    """Say that the row which begins on *line* has a quote that is not in order."""
    what = "header" if line == 1 else "row"
    found = f"a quote in the {what} that begins here is not closed, or not doubled"
    return SourceError(f"{name}, line {line}", found, fix='Close every quote, and write a quote inside a cell as "".')


def misencoded(text: bytes, line: int, offset: int, at: int, encoding: str, name: str) -> SourceError:
    """Say that the byte *at* of *text* is not in *encoding*; *text* begins at *line* and byte *offset* of the file."""
    other = "gb18030" if encoding == "utf-8" else "utf-8"
    line_start = max(text.rfind(b"\n", 0, at), text.rfind(b"\r", 0, at)) + 1
    column = len(text[line_start:at].decode(encoding, errors="replace")) + 1
    found = f"byte {offset + at} (character {column} of the line) is not {encoding}"
    fits = _is(text[: text.rfind(b"\n") + 1] or text, other)
    fix = f'Pin encoding = "{other}" under [source] in the plan.' if fits else "Save it as UTF-8."
    return SourceError(f"{name}, line {line + lines_in(text[:at])}", found, fix=fix)


def _is(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
