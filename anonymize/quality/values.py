"""The values of one column, each with the rows that hold it: what is counted of a column is counted on these.

Most columns repeat few values, so they are collapsed once; a column that hardly repeats is counted row by row.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from anonymize.standards.standardise import Read

EXACT = 10_000
"""Distinct values up to which they are counted exactly; more are given to two digits."""
BATCH = 100_000
FENCE = 3
"""A number this many interquartile ranges outside the middle half of its column is an outlier (Tukey's far out)."""
LOOKED_AT, FEW = 50_000, EXACT
"""Rows that are looked at first, and the distinct values among them up to which a column is collapsed."""
AT_ONCE = 16
"""Columns looked at by one statement: each takes some megabytes a thread, however few its rows."""
_TABLE = "sluice_values"


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """The values of one column, without the empty cells."""

    connection: duckdb.DuckDBPyConnection
    source: str
    """SQL of the rows `value` and `n`, how many rows hold it."""
    collapsed: bool
    """Each value stands there once."""
    present: int
    """Rows that have a value."""
    distincts: int
    """Exact up to `EXACT`, else to two digits."""

    def unread(self, read: Read) -> int:
        """Count the rows whose value *read* does not know."""
        cursor = self.connection.execute(f"SELECT value, sum(n)::BIGINT FROM {self.source} GROUP BY value")  # noqa: S608  # quoted names, here and below
        found = 0
        while batch := cursor.fetchmany(BATCH):
            found += sum(rows for value, rows in batch if read(value) is None)
        return found

    def no_numbers(self, *, whole: bool) -> int:
        """Count the rows whose value is no finite number, or with *whole* no whole one of 64 bits."""
        finite = "isfinite(try_cast(value AS DOUBLE))"
        if whole:
            finite += " AND try_cast(value AS BIGINT) IS NOT NULL"
            finite += " AND try_cast(value AS DOUBLE) = try_cast(value AS BIGINT)"
        asked = f"SELECT coalesce(sum(n), 0)::BIGINT FROM {self.source} WHERE NOT coalesce({finite}, false)"  # noqa: S608
        return int(row(self.connection, asked)[0])

    def spread(self, low: float | None, high: float | None) -> tuple[int, int, int]:
        """Count the rows below *low*, above *high*, and far outside the middle half."""
        numbers = f"(SELECT try_cast(value AS DOUBLE) AS v, n FROM {self.source}) WHERE isfinite(v)"  # noqa: S608
        first, third = self._quartiles(numbers)
        if first is None or third is None:
            return 0, 0, 0
        reach = FENCE * (third - first)
        counts = ", ".join(
            f"coalesce(sum(n) FILTER ({what}), 0)::BIGINT" for what in ("v < ?", "v > ?", "v < ? OR v > ?")
        )
        below, above, far = row(
            self.connection,
            f"SELECT {counts} FROM {numbers}",  # noqa: S608
            [low, high, first - reach, third + reach],
        )
        return below, above, far if reach else 0

    def _quartiles(self, numbers: str) -> tuple[float | None, float | None]:
        """Give the numbers that stand at a quarter and at three quarters of the rows, the lower ones between two."""
        if not self.collapsed:
            found = row(self.connection, f"SELECT quantile_disc(v, [0.25, 0.75]) FROM {numbers}")[0]  # noqa: S608
            return (None, None) if found is None else (found[0], found[1])
        at = "min(v) FILTER (upto >= greatest(1, total - floor(total - {} * total)))"
        first, third = row(
            self.connection,
            f"SELECT {at.format('0.25::DOUBLE')}, {at.format('0.75::DOUBLE')} FROM (SELECT v,"  # noqa: S608
            " (sum(n) OVER (ORDER BY v))::DOUBLE AS upto, (sum(n) OVER ())::DOUBLE AS total"
            f" FROM (SELECT v, sum(n) AS n FROM {numbers} GROUP BY v))",
        )
        return first, third


def looked_at(connection: duckdb.DuckDBPyConnection, table: str, names: Sequence[str]) -> dict[str, bool]:
    """Say which of the columns *names* seem to have few distinct values, by some rows."""
    out: dict[str, bool] = {}
    for start in range(0, len(names), AT_ONCE):
        some = names[start : start + AT_ONCE]
        parts = ", ".join(f"count(DISTINCT {quoted(name)})" for name in some)
        found = row(connection, f"SELECT {parts} FROM (FROM {table} LIMIT {LOOKED_AT})")  # noqa: S608
        out |= {name: count <= FEW for name, count in zip(some, found, strict=True)}
    return out


def values_of(connection: duckdb.DuckDBPyConnection, table: str, name: str, *, few: bool) -> Values:
    """Give the values of the column *name*, until those of the next are asked for; *few* seem to be distinct."""
    cell = quoted(name)
    if not few:
        counted = f"SELECT count({cell}), approx_count_distinct({cell}) FROM {table}"  # noqa: S608
        present, about = row(connection, counted)
        if about > EXACT:
            rows = f"(SELECT {cell} AS value, 1 AS n FROM {table} WHERE {cell} IS NOT NULL)"  # noqa: S608
            return Values(
                connection=connection, source=rows, collapsed=False, present=present, distincts=_two_digits(about)
            )
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {_TABLE} AS SELECT {cell} AS value, count(*) AS n"  # noqa: S608
        f" FROM {table} WHERE {cell} IS NOT NULL GROUP BY ALL"
    )
    counted = f"SELECT coalesce(sum(n), 0)::BIGINT, count(*), approx_count_distinct(value) FROM {_TABLE}"  # noqa: S608
    present, exact, about = row(connection, counted)
    distincts = exact if about <= EXACT else _two_digits(about)
    return Values(connection=connection, source=_TABLE, collapsed=True, present=present, distincts=distincts)


def _two_digits(about: int) -> int:
    unit: int = 10 ** (len(str(about)) - 2)
    return about // unit * unit


def row(connection: duckdb.DuckDBPyConnection, sql: str, parameters: Sequence[Any] = ()) -> tuple[Any, ...]:
    """Give the one row of an aggregate."""
    found = connection.execute(sql, list(parameters)).fetchone()
    return found if found is not None else ()


def batches(connection: duckdb.DuckDBPyConnection, table: str, name: str) -> Iterator[list[str]]:
    """Give each distinct value of the column *name* of *table* once."""
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {_TABLE} AS SELECT DISTINCT {quoted(name)} AS value"  # noqa: S608
        f" FROM {table} WHERE {quoted(name)} IS NOT NULL"
    )
    (size,) = row(connection, f"SELECT count(*) FROM {_TABLE}")  # noqa: S608
    for start in range(0, size, BATCH):
        some = f"SELECT value FROM {_TABLE} WHERE rowid BETWEEN {start} AND {start + BATCH - 1}"  # noqa: S608
        yield [value for (value,) in connection.execute(some).fetchall()]


def quoted(name: str) -> str:
    """Quote the name of a column."""
    return '"' + name.replace('"', '""') + '"'
