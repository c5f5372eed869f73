"""One sheet of an Excel workbook (.xlsx) as text columns: its first row names them.

The sheet is held in memory while it is read; a larger one than the reading child may hold is refused there.
"""

import zipfile
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook

from anonymize.errors import SourceError
from anonymize.sources.faults import check_header
from anonymize.sources.feed import Feed, schema_of
from anonymize.sources.limits import most_unpacked, unpacked_fix
from anonymize.sources.steady import Steady
from anonymize.sources.text import cell
from policies.source import Source

ROWS = 8_192
ENTRIES = 10_000
"""Files in a workbook at most."""


def read(file: Steady, source: Source) -> Feed:
    """Read a sheet of *file*: the one *source* names, else the first.

    Raises:
        SourceError: it is no workbook, unpacks to more than is allowed, lacks the sheet, or its header is at fault.
    """
    check_zip(file, source)
    book = workbook(file)
    names = book.sheet_names
    wanted = source.sheet if source.sheet is not None else next(iter(names), None)
    if wanted is None or wanted not in names:
        fix = f"Pin one of these as sheet under [source] in the plan: {', '.join(names[:20])}."
        raise SourceError(file.name, f"has no sheet {wanted!r}" if wanted else "has no sheet", fix=fix)
    place = f"{file.name}, sheet {wanted!r}"
    try:
        rows = iter(book.get_sheet_by_name(wanted).iter_rows())
    except CalamineError:
        raise SourceError(place, "cannot be read", fix="Open it in Excel, and save it again.") from None
    header = [cell(value) or "" for value in next(rows, [])]
    while header and not header[-1]:
        header.pop()
    check_header(header, f"{place}, row 1")
    return Feed(tuple(header), _batches(rows, tuple(header), place))


def check_zip(file: Steady, source: Source) -> None:
    """Refuse a workbook that is no zip archive, or one that unpacks to more than is allowed.

    Raises:
        SourceError: what it is, and the limit.
    """
    try:
        with zipfile.ZipFile(file.raw) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        fix = "Save it as .xlsx again, and check that it was copied whole."
        raise SourceError(file.name, "is no Excel workbook, or one that is cut off", fix=fix) from None
    limit, size = most_unpacked(source, file.size), sum(entry.file_size for entry in entries)
    if len(entries) > ENTRIES:
        raise SourceError(file.name, f"is an archive of {len(entries):,} files", fix="Save it as .xlsx again.")
    if size > limit:
        raise SourceError(file.name, f"unpacks to {size:,} bytes from {file.size:,}", fix=unpacked_fix(limit))


def workbook(file: Steady) -> CalamineWorkbook:
    """Open *file* as a workbook.

    Raises:
        SourceError: it is none.
    """
    file.raw.seek(0)
    try:
        return CalamineWorkbook.from_filelike(file.raw)
    except (CalamineError, ValueError, OSError):
        raise SourceError(file.name, "is no Excel workbook", fix="Open it in Excel, and save it as .xlsx.") from None


def _batches(rows: Iterator[Sequence[Any]], columns: tuple[str, ...], place: str) -> Iterator[pa.RecordBatch]:
    schema, number = schema_of(columns), 1
    while part := list(islice(rows, ROWS)):
        texts = [[cell(value) for value in row] for row in part]
        for row in texts:
            number += 1
            if any(text is not None for text in row[len(columns) :]):
                found = f"has a cell beyond the {len(columns)} columns of the header"
                raise SourceError(f"{place}, row {number}", found, fix="Name every column in row 1.")
        kept = [row[: len(columns)] for row in texts if any(text is not None for text in row)]
        if kept:
            yield pa.record_batch([pa.array(list(c), pa.string()) for c in zip(*kept, strict=True)], schema=schema)
