"""The report put together, column by column."""

from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from anonymize.quality.systems import reader_of, system_of
from anonymize.quality.telling import Count, mean, share, smallest_told, told
from anonymize.quality.values import batches, looked_at, quoted, row, values_of
from policies.plan import Column, Plan

_SEVERAL = "sluice_several"


def report(
    connection: duckdb.DuckDBPyConnection, table: str, plan: Plan, *, several: str | None = None
) -> dict[str, Any]:
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

    *several* is the table whose column `subject` lists the subjects with more than one row, where there is one already.

    Raises:
        PlanError: a column's code system or mapping cannot be used.
    """
    return _Report(connection, quoted(table), plan, smallest_told(plan), several).to_dict()


@dataclass(frozen=True, slots=True)
class _Report:
    """A report in the making."""

    connection: duckdb.DuckDBPyConnection
    table: str
    plan: Plan
    small: int
    several: str | None

    def to_dict(self) -> dict[str, Any]:
        (rows,) = row(self.connection, f"SELECT count(*) FROM {self.table}")  # noqa: S608  # quoted names, here and below
        few = looked_at(self.connection, self.table, [column.name for column in self.plan.columns])
        shares: dict[str, list[float]] = {"completeness": [], "validity": [], "uniqueness": [], "consistency": []}
        columns = {
            column.name: self._column(column, rows, shares, few=few[column.name]) for column in self.plan.columns
        }
        duplicates = self._duplicates(rows, shares)
        scores = {what: mean(found) for what, found in shares.items() if found}
        scores["overall"] = mean(list(scores.values()))
        return {
            "rows": rows,
            "small": self.small,
            "duplicates": duplicates,
            "scores": scores,
            "columns": columns,
        }

    def _column(self, column: Column, rows: int, scores: dict[str, list[float]], *, few: bool) -> dict[str, Any]:
        values = values_of(self.connection, self.table, column.name, few=few)
        missing = rows - values.present
        out: dict[str, Any] = {"missing": self._told(missing, rows), "distincts": values.distincts}
        shares = [self._share(missing, rows)]
        scores["completeness"].append(shares[0])

        def judged(what: str, faults: int) -> None:
            shares.append(self._share(faults, rows))
            scores[what].append(shares[-1])

        if (system := system_of(column)) is not None and values.present:
            numeric = system in ("number", "integer")
            whole = system == "integer"
            invalid = values.no_numbers(whole=whole) if numeric else values.unread(reader_of(column, system))
            out["valid"] = {"as": system, "invalid": self._told(invalid, rows)}
            judged("validity", invalid)
            if numeric:
                low, high = column.minimum, column.maximum
                below, above, outliers = values.spread(low, high)
                out["outliers"] = self._told(outliers, rows)
                if low is not None or high is not None:
                    out["range"] = {
                        "unit": column.unit,
                        "minimum": low,
                        "maximum": high,
                        "below": self._told(below, rows),
                        "above": self._told(above, rows),
                    }
                    judged("validity", below + above)
        if (first := column.not_before) is not None:
            later = self._later(first, column.name)
            out["order"] = {"not_before": first, "later": self._told(later, rows)}
            judged("consistency", later)
        out["score"] = min(shares)
        return out

    def _duplicates(self, rows: int, scores: dict[str, list[float]]) -> dict[str, Count]:
        """Count rows that repeat another, which only a subject with several rows can have, and those subjects."""
        subject, several = quoted(self.plan.subject.name), self.several or _SEVERAL
        if self.several is None:
            self.connection.execute(
                f"CREATE OR REPLACE TEMP TABLE {several} AS SELECT {subject} AS subject"  # noqa: S608
                f" FROM {self.table} WHERE {subject} IS NOT NULL GROUP BY 1 HAVING count(*) > 1"
            )
        (present,) = row(self.connection, f"SELECT count({subject}) FROM {self.table}")  # noqa: S608
        cells = ", ".join(quoted(column.name) for column in self.plan.columns)
        hashed = f"SELECT hash({cells}) AS h, {subject} AS who FROM {self.table} AS source"  # noqa: S608
        theirs = f"{hashed} SEMI JOIN {several} ON source.{subject} = {several}.subject"
        if present < rows:
            theirs += f" UNION ALL {hashed} WHERE {subject} IS NULL"
        again, distinct, owned, people = row(
            self.connection,
            f"SELECT count(*), count(DISTINCT h), count(who), (SELECT count(*) FROM {several}) FROM ({theirs})",  # noqa: S608
        )
        repeated = again - distinct
        scores["uniqueness"].append(self._share(repeated, rows))
        return {"rows": self._told(repeated, rows), "subjects": self._told(people, present - owned + people)}

    def _later(self, first: str, second: str) -> int:
        """Count the rows in which the date of column *first* lies after that of column *second*."""
        columns = {column.name: column for column in self.plan.columns}
        for place, name in enumerate((first, second)):
            self._days(f"sluice_days_{place}", columns[name])
        (later,) = row(
            self.connection,
            f"SELECT count(*) FROM {self.table} t "  # noqa: S608
            f"JOIN sluice_days_0 a ON t.{quoted(first)} = a.text "
            f"JOIN sluice_days_1 b ON t.{quoted(second)} = b.text WHERE a.day > b.day",
        )
        return int(later)

    def _days(self, target: str, column: Column) -> None:
        """Read each distinct date of *column* once, into a temporary table."""
        read = reader_of(column, "iso_date")
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {target} (text VARCHAR, day DATE)")
        for texts in batches(self.connection, self.table, column.name):
            days = [read(text) for text in texts]
            self.connection.register(
                "sluice_batch", pa.table({"text": pa.array(texts, pa.string()), "day": pa.array(days, pa.string())})
            )
            self.connection.execute(
                f"INSERT INTO {target} SELECT text, CAST(day AS DATE) FROM sluice_batch WHERE day IS NOT NULL"  # noqa: S608
            )
            self.connection.unregister("sluice_batch")

    def _told(self, count: int, of: int) -> Count:
        return told(count, of, self.small)

    def _share(self, faults: int, of: int) -> float:
        return share(faults, of, self.small)
