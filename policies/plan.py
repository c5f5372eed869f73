"""The release plan: the role and the treatment of every column of a source.

A plan is a value. It is read from a dictionary (TOML or JSON look alike here), refuses what it does not know,
and gives the same dictionary back. A column it does not name has no role, and stops the run.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self, TypeVar

from policies.errors import PlanError


class Role(StrEnum):
    """What a column can do to a person (ISO/IEC 20889 and GB/T 37964 terms)."""

    SUBJECT = "subject"
    DIRECT_IDENTIFIER = "direct_identifier"
    QUASI_IDENTIFIER = "quasi_identifier"
    SENSITIVE_ATTRIBUTE = "sensitive_attribute"
    FREE_TEXT = "free_text"
    INSENSITIVE = "insensitive"


class Treatment(StrEnum):
    """What happens to a column on its way into an edition."""

    DROP = "drop"
    TOKEN = "token"  # noqa: S105  # a treatment, no secret
    KEEP = "keep"
    DATE = "date"
    AGE = "age"
    PLACE = "place"
    TOPOGRAPHY = "icdo3_topography"
    MORPHOLOGY = "icdo3_morphology"
    BAND = "band"
    GROUP = "group"
    REDACT = "redact"


ALLOWED: Mapping[Role, frozenset[Treatment]] = {
    Role.SUBJECT: frozenset({Treatment.DROP, Treatment.TOKEN}),
    Role.DIRECT_IDENTIFIER: frozenset({Treatment.DROP}),
    Role.QUASI_IDENTIFIER: frozenset(
        {
            Treatment.DATE,
            Treatment.AGE,
            Treatment.PLACE,
            Treatment.TOPOGRAPHY,
            Treatment.MORPHOLOGY,
            Treatment.BAND,
            Treatment.GROUP,
            Treatment.DROP,
        }
    ),
    Role.SENSITIVE_ATTRIBUTE: frozenset(Treatment) - {Treatment.TOKEN, Treatment.REDACT, Treatment.PLACE},
    Role.FREE_TEXT: frozenset({Treatment.REDACT, Treatment.DROP}),
    Role.INSENSITIVE: frozenset({Treatment.KEEP, Treatment.DROP, Treatment.BAND, Treatment.GROUP}),
}
"""The treatments each role may have; a direct identifier can only be dropped."""

E = TypeVar("E", bound=StrEnum)
S = TypeVar("S", "Source", "Population")

DATE_LEVELS = ("day", "month", "quarter", "year", "five_years")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of the source: its role, its treatment, and what the treatment needs.

    `level` is the published level of a column whose generalisation is fixed by the plan; a quasi-identifier
    may leave it out, and the search chooses it.
    """

    name: str
    role: Role
    treatment: Treatment
    level: int | None = None
    output: str | None = None
    kind: str | None = None
    """`number`, `integer`, `text` or `date`: how the kept values are typed; text where it is not said."""
    scrub: str | None = None
    """`name`, `address` or `value`: this column's own values are removed from the free text of the same row."""
    birth_date: str | None = None
    """Age: the column with the birth date, where the age is computed and not given."""
    at: str | None = None
    """Age: the column with the date at which the age is taken."""
    widths: tuple[float, ...] = ()
    """Band: the widths of ever wider bands, each a multiple of the one before."""
    lower: float | None = None
    upper: float | None = None
    """Band: values below `lower` and from `upper` on are published as one band each."""
    groups: Mapping[str, str] = field(default_factory=dict)
    """Group: value → group; the level above the groups is `*`."""

    def __post_init__(self) -> None:
        place = f"column {self.name!r}"
        if self.treatment not in ALLOWED[self.role]:
            allowed = ", ".join(sorted(ALLOWED[self.role]))
            raise PlanError(
                place, f"{self.role} cannot be treated by {self.treatment!r}", fix=f"Use one of: {allowed}."
            )
        if self.treatment is Treatment.AGE and (self.birth_date is None) != (self.at is None):
            raise PlanError(
                place, "an age needs both a birth date and the date it is taken at", fix="Give both or none."
            )
        if self.treatment is Treatment.BAND:
            self._check_bands(place)
        if self.level is not None and self.level < 0:
            raise PlanError(place, f"level {self.level} is negative", fix="Levels count from 0, the finest.")
        if self.scrub not in (None, "name", "address", "value"):
            raise PlanError(place, f"scrub {self.scrub!r} is unknown", fix="Use name, address or value.")
        if self.kind not in (None, "number", "integer", "text", "date"):
            raise PlanError(place, f"kind {self.kind!r} is unknown", fix="Use number, integer, text or date.")

    def _check_bands(self, place: str) -> None:
        if not self.widths or any(width <= 0 for width in self.widths):
            raise PlanError(place, "bands need positive widths", fix="Give for example widths = [5, 10, 20].")
        for finer, wider in zip(self.widths, self.widths[1:], strict=False):
            if wider <= finer or (wider / finer) % 1:
                raise PlanError(
                    place,
                    f"a band of {wider} does not hold whole bands of {finer}",
                    fix="Make each width a multiple of the one before, so that the hierarchy is a tree.",
                )
        if self.lower is not None and self.upper is not None and self.lower >= self.upper:
            raise PlanError(place, "lower is not below upper", fix="Give lower < upper.")

    @property
    def published_as(self) -> str:
        """The name of the column in the edition."""
        return self.output or self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """How many people live in a place, by GB/T 2260 code, and who says so."""

    source: str
    figures: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What the plan expects to be fed: the format, and optionally the very bytes."""

    format: str = "csv"
    encoding: str = "utf-8"
    delimiter: str = ","
    sha256: str | None = None

    def __post_init__(self) -> None:
        if self.format != "csv":
            raise PlanError("source.format", f"{self.format!r} is unknown", fix="Use csv.")
        if self.encoding not in ("utf-8", "gb18030"):
            raise PlanError("source.encoding", f"{self.encoding!r} is unknown", fix="Use utf-8 or gb18030.")
        if len(self.delimiter) != 1:
            raise PlanError("source.delimiter", "a delimiter is one character", fix="For example ',' or ';'.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How one dataset's source becomes one edition under one profile."""

    dataset: str
    profile: str
    columns: tuple[Column, ...]
    source: Source = field(default_factory=Source)
    population: Population | None = None
    sort_by: tuple[str, ...] = ()
    """Published columns that people filter on, in order; the rows of the edition are sorted by them."""

    def __post_init__(self) -> None:
        if not self.dataset:
            raise PlanError("dataset", "no dataset is named", fix="Give the dataset's identifier.")
        if not self.columns:
            raise PlanError("column", "the plan names no column", fix="Give each column of the source a role.")
        names = [column.name for column in self.columns]
        _refuse_twice("column", names)
        _refuse_twice("published column", [c.published_as for c in self.published])
        subjects = [column.name for column in self.columns if column.role is Role.SUBJECT]
        if len(subjects) != 1:
            raise PlanError(
                "column",
                f"{len(subjects)} columns have the role subject",
                fix="Give exactly one column the role subject: risk counts distinct people.",
            )
        for column in self.columns:
            for reference in (column.birth_date, column.at):
                if reference is not None and reference not in names:
                    raise PlanError(
                        f"column {column.name!r}", f"{reference!r} is not a column", fix="Name a column of the plan."
                    )
        published = {column.published_as for column in self.published}
        for name in self.sort_by:
            if name not in published:
                raise PlanError(
                    "sort_by", f"{name!r} is not published", fix=f"Use some of: {', '.join(sorted(published))}."
                )

    @property
    def published(self) -> tuple[Column, ...]:
        """The columns that reach the edition, in the plan's order."""
        return tuple(column for column in self.columns if column.treatment is not Treatment.DROP)

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
        known = {"dataset", "profile", "source", "population", "sort_by", "column"}
        _refuse_unknown("plan", raw, known)
        for key in ("dataset", "profile"):
            if not isinstance(raw.get(key), str):
                raise PlanError(key, "is missing or no text", fix=f'Write {key} = "…" at the top of the plan.')
        columns = raw.get("column", [])
        if not isinstance(columns, list):
            raise PlanError("column", "is no list of tables", fix="Write one [[column]] table per column.")
        population = raw.get("population")
        return cls(
            dataset=raw["dataset"],
            profile=raw["profile"],
            columns=tuple(_column(index, table) for index, table in enumerate(columns)),
            source=_value(Source, "source", raw.get("source", {})),
            population=None if population is None else _value(Population, "population", population),
            sort_by=_list("plan", "sort_by", raw.get("sort_by", ())),
        )

    def to_dict(self) -> dict[str, Any]:
        """Give the dictionary that `from_dict` reads back to an equal plan; defaults are left out."""
        top: dict[str, Any] = {"dataset": self.dataset, "profile": self.profile}
        if self.sort_by:
            top["sort_by"] = list(self.sort_by)
        source = _changed(self.source, Source())
        if source:
            top["source"] = source
        if self.population is not None:
            top["population"] = {"source": self.population.source, "figures": dict(self.population.figures)}
        empty: dict[str, Any] = {"level": None, "widths": (), "groups": {}}
        top["column"] = [_changed(column, empty) for column in self.columns]
        return top


