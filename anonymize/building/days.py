"""Days that are published as something else: kept as text, or as groups of their own, they are true and unshifted.

A column is one of days where more than half of its distinct values are: written with a year, month and day apart
(2012-03-31, 2012/3/31, also with a time behind), or as eight digits (20120331) if nearly all values of eight digits are
days, so that numbers of things are not taken for dates.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import pyarrow as pa

from anonymize.building.nesting import Frame
from anonymize.building.scratch import Scratch
from anonymize.building.treating import Treated
from anonymize.transform.dates import YEARS
from policies.columns import DATE_LEVELS, GENERALISING, Column, Treatment
from policies.errors import PlanError

CODES = 0.9
"""Share of the values of eight digits that must be days."""
_APART = r"\s*(\d{4}[-/.]\d{1,2}[-/.]\d{1,2})([T ].*)?"
_CODE = r"\d{8}"
_SHOWN = (GENERALISING | {Treatment.KEEP}) - {Treatment.DATE, Treatment.TIME}
"""Treatments that may publish a day as it was read; of dates and times, the level is held to the profile."""


@dataclass(frozen=True, slots=True)
class Days:
    """Says which columns publish days; what two editions share is looked at once."""

    scratch: Scratch
    treated: Treated
    _known: dict[tuple[str, int | None], bool] = field(default_factory=dict)

    def refuse(self, edition: Frame, columns: Iterable[Column]) -> None:
        """Refuse those of *columns* that publish days in *edition*, whose levels of them are final.

        Raises:
            PlanError: its profile allows no days; the column is named.
        """
        finest = edition.profile.finest_date
        if finest == DATE_LEVELS[0]:
            return
        for column in columns:
            if column.treatment in _SHOWN and self._shows(column, edition.levels[column.name]):
                raise PlanError(
                    f"column {column.name!r}",
                    f"publishes days, and profile {edition.profile.name!r} allows {finest}",
                    fix='Use treatment = "date", or generalise it.',
                )

    def _shows(self, column: Column, level: int | None) -> bool:
        key = (column.name, level)
        if key not in self._known:
            self._known[key] = self._are_days(column, level)
        return self._known[key]

    def _are_days(self, column: Column, level: int | None) -> bool:
        table, value = "work", self.treated.value(column)
        if level is not None:
            table, value = "label_of_days", "label"
            self.scratch.put(table, pa.table({"label": self.treated.generalised[column.name].labels(level)}))
        written = self._text(table, value)
        if written is None or not self._any(table, written):
            return False
        first, last = f"{YEARS[0]:04}0101", f"{YEARS[-1]:04}1231"
        day = "try_strptime(replace(replace(apart, '/', '-'), '.', '-'), '%Y-%m-%d')"
        ((values, apart, codes, coded),) = self.scratch.rows(
            f"WITH written AS (SELECT DISTINCT {written} AS text FROM {table} WHERE {value} IS NOT NULL),"  # noqa: S608  # names and patterns of our own
            f" parts AS (SELECT text, CASE WHEN regexp_full_match(text, '{_APART}')"
            f" THEN regexp_extract(text, '{_APART}', 1) END AS apart,"
            f" regexp_full_match(text, '{_CODE}') AS code FROM written)"
            f" SELECT count(*), count(*) FILTER (year({day}) BETWEEN {YEARS[0]} AND {YEARS[-1]}),"
            " count(*) FILTER (code), count(*) FILTER (code AND"
            f" text BETWEEN '{first}' AND '{last}' AND try_strptime(text, '%Y%m%d') IS NOT NULL) FROM parts"
        )
        if coded >= CODES * codes:
            apart += coded
        return bool(2 * apart > values)

    def _any(self, table: str, written: str) -> bool:
        """Say if any value looks like a day, which is quicker told than how many of the distinct ones are."""
        look = f"regexp_full_match({written}, '{_APART}|{_CODE}')"
        return bool(self.scratch.rows(f"SELECT 1 FROM {table} WHERE {look} LIMIT 1"))  # noqa: S608  # names and patterns of our own

    def _text(self, table: str, value: str) -> str | None:
        """Give SQL of how *value* is written; none where it is a number too small for a day."""
        kind = self.scratch.rows(f"SELECT typeof({value}) FROM {table} LIMIT 1")  # noqa: S608  # names of our own, here and below
        if not kind or kind[0][0] == "VARCHAR":
            return value
        if kind[0][0] not in ("BIGINT", "INTEGER", "DOUBLE"):
            return f"{value}::VARCHAR"
        most = self.scratch.one(f"SELECT coalesce(max({value}), 0) FROM {table}")  # noqa: S608
        if most < YEARS[0] * 10_000:
            return None
        return f"CASE WHEN {value} = floor({value}) THEN TRY_CAST({value} AS BIGINT)::VARCHAR ELSE '' END"
