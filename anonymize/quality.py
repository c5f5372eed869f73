"""The quality report of a raw source: how much is missing, doubled, valid, in range and in order, per column.

It goes into the evidence, which everybody may read. So it holds counts, shares and scores, never a cell; and a count
of fewer rows than the strictest profile's smallest class is only said to be that small, as is its complement. All
counting is DuckDB's, which spills to disk; Python reads each distinct value of the checked columns once, in batches.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from anonymize.standards import SYSTEMS, reader
from anonymize.standards.dates import iso_date
from anonymize.standards.standardise import Read
from policies import profile
from policies.plan import Column, Plan, Treatment

Count = int | str
"""A number of rows, or the words `fewer than K` or `all but fewer than K`."""

EXACT = 10_000
"""Distinct values up to which they are counted exactly; more are given to two digits."""
FENCE = 3
"""A number this many interquartile ranges outside the middle half of its column is an outlier (Tukey's far out)."""
BATCH = 100_000

CHECKED_BY_TREATMENT = {
    Treatment.TOPOGRAPHY: "icdo3_topography",
    Treatment.MORPHOLOGY: "icdo3_morphology",
    Treatment.PLACE: "gbt2260",
    Treatment.DATE: "iso_date",
    Treatment.TIME: "iso_date",
}
"""Code systems that a treatment expects, where the plan names none."""


def report(connection: duckdb.DuckDBPyConnection, table: str, plan: Plan) -> dict[str, Any]:
    """Measure *table*, the source as read: all columns of the *plan* as text, an empty cell null.

    The shape is
    ```
    {"rows", "small": k, "duplicates": {"rows": Count, "subjects": Count},
     "scores": {"completeness", "validity", "uniqueness", "consistency", "overall"},
     "columns": {name: {"missing": Count, "distincts": int, "score": float,
                        "valid": {"as": system or type, "invalid": Count},          # where the plan says what it is
                        "range": {"unit", "minimum", "maximum", "below": Count, "above": Count},
                        "outliers": Count,                                          # numbers
                        "order": {"not_before": column, "later": Count}}}}          # rows where that date is later
    ```
    where `small` is the k below which a count is not told, `duplicates.rows` are the rows that repeat another one
    wholly, `duplicates.subjects` those subjects with more than one row. A score is the share of rows without the
    fault, from 0 to 1, rounded down; a fault that is not told counts as the largest it can be, and a score nothing
    was measured for is left out. What the plan drops is measured like the rest: only counts leave.

    Raises:
        PlanError: a column's code system or mapping cannot be used.
    """
    small = max(profile.load(name).minimum_class_size for name in plan.profiles)
    return _Report(connection, _quoted(table), plan, small).to_dict()


@dataclass(frozen=True, slots=True)
class _Report:
    """A report in the making."""

    connection: duckdb.DuckDBPyConnection
    table: str
    plan: Plan
    small: int

    def to_dict(self) -> dict[str, Any]:
        names = [column.name for column in self.plan.columns]
        parts = [f"count({_quoted(name)}), approx_count_distinct({_quoted(name)})" for name in names]
        rows, *counted = self._row(f"SELECT count(*), {', '.join(parts)} FROM {self.table}")  # noqa: S608 - quoted names
        columns = {}
        shares: dict[str, list[float]] = {"completeness": [], "validity": [], "uniqueness": [], "consistency": []}
        for number, column in enumerate(self.plan.columns):
            present, about = counted[2 * number], counted[2 * number + 1]
            columns[column.name] = self._column(column, rows, present, about, shares)
        duplicates = self._duplicates(rows, shares)
        scores = {what: _mean(found) for what, found in shares.items() if found}
        scores["overall"] = _mean(list(scores.values()))
        return {
            "rows": rows,
            "small": self.small,
            "duplicates": duplicates,
            "scores": scores,
            "columns": columns,
        }

    def _column(
        self, column: Column, rows: int, present: int, about: int, scores: dict[str, list[float]]
    ) -> dict[str, Any]:
        out: dict[str, Any] = {"missing": self._told(rows - present, rows), "distincts": self._distincts(column, about)}
        shares = [self._share(rows - present, rows)]
        scores["completeness"].append(shares[0])
        if (system := _system(column)) is not None and about:
            invalid = self._invalid(column, system)
            out["valid"] = {"as": system, "invalid": self._told(invalid, rows)}
            scores["validity"].append(self._share(invalid, rows))
            shares.append(scores["validity"][-1])
        low, high = column.minimum, column.maximum
        if system in ("number", "integer") and about:
            below, above, outliers = self._spread(column, low, high)
            out["outliers"] = self._told(outliers, rows)
            if low is not None or high is not None:
                out["range"] = {
                    "unit": column.unit,
                    "minimum": low,
                    "maximum": high,
                    "below": self._told(below, rows),
                    "above": self._told(above, rows),
                }
                scores["validity"].append(self._share(below + above, rows))
                shares.append(scores["validity"][-1])
        if (first := column.not_before) is not None:
            later = self._later(first, column.name)
            out["order"] = {"not_before": first, "later": self._told(later, rows)}
            scores["consistency"].append(self._share(later, rows))
            shares.append(scores["consistency"][-1])
        out["score"] = min(shares)
        return out

    def _distincts(self, column: Column, about: int) -> int:
        if about <= EXACT:
            name = _quoted(column.name)
            return int(self._row(f"SELECT count(DISTINCT {name}) FROM {self.table}")[0])  # noqa: S608 - quoted names
        unit = 10 ** (len(str(about)) - 2)
        return int(about // unit * unit)

    def _duplicates(self, rows: int, scores: dict[str, list[float]]) -> dict[str, Count]:
        names = ", ".join(_quoted(column.name) for column in self.plan.columns)
        whole = self._row(f"SELECT count(*) FROM (SELECT hash({names}) h FROM {self.table} GROUP BY h)")[0]  # noqa: S608
        subject = _quoted(self.plan.subject.name)
        several = self._row(
            f"SELECT count(*), count(*) FILTER (n > 1) FROM (SELECT count(*) n FROM {self.table} "  # noqa: S608
            f"WHERE {subject} IS NOT NULL GROUP BY {subject})"
        )
        scores["uniqueness"].append(self._share(rows - whole, rows))
        return {"rows": self._told(rows - whole, rows), "subjects": self._told(several[1], several[0])}

    def _invalid(self, column: Column, system: str) -> int:
        """Count the rows whose value is not read as what the column is said to hold."""
        if system in ("number", "integer"):
            name, kind = _quoted(column.name), "DOUBLE" if system == "number" else "BIGINT"
            finite = f"isfinite(try_cast({name} AS DOUBLE)) AND try_cast({name} AS {kind}) IS NOT NULL"
            if system == "integer":
                finite += f" AND try_cast({name} AS DOUBLE) = try_cast({name} AS BIGINT)"
            where = f"{name} IS NOT NULL AND NOT coalesce({finite}, false)"
            return int(self._row(f"SELECT count(*) FROM {self.table} WHERE {where}")[0])  # noqa: S608
        read = _reader(column, system)
        return sum(rows for batch in self._distinct(column.name) for value, rows in batch if read(value) is None)

    def _spread(self, column: Column, low: float | None, high: float | None) -> tuple[int, int, int]:
        """Count the rows below *low*, above *high*, and far outside the middle half."""
        numbers = f"(SELECT try_cast({_quoted(column.name)} AS DOUBLE) v FROM {self.table}) WHERE isfinite(v)"  # noqa: S608
        quartiles = self._row(f"SELECT quantile_disc(v, [0.25, 0.75]) FROM {numbers}")[0]  # noqa: S608
        if quartiles is None:
            return 0, 0, 0
        first, third = quartiles
        reach = FENCE * (third - first)
        below, above, far = self._row(
            "SELECT count(*) FILTER (v < ?), count(*) FILTER (v > ?), count(*) FILTER (v < ? OR v > ?) "  # noqa: S608
            f"FROM {numbers}",
            [low, high, first - reach, third + reach],
        )
        return below, above, far if reach else 0

    def _later(self, first: str, second: str) -> int:
        """Count the rows in which the date of column *first* lies after that of column *second*."""
        columns = {column.name: column for column in self.plan.columns}
        for place, name in enumerate((first, second)):
            self._days(f"sluice_days_{place}", columns[name])
        return int(
            self._row(
                f"SELECT count(*) FROM {self.table} t "  # noqa: S608
                f"JOIN sluice_days_0 a ON t.{_quoted(first)} = a.text "
                f"JOIN sluice_days_1 b ON t.{_quoted(second)} = b.text WHERE a.day > b.day"
            )[0]
        )

    def _days(self, target: str, column: Column) -> None:
        """Read each distinct date of *column* once, into a temporary table."""
        name, read = _quoted(column.name), _reader(column, "iso_date")
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {target} (text VARCHAR, day DATE)")
        self.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE sluice_texts AS SELECT DISTINCT {name} AS text FROM {self.table}"  # noqa: S608
        )
        (size,) = self._row("SELECT count(*) FROM sluice_texts")
        for start in range(0, size, BATCH):
            some = f"SELECT text FROM sluice_texts WHERE rowid BETWEEN {start} AND {start + BATCH - 1}"  # noqa: S608
            texts = [text for (text,) in self.connection.execute(some).fetchall() if text is not None]
            days = [read(text) for text in texts]
            self.connection.register(
                "sluice_batch", pa.table({"text": pa.array(texts, pa.string()), "day": pa.array(days, pa.string())})
            )
            self.connection.execute(
                f"INSERT INTO {target} SELECT text, CAST(day AS DATE) FROM sluice_batch WHERE day IS NOT NULL"  # noqa: S608
            )
            self.connection.unregister("sluice_batch")
        self.connection.execute("DROP TABLE sluice_texts")

    def _distinct(self, name: str) -> Iterator[list[tuple[str, int]]]:
        """Give the distinct values of the column *name* and how many rows hold each, batch by batch."""
        quoted = _quoted(name)
        sql = f"SELECT {quoted}, count(*) FROM {self.table} WHERE {quoted} IS NOT NULL GROUP BY 1"  # noqa: S608
        cursor = self.connection.execute(sql)
        while batch := cursor.fetchmany(BATCH):
            yield batch

    def _row(self, sql: str, parameters: Sequence[Any] = ()) -> tuple[Any, ...]:
        row = self.connection.execute(sql, list(parameters)).fetchone()
        return row if row is not None else ()

    def _told(self, count: int, of: int) -> Count:
        """Say *count*, unless it or what it leaves of *of* is small."""
        if 0 < count < self.small:
            return f"fewer than {self.small}"
        return f"all but fewer than {self.small}" if 0 < of - count < self.small else count

    def _share(self, faults: int, of: int) -> float:
        """Give the share without fault, from what is told of *faults*."""
        if 0 < faults < self.small:
            faults = min(self.small - 1, of)
        elif 0 < of - faults < self.small:
            faults = of
        return _floor(1 - faults / of) if of else 1.0


def _system(column: Column) -> str | None:
    """Say what the values of *column* are checked against, if anything."""
    if column.standard is not None:
        return column.standard
    if column.kind in ("number", "integer"):
        return column.kind
    if column.treatment is Treatment.AGE:
        return None if column.birth_date is not None else "integer"
    if column.treatment is Treatment.BAND or (column.minimum, column.maximum) != (None, None):
        return "number"
    return "iso_date" if column.kind == "date" else CHECKED_BY_TREATMENT.get(column.treatment)


def _reader(column: Column, system: str) -> Read:
    """Give the reader of the column's own system, mapping included; else the usual one of *system*."""
    if column.standard == system:
        return reader(column)
    return SYSTEMS.get(system, iso_date)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _floor(share: float) -> float:
    return math.floor(share * 100 + 1e-9) / 100


def _mean(shares: list[float]) -> float:
    return _floor(sum(shares) / len(shares))