def _changed(value: Any, default: Any) -> dict[str, Any]:
    """List the fields of *value* that differ from *default*, in order of declaration."""
    out: dict[str, Any] = {}
    for name in value.__dataclass_fields__:
        item = getattr(value, name)
        usual = default.get(name) if isinstance(default, dict) else getattr(default, name)
        if item == usual:
            continue
        out[name] = item.value if isinstance(item, StrEnum) else list(item) if isinstance(item, tuple) else item
    return out


def _refuse_unknown(place: str, raw: Mapping[str, Any], known: Iterable[str]) -> None:
    unknown = sorted(set(raw) - set(known))
    if unknown:
        raise PlanError(place, f"{unknown[0]!r} is unknown", fix=f"Known here: {', '.join(sorted(known))}.")


def _refuse_twice(place: str, names: list[str]) -> None:
    for index, name in enumerate(names):
        if name in names[:index]:
            raise PlanError(f"{place} {name!r}", "is there twice", fix="Name each column once.")


def _value(kind: type[S], place: str, raw: Any) -> S:
    if not isinstance(raw, Mapping):
        raise PlanError(place, "is no table", fix=f"Write a [{place}] table.")
    _refuse_unknown(place, raw, kind.__dataclass_fields__)
    try:
        return kind(**raw)
    except TypeError as error:
        raise PlanError(place, str(error), fix="Give all that is needed.") from error


