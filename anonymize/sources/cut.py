"""A stream of CSV text cut into blocks of whole rows, at line ends outside quotes.

In RFC 4180 text a line end is outside quotes when an even number of quotes stands before it. Whether the quotes are in
that order can be told from their neighbours: a quote that opens follows a delimiter, a line end or the quote it
doubles, and one that closes precedes one. Where they are not (`5" pipe` is a cell to most readers), the rows are gone
through one by one.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from anonymize.errors import SourceError
from anonymize.sources.decode import BOM
from anonymize.sources.faults import lines_in, rows, unreadable
from anonymize.sources.limits import LONGEST_ROW
from policies.source import Source


@dataclass(frozen=True, slots=True)
class Block:
    """Whole rows, and the line and the byte of the text they begin at."""

    text: bytes
    line: int
    offset: int


def blocks(chunks: Iterator[bytes], source: Source, name: str) -> Iterator[Block]:
    """Cut *chunks* into blocks of whole rows; a byte order mark at the start is left out, and counted.

    Raises:
        SourceError: a row is longer than a row may be, or its quotes are not in order; says where it begins.
    """
    carry, line, offset, started = b"", 1, 0, False
    for chunk in chunks:
        carry += chunk
        if not started and len(carry) >= len(BOM):
            started, offset = True, len(BOM) * carry.startswith(BOM)
            carry = carry.removeprefix(BOM)
        if not started:
            continue
        end = _last_row_end(carry, line, source, name)
        if end:
            block = Block(carry[:end], line, offset)
            yield block
            carry, line, offset = carry[end:], line + lines_in(block.text), offset + end
        if len(carry) > LONGEST_ROW:
            found = f"the row that begins here is longer than {LONGEST_ROW >> 20} MiB, or a quote in it is not closed"
            raise SourceError(f"{name}, line {line}", found, fix="Close the quote, or keep such cells in files.")
    if carry:
        if not _in_order(carry, _quotes(carry), source):
            for at, _, row in rows(carry, source):
                if row is None:
                    raise unreadable(line + at, name)
        yield Block(carry, line, offset)


def _last_row_end(text: bytes, line: int, source: Source, name: str) -> int:
    """Where the last whole row of *text* ends; 0 where none does for sure."""
    end = _line_end(text, len(text) - 1)
    if end == 0 or b'"' not in text:
        return end
    marks = _quotes(text)
    before = int(np.searchsorted(marks, end))
    while end and before % 2:
        end = _line_end(text, int(marks[before - 1]))
        before = int(np.searchsorted(marks, end))
    if _in_order(text, marks[:before], source) and (end or _opens_in_order(text, marks, source)):
        return end
    end = 0
    for at, size, row in rows(text, source):
        if row is None:
            if size < len(text):
                raise unreadable(line + at, name)
            break
        # The last row may go on, and a line feed may follow a carriage return at the very end.
        if size < len(text) or text.endswith(b"\n"):
            end = size
    return end


def _line_end(text: bytes, before: int) -> int:
    """Where the last line ends that ends with a character before *before*, or with a line feed at it."""
    feed = text.rfind(b"\n", 0, before + 1)
    return max(feed, text.rfind(b"\r", max(feed, 0), before)) + 1


def _quotes(text: bytes) -> npt.NDArray[np.intp]:
    return np.flatnonzero(np.frombuffer(text, np.uint8) == 34)


def _in_order(text: bytes, marks: npt.NDArray[np.intp], source: Source) -> bool:
    return len(marks) % 2 == 0 and _opens_in_order(text, marks, source) and _closes_in_order(text, marks, source)


def _opens_in_order(text: bytes, marks: npt.NDArray[np.intp], source: Source) -> bool:
    opens = marks[0::2]
    return bool(_parts(source)[np.frombuffer(text, np.uint8)[opens[opens > 0] - 1]].all())


def _closes_in_order(text: bytes, marks: npt.NDArray[np.intp], source: Source) -> bool:
    closes = marks[1::2]
    return bool(_parts(source)[np.frombuffer(text, np.uint8)[closes[closes < len(text) - 1] + 1]].all())


def _parts(source: Source) -> npt.NDArray[np.bool_]:
    """Give for each byte whether it may stand at the outer side of a quote."""
    table = np.zeros(256, np.bool_)
    table[[ord(source.delimiter), 10, 13, 34]] = True
    return table
