"""The release plan: the role and the treatment of every column of a source, and the editions it becomes.

A plan is a value. It is read from a dictionary (TOML or JSON look alike here), refuses what it does not know,
and gives the same dictionary back. A column it does not name has no role, and stops the run.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from policies.columns import ALLOWED, DATE_LEVELS, GENERALISING, Column, Role, Treatment, read_column
from policies.errors import PlanError
from policies.reading import changed, names, refuse_twice, refuse_unknown, value
from policies.source import Source

__all__ = [
    "ALLOWED",
    "DATE_LEVELS",
    "GENERALISING",
    "Column",
    "Plan",
    "Population",
    "Role",
    "Source",
    "Treatment",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """How many people live in a place, by GB/T 2260 code, and who says so."""

    source: str
    figures: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How one dataset's source becomes nested editions, one per profile."""

    dataset: str
    profiles: tuple[str, ...]
    """The profiles of the editions, in any order; the builder takes them from fine to coarse."""
    columns: tuple[Column, ...]
    source: Source = field(default_factory=Source)
    population: Population | None = None
    sort_by: tuple[str, ...] = ()
    """Published columns that people filter on, in order; the rows of an edition are sorted by those it carries."""
    series: str | None = None
    """The series whose releases stay linkable by token."""

    def __post_init__(self) -> None:
        if not self.dataset:
            raise PlanError("dataset", "no dataset is named", fix="Give the dataset's identifier.")
        if not self.profiles:
            raise PlanError("profiles", "no profile is named", fix='Write profiles = ["controlled"].')
        refuse_twice("profile", self.profiles)
        if not self.columns:
            raise PlanError("column", "the plan names no column", fix="Give each column of the source a role.")
        refuse_twice("column", [column.name for column in self.columns])
        refuse_twice("published column", [c.published_as for c in self.published])
        subjects = [column.name for column in self.columns if column.role is Role.SUBJECT]
        if len(subjects) != 1:
            raise PlanError(
                "column",
                f"{len(subjects)} columns have the role subject",
                fix="Give exactly one column the role subject: risk counts distinct people.",
            )
        for column in self.columns:
            self._check(column)
        published = {column.published_as for column in self.published}
        for name in self.sort_by:
            if name not in published:
                raise PlanError(
                    "sort_by", f"{name!r} is not published", fix=f"Use some of: {', '.join(sorted(published))}."
                )

    def _check(self, column: Column) -> None:
        place = f"column {column.name!r}"
        known = {other.name for other in self.columns}
        for reference in (column.birth_date, column.at, column.not_before):
            if reference is not None and reference not in known:
                raise PlanError(place, f"{reference!r} is not a column", fix="Name a column of the plan.")
        for profile in (*column.levels, *column.withheld):
            if profile not in self.profiles:
                raise PlanError(
                    place, f"{profile!r} is no profile of this plan", fix=f"Use some of: {', '.join(self.profiles)}."
                )
        if set(column.withheld) == set(self.profiles):
            raise PlanError(place, "is withheld from every edition", fix='Use treatment = "drop".')

    @property
    def published(self) -> tuple[Column, ...]:
        """The columns that reach an edition, in the plan's order."""
        return tuple(column for column in self.columns if column.treatment is not Treatment.DROP)

    def carried(self, profile: str) -> tuple[Column, ...]:
        """The columns that the edition of *profile* carries, in the plan's order."""
        return tuple(column for column in self.published if profile not in column.withheld)

    @property
    def subject(self) -> Column:
        """The column that says whose row it is."""
        return next(column for column in self.columns if column.role is Role.SUBJECT)

    @property
    def quasi_identifiers(self) -> tuple[Column, ...]:
        """The published quasi-identifiers, in the plan's order."""
        return tuple(column for column in self.published if column.role is Role.QUASI_IDENTIFIER)

    @property
    def sensitive_attributes(self) -> tuple[Column, ...]:
        """The published sensitive attributes, in the plan's order."""
        return tuple(column for column in self.published if column.role is Role.SENSITIVE_ATTRIBUTE)

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Self:
        """Read a plan, refusing every key it does not know.

        Raises:
            PlanError: what is missing, unknown or of the wrong type, where, and how to mend it.
        """
        if "profile" in raw:
            raise PlanError("profile", "is one where several may stand", fix='Write profiles = ["…"] instead.')
        refuse_unknown("plan", raw, {"dataset", "profiles", "source", "population", "sort_by", "series", "column"})
        if not isinstance(raw.get("dataset"), str):
            raise PlanError("dataset", "is missing or no text", fix='Write dataset = "…" at the top of the plan.')
        profiles = raw.get("profiles")
        if not isinstance(profiles, list | tuple) or not all(isinstance(name, str) for name in profiles):
            fix = 'Write profiles = ["controlled"] at the top of the plan.'
            raise PlanError("profiles", "are missing or no list of texts", fix=fix)
        series = raw.get("series")
        if series is not None and (not isinstance(series, str) or not series):
            raise PlanError("series", "is no text", fix='Write series = "…", or leave it out.')
        columns = raw.get("column", [])
        if not isinstance(columns, list):
            raise PlanError("column", "is no list of tables", fix="Write one [[column]] table per column.")
        population = raw.get("population")
        return cls(
            dataset=raw["dataset"],
            profiles=tuple(profiles),
            columns=tuple(read_column(index, table) for index, table in enumerate(columns)),
            source=value(Source, "source", raw.get("source", {})),
            population=None if population is None else value(Population, "population", population),
            sort_by=names("plan", "sort_by", raw.get("sort_by", ())),
            series=series,
        )

    def to_dict(self) -> dict[str, Any]:
        """Give the dictionary that `from_dict` reads back to an equal plan; defaults are left out."""
        top: dict[str, Any] = {"dataset": self.dataset, "profiles": list(self.profiles)}
        if self.sort_by:
            top["sort_by"] = list(self.sort_by)
        if self.series is not None:
            top["series"] = self.series
        source = changed(self.source, Source())
        if source:
            top["source"] = source
        if self.population is not None:
            top["population"] = {"source": self.population.source, "figures": dict(self.population.figures)}
        empty: dict[str, Any] = {key: {} for key in ("levels", "groups", "mapping", "operators", "always")}
        empty |= dict.fromkeys(("withheld", "widths", "types", "never"), ())
        top["column"] = [changed(column, empty) for column in self.columns]
        return top

    def told(self) -> dict[str, Any]:
        """Give the dictionary as evidence may tell it: without the strings that the steward always removes."""
        top = self.to_dict()
        for column in top["column"]:
            column.pop("always", None)
        return top
