"""Counts over the files of an edition, by DuckDB within bounded memory; shares no code with what wrote them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from anonymize.errors import SourceError
from anonymize.held import work_folder
from anonymize.previews.grids import LARGEST
from anonymize.previews.margins import Cell
from anonymize.spilling import spilling

MEMORY = "512MB"
LONGEST = 200
"""Characters of a value that may be shown; a longer one is pooled, whatever its count."""


class Counted:
    """The files of one edition, opened for counting; *subject* is the column of tokens, where one is published."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, subject: str | None) -> None:
        self._connection = connection
        self._owner = quoted(subject) if subject else None
        self._people = f"count(DISTINCT {self._owner})" if self._owner else "count(*)"
        self.total = Cell(*self._one(f"SELECT count(*), {self._people} FROM edition"))  # noqa: S608  # quoted names
        """All rows, and their subjects."""

    def nulls(self, name: str) -> Cell:
        """Count the rows where a column is empty."""
        return Cell(*self._one(f"SELECT count(*), {self._people} FROM edition WHERE {quoted(name)} IS NULL"))  # noqa: S608  # quoted names

    def common(self, name: str, *, least: int, most: int) -> tuple[list[Cell], int, int]:
        """Give the *most* frequent values that *least* share, how many such there are, and how many rarer ones."""
        self._connection.execute(
            f"CREATE OR REPLACE TEMP TABLE counted AS SELECT CAST({quoted(name)} AS VARCHAR) AS label,"  # noqa: S608  # quoted names
            f" count(*) AS n, {self._people} AS people, least(n, people) >= {least:d} AND length(label) <= {LONGEST:d}"
            f" AS good FROM edition WHERE {quoted(name)} IS NOT NULL GROUP BY 1"
        )
        good, rare = self._one("SELECT count(*) FILTER (good), count(*) FILTER (NOT good) FROM counted")
        top = self._connection.execute(
            f"SELECT n, people, label FROM counted WHERE good ORDER BY n DESC, label LIMIT {most:d}"  # noqa: S608  # a number
        ).fetchall()
        return [Cell(*row) for row in top], int(good), int(rare)

    def reach(self, value: str, *, least: int) -> tuple[float, float] | None:
        """Give two values with *least* subjects at or beyond each: the robust ends of a column; None for too few."""
        ends, per = (
            (f"min({value}) AS low, max({value}) AS high", f"GROUP BY {self._owner}")
            if self._owner
            else (f"{value} AS low, {value} AS high", "")
        )
        inner = f"SELECT {ends} FROM edition WHERE abs({value}) <= {LARGEST!r} {per}"  # noqa: S608  # quoted names
        low, high = self._one(f"SELECT min(low, {least:d}), max(high, {least:d}) FROM ({inner})")  # noqa: S608  # see above
        if low is None or len(low) < least:
            return None
        return min(low[-1], high[-1]), max(low[-1], high[-1])

    def bins(self, value: str, edges: Sequence[float]) -> list[Cell]:
        """Count the rows between each two *edges*; what lies outside is in none."""
        place = " + ".join(f"({value} >= {edge!r}::DOUBLE)::INTEGER" for edge in edges)
        rows = self._connection.execute(
            f"SELECT {place} AS bin, count(*), {self._people} FROM edition WHERE abs({value}) <= {LARGEST!r} GROUP BY 1"  # noqa: S608  # quoted names, numbers
        ).fetchall()
        found = {int(number): (int(count), int(people)) for number, count, people in rows}
        return [
            Cell(*found.get(number, (0, 0)), low=edges[number - 1], high=edges[number])
            for number in range(1, len(edges))
        ]

    def _one(self, sql: str) -> tuple[Any, ...]:
        row = self._connection.execute(sql).fetchone()
        if row is None:
            raise AssertionError("an aggregate without groups gives one row")
        return row


@contextmanager
def counting(files: Sequence[Path], subject: str | None) -> Iterator[Counted]:
    """Open the files of an edition for counting.

    Raises:
        SourceError: a file cannot be read.
    """
    with work_folder("preview") as spill, spilling(spill, MEMORY) as connection:
        listed = ", ".join(f"'{_literal(file)}'" for file in files)
        try:
            connection.execute(f"CREATE VIEW edition AS FROM read_parquet([{listed}], hive_partitioning = false)")
            yield Counted(connection, subject)
        except duckdb.Error as error:
            # the engine's message may quote cells, so it is not passed on
            raise SourceError(
                "edition", f"cannot be read ({type(error).__name__})", fix="Build the release again."
            ) from None


def schema_of(files: Sequence[Path]) -> pa.Schema:
    """Read names and types from an edition's first file; no cell is looked at."""
    return pq.read_schema(files[0]).remove_metadata()


def quoted(name: str) -> str:
    """Write a column's name for SQL."""
    return '"' + name.replace('"', '""') + '"'


def _literal(file: Path) -> str:
    # the engine takes a name for a pattern
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in str(file)).replace("'", "''")
