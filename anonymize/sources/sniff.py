"""What a source seems to be: its format, encoding and delimiter, and where another guess would do as well.

A guess is only the start of a plan: each can be pinned under [source], and the doubts are said in words.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from anonymize.errors import SourceError
from anonymize.sources import packed
from anonymize.sources.decode import BOM, MISTAKEN, UTF16
from anonymize.sources.faults import rows
from anonymize.sources.limits import LONGEST_ROW
from anonymize.sources.reading import ask
from anonymize.sources.steady import Steady, listed
from policies.source import Source

SAMPLE = 16 << 20
"""Bytes of text that are looked at."""
SAMPLE_ROWS = 10_000
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
HANZI = 0.8
"""Share of the characters beyond ASCII that are common hanzi in any text in Chinese."""


@dataclass(frozen=True, slots=True)
class Sniffed:
    """The source as guessed, and what speaks against the guesses."""

    source: Source
    doubts: tuple[str, ...]


def sniff(path: Path, *, key: bytes | None = None) -> Sniffed:
    """Guess what the source at *path* is, in a child like the one that reads it.

    Raises:
        SourceError: it cannot be read, or is of a format that is not.
    """
    said = ask("sniff", path, Source(), key)["sniffed"]
    return Sniffed(Source(**said["source"]), tuple(said["doubts"]))


def sniffed(path: Path, name: str, key: bytes | None = None) -> Mapping[str, Any]:
    """Look into the first file at *path*: what the child says."""
    paths = listed(path, name)
    file = Steady(*paths[0], key)
    try:
        source, doubts = _guess(file)
    finally:
        file.close()
    if len(paths) > 1:
        doubts = [f"{len(paths):,} files: only the first was looked at", *doubts]
    return {"source": asdict(source), "doubts": doubts}


def _guess(file: Steady) -> tuple[Source, list[str]]:
    head = file.raw.read(8)
    file.rewind()
    if head.startswith(b"PAR1"):
        return Source(format="parquet"), []
    if head.startswith(b"PK\x03\x04"):
        return _workbook(file)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise SourceError(file.name, "is an old Excel workbook (.xls), or a locked one", fix="Save it as .xlsx.")
    raw, whole = _sample(file)
    start = raw.removeprefix(BOM).lstrip()[:1024]
    if start.startswith((b"<?xml", b"<!DOCTYPE", b"<NaaccrData")):
        if b"<NaaccrData" not in raw[: 1 << 16]:
            raise SourceError(file.name, "is XML, but not of NAACCR", fix="Export it as CSV.")
        return Source(format="naaccr"), []
    if raw.startswith(UTF16):
        raise SourceError(f"{file.name}, byte 0", "the file is UTF-16", fix="Save it as UTF-8.")
    if not raw.strip():
        raise SourceError(file.name, "the file is empty", fix="Export it again, with its header line.")
    if b"\0" in raw:
        raise SourceError(file.name, "is no text: it holds NUL bytes", fix="Give CSV, Parquet, NAACCR XML or .xlsx.")
    encoding, doubts = _encoding(raw, whole)
    delimiter, more = _delimiter(raw)
    return Source(encoding=encoding, delimiter=delimiter), [*doubts, *more]


def _sample(file: Steady) -> tuple[bytes, bool]:
    """Give the start of the text up to a line end, and whether it is all of it."""
    parts, size = list[bytes](), 0
    for chunk in packed.chunks(file, Source(max_bytes=LONGEST_ROW), size=1 << 20):
        parts.append(chunk)
        size += len(chunk)
        if size >= SAMPLE:
            raw = b"".join(parts)
            return raw[: max(raw.rfind(b"\n"), raw.rfind(b"\r")) + 1] or raw, False
    return b"".join(parts), True


def _encoding(raw: bytes, whole: bool) -> tuple[str, list[str]]:
    if raw.startswith(BOM):
        return "utf-8", []
    if raw.isascii():
        far = f"encoding: the first {SAMPLE >> 20} MiB are ASCII, so that utf-8 and gb18030 both fit; read as utf-8"
        return "utf-8", [] if whole else [far]
    utf8, gb18030 = _decoded(raw, "utf-8"), _decoded(raw, "gb18030")
    if utf8 is not None:
        if gb18030 is not None and len(raw) - len(utf8) < MISTAKEN:
            return "utf-8", ["encoding: both utf-8 and gb18030 fit; read as utf-8"]
        return "utf-8", []
    if gb18030 is None:
        return "utf-8", ["encoding: neither utf-8 nor gb18030 fits the whole text"]
    # Level 1 of GB/T 2312: the 3,755 hanzi in common use, and the marks of Chinese typography.
    beyond = [character for character in gb18030 if not character.isascii()]
    common = sum(
        1 for c in beyond if b"\xb0\xa1" <= (code := c.encode("gb18030")) <= b"\xd7\xf9" or code[:1] <= b"\xa3"
    )
    if common < HANZI * len(beyond):
        few = f"encoding: gb18030 fits, but {1 - common / len(beyond):.0%} of its characters are rare in Chinese text"
        return "gb18030", [f"{few}; it may be another old encoding"]
    return "gb18030", []


def _decoded(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return None


def _delimiter(raw: bytes) -> tuple[str, list[str]]:
    """Choose the delimiter that gives most rows as many cells as the header, then the one that gives most cells."""
    found = {}
    for delimiter in DELIMITERS:
        cells = [row for _, _, row in islice(rows(raw, Source(delimiter=delimiter)), SAMPLE_ROWS) if row]
        width = len(cells[0]) if cells else 0
        if width > 1:
            found[delimiter] = sum(len(row) == width for row in cells) / len(cells), width
    if not found:
        return ",", ["delimiter: none of comma, semicolon, tab and bar; read as one column"]
    best = max(found, key=lambda delimiter: found[delimiter])
    share, width = found[best]
    doubts = [
        f"delimiter: {DELIMITERS[other]} would do as well, with {cells} columns; read with {DELIMITERS[best]}, {width}"
        for other, (fits, cells) in found.items()
        if other != best and fits >= share
    ]
    if share < 1:
        doubts.append(f"delimiter: {DELIMITERS[best]} gives {share:.1%} of the rows the header's {width} columns")
    return best, doubts


def _workbook(file: Steady) -> tuple[Source, list[str]]:
    from anonymize.sources import excel

    excel.check_zip(file, Source())
    names = excel.workbook(file).sheet_names
    if not names:
        raise SourceError(file.name, "has no sheet", fix="Save it as .xlsx with a sheet.")
    others = ", ".join(names[1:20])
    doubts = [f"sheet: there are {len(names)}; the first is read, not {others}"] if len(names) > 1 else []
    return Source(format="xlsx", sheet=names[0]), doubts
