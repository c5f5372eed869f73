"""The files of a source as one stream: one file, or those of a folder in the order of their names."""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import pyarrow as pa

from anonymize.errors import SourceError
from anonymize.sources.feed import Feed, Reader
from anonymize.sources.steady import Steady, listed, together
from policies.source import Source


@dataclass(slots=True)
class Files:
    """What is being read: its columns, and how far it is."""

    columns: tuple[str, ...]
    size: int
    """Bytes of all files, as they lie there."""
    _first: tuple[Steady, Feed]
    _rest: list[tuple[Path, str]]
    _source: Source
    _key: bytes | None
    _folder: bool
    _before: int = 0
    _now: Steady | None = None
    _hashes: list[str] = field(default_factory=list)

    @classmethod
    def open(cls, path: Path, name: str, source: Source, key: bytes | None = None) -> Self:
        """Open the source at *path*, which errors call *name*, as far as the names of its columns.

        Raises:
            SourceError: it cannot be read, or its header is at fault.
        """
        paths = listed(path, name)
        size = sum(each.stat().st_size for each, _ in paths if each.exists())
        with ExitStack() as opened:
            file = opened.enter_context(closing(Steady(*paths[0], key)))
            if source.format == "naaccr" and len(paths) > 1:
                from anonymize.sources import naaccr

                feed = naaccr.read(file, source, also=(Steady(*each, key) for each in paths[1:]))
            else:
                feed = reader(source.format)(file, source)
            opened.pop_all()  # the first stays open until its rows are read
        return cls(feed.columns, size, (file, feed), paths[1:], source, key, path.is_dir())

    @property
    def done(self) -> int:
        """Bytes read so far."""
        return self._before + (self._now.done if self._now is not None else 0)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Give the rows of all files.

        Raises:
            SourceError: a file cannot be read, changed meanwhile, or has other columns than the first.
        """
        yield from self._each(*self._first)
        for path, name in self._rest:
            with closing(Steady(path, name, self._key)) as file:
                if self._source.format == "naaccr":
                    from anonymize.sources import naaccr

                    feed = naaccr.read(file, self._source, columns=self.columns)
                else:
                    feed = reader(self._source.format)(file, self._source)
                self._check_columns(feed.columns, name)
                yield from self._each(file, feed)

    def settle(self) -> str:
        """Give the hash of the source, once all its rows are read.

        Raises:
            SourceError: it is not the hash that is pinned.
        """
        found, pinned = together(self._hashes, folder=self._folder), self._source.sha256
        if pinned is not None and found != pinned.lower():
            fix = "Feed the file that the plan was made for, or pin the new hash under [source] in the plan."
            name = self._first[0].name.rpartition("/")[0] if self._folder else self._first[0].name
            raise SourceError(name, f"the bytes have the hash {found}, the plan expects {pinned}", fix=fix)
        return found

    def _each(self, file: Steady, feed: Feed) -> Iterator[pa.RecordBatch]:
        self._now = file
        with closing(file):
            yield from feed.batches
            self._hashes.append(file.settle())
            self._before, self._now = self._before + file.size, None

    def _check_columns(self, columns: tuple[str, ...], name: str) -> None:
        if columns == self.columns:
            return
        found = f"has {len(columns)} columns, the first file {len(self.columns)}"
        if len(columns) == len(self.columns):
            at = next(i for i, pair in enumerate(zip(columns, self.columns, strict=True), 1) if pair[0] != pair[1])
            found = f"column {at} has another name than in the first file"
        raise SourceError(name, found, fix="Give all files of the folder the same header line, in the same order.")


def reader(form: str) -> Reader:
    """Give the reader of a format; each is imported only where it is needed."""
    if form == "parquet":
        from anonymize.sources import parquet

        return parquet.read
    if form == "xlsx":
        from anonymize.sources import excel

        return excel.read
    if form == "naaccr":
        from anonymize.sources import naaccr

        return naaccr.read
    from anonymize.sources import csv

    return csv.read
