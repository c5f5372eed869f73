"""NAACCR XML (North American Association of Central Cancer Registries): one row per tumour.

Each row holds the items of its tumour, of the patient it belongs to, and of the file. The columns are those items
that occur, found by a first look through the file, in the order they first stand there. A document type declaration
is refused: without one there are no entities, and so no bombs of them.
"""

from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import Any
from xml.parsers import expat

import pyarrow as pa

from anonymize.data import facts
from anonymize.errors import SourceError
from anonymize.sources import packed
from anonymize.sources.faults import check_header
from anonymize.sources.feed import Feed, schema_of
from anonymize.sources.limits import LONGEST_ROW
from anonymize.sources.steady import Steady
from policies.source import Source

VERSIONS = range(18, 27)
ROWS, CHARACTERS = 10_000, 16 << 20
LEVELS = ("NaaccrData", "Patient", "Tumor")
NAMESPACE = "http://naaccr.org/naaccrxml"
_PIECE = 1 << 20


def read(file: Steady, source: Source, *, also: Iterable[Steady] = (), columns: tuple[str, ...] | None = None) -> Feed:
    """Read *file*; *also* are further files whose items become columns, *columns* those already known.

    Raises:
        SourceError: it is no well-formed NAACCR XML of a version we know, or declares entities; says the line.
    """
    if columns is None:
        levels: tuple[dict[str, None], ...] = ({}, {}, {})
        _look(file, source, levels)
        for each in also:
            with closing(each):
                _look(each, source, levels)
        columns = tuple({name: None for level in levels for name in level})
        check_header(columns, f"{file.name}, items")
    file.rewind()
    return Feed(columns, _batches(_Walk(file), source, columns))


def _look(file: Steady, source: Source, levels: tuple[dict[str, None], ...]) -> None:
    """Add the items of *file* to those of each level."""
    walk = _Walk(file)
    for _ in walk.through(source):
        pass
    for level, found in zip(levels, walk.items, strict=True):
        level.update(found)


def _batches(walk: "_Walk", source: Source, columns: tuple[str, ...]) -> Iterator[pa.RecordBatch]:
    schema, rows, size = schema_of(columns), list[dict[str, str]](), 0
    for row in walk.through(source):
        rows.append(row)
        size += sum(map(len, row.values()))
        if len(rows) >= ROWS or size >= CHARACTERS:
            yield _batch(rows, schema)
            rows, size = [], 0
    if rows:
        yield _batch(rows, schema)
    if not set().union(*walk.items) <= set(columns):
        fix = "Copy it aside when its writer is done, and read the copy."
        raise SourceError(walk.name, "changed while it was read", fix=fix)


def _batch(rows: list[dict[str, str]], schema: pa.Schema) -> pa.RecordBatch:
    return pa.record_batch([pa.array([row.get(name) for row in rows], pa.string()) for name in schema.names], schema)


class _Walk:
    """One walk through a file, giving a row for each tumour when its patient ends."""

    def __init__(self, file: Steady) -> None:
        self.name = file.name
        self.items: tuple[dict[str, None], ...] = ({}, {}, {})
        self._file = file
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._numbers: dict[str, str] | None = None
        self._depth, self._foreign = 0, 0
        self._values: list[dict[str, str]] = [{}, {}, {}]
        self._level, self._item, self._parts, self._length = -1, "", list[str](), 0
        self._tumors, self._rows = list[dict[str, str]](), list[dict[str, str]]()

    def through(self, source: Source) -> Iterator[dict[str, str]]:
        """Give the rows of the file."""
        try:
            for piece in packed.chunks(self._file, source, size=_PIECE):
                self._parser.Parse(piece, False)
                yield from self._rows
                self._rows.clear()
            self._parser.Parse(b"", True)
        except expat.ExpatError as error:
            what = expat.errors.messages.get(error.code, "not well-formed")
            fix = "Export it again, and check that it was copied whole."
            raise SourceError(f"{self._file.name}, line {error.lineno}", f"is no XML: {what}", fix=fix) from None
        yield from self._rows

    def _refuse(self, found: str, fix: str) -> SourceError:
        return SourceError(f"{self._file.name}, line {self._parser.CurrentLineNumber}", found, fix=fix)

    def _doctype(self, *_: Any) -> None:
        raise self._refuse("declares a document type", "Remove the declaration: NAACCR XML has none.")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, local = name.rpartition(" ")
        if self._foreign or self._item or (namespace not in ("", NAMESPACE)):
            if self._item:
                raise self._refuse("an item holds an element", "Keep only text in an Item.")
            self._foreign += 1  # an extension: its whole tree is left out
            if self._foreign > 64:
                raise self._refuse("elements lie too deep in each other", "Remove the extension.")
            return
        if local == "Item" and self._level >= 0:
            self._item, self._parts, self._length = self._named(attributes), [], 0
        elif local in LEVELS and LEVELS.index(local) == self._level + 1:
            if self._level == -1:
                self._check_version(attributes)
            self._level += 1
            self._values[self._level] = {}
        else:
            raise self._refuse("an element stands where NAACCR XML has none", "Check it with a NAACCR validator.")

    def _end(self, _: str) -> None:
        if self._foreign:
            self._foreign -= 1
        elif self._item:
            values, text = self._values[self._level], "".join(self._parts)
            if self._item in values:
                raise self._refuse(f"item {self._item} is there twice", "Give each item once.")
            values[self._item] = text
            self.items[self._level][self._item] = None
            if self._level == 0 and self._depth:
                raise self._refuse("an item of the file follows a patient", "Let them come first.")
            self._item = ""
        else:
            self._close_level()

    def _close_level(self) -> None:
        if self._level == 2:
            self._tumors.append(self._values[2])
        elif self._level == 1:
            self._depth = 1
            self._rows += [self._row(tumor) for tumor in self._tumors]
            self._tumors = []
        self._level -= 1

    def _row(self, tumor: dict[str, str]) -> dict[str, str]:
        return {name: text for name, text in {**self._values[0], **self._values[1], **tumor}.items() if text}

    def _text(self, text: str) -> None:
        if self._item and not self._foreign:
            self._parts.append(text)
            self._length += len(text)
            if self._length > LONGEST_ROW:
                raise self._refuse(f"an item is longer than {LONGEST_ROW >> 20} MiB", "Keep such texts in files.")

    def _named(self, attributes: dict[str, str]) -> str:
        name = attributes.get("naaccrId", "")
        if not name and (number := attributes.get("naaccrNum", "")):
            if self._numbers is None:
                self._numbers = {row["number"]: row["id"] for row in facts("naaccr_items.csv")}
            name = self._numbers.get(number, "")
            if not name:
                raise self._refuse(f"item number {number[:8]!r} is in no dictionary", "Give it a naaccrId.")
        if not name:
            raise self._refuse("an item has no naaccrId", "Give every Item its naaccrId.")
        return name

    def _check_version(self, attributes: dict[str, str]) -> None:
        uri = attributes.get("baseDictionaryUri", "")
        digits = uri.rpartition("naaccr-dictionary-")[2].removesuffix(".xml")
        if not digits.isdecimal() or int(digits) // 10 not in VERSIONS:
            fix = f"Convert it to a version from {VERSIONS[0]} to {VERSIONS[-1]}."
            raise self._refuse("its base dictionary is of no version we know", fix)