def _column(index: int, raw: Any) -> Column:
    if not isinstance(raw, Mapping) or not isinstance(raw.get("name"), str):
        raise PlanError(f"column {index + 1}", "has no name", fix='Write name = "…" in each [[column]].')
    place = f"column {raw['name']!r}"
    _refuse_unknown(place, raw, Column.__dataclass_fields__)
    if "role" not in raw:
        raise PlanError(place, "has no role", fix=f"Give it one of: {', '.join(Role)}.")
    values = dict(raw)
    values["role"] = _member(Role, place, "role", raw["role"])
    values["treatment"] = _member(Treatment, place, "treatment", raw.get("treatment"))
    values["widths"] = _list(place, "widths", raw.get("widths", ()))
    if not isinstance(values.get("groups", {}), Mapping):
        raise PlanError(place, "groups is no table", fix='Write groups = { "value" = "group" }.')
    try:
        return Column(**values)
    except TypeError as error:
        raise PlanError(
            place, "a value has the wrong type", fix="Write numbers without quotes, texts with them."
        ) from error


def _list(place: str, key: str, raw: Any) -> tuple[Any, ...]:
    if not isinstance(raw, list | tuple):
        raise PlanError(place, f"{key} is no list", fix=f"Write {key} = […].")
    return tuple(raw)


def _member(kind: type[E], place: str, key: str, raw: Any) -> E:
    try:
        return kind(raw)
    except ValueError as error:
        raise PlanError(place, f"{key} {raw!r} is unknown", fix=f"Use one of: {', '.join(kind)}.") from error
