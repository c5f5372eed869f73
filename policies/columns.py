"""One column of a plan: its role, its treatment, and what the treatment and the quality report need."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from policies.errors import PlanError
from policies.reading import member, names, refuse_twice, refuse_unknown
from policies.texts import KEYS, check_text, read_always


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
    TIME = "time"
    AGE = "age"
    PLACE = "place"
    GRID = "grid"
    TOPOGRAPHY = "icdo3_topography"
    MORPHOLOGY = "icdo3_morphology"
    BAND = "band"
    GROUP = "group"
    REDACT = "redact"


GENERALISING = frozenset(
    {
        Treatment.DATE,
        Treatment.TIME,
        Treatment.AGE,
        Treatment.PLACE,
        Treatment.GRID,
        Treatment.TOPOGRAPHY,
        Treatment.MORPHOLOGY,
        Treatment.BAND,
        Treatment.GROUP,
    }
)
"""The treatments that publish a level of a hierarchy."""

ALLOWED: Mapping[Role, frozenset[Treatment]] = {
    Role.SUBJECT: frozenset({Treatment.DROP, Treatment.TOKEN}),
    Role.DIRECT_IDENTIFIER: frozenset({Treatment.DROP}),
    Role.QUASI_IDENTIFIER: GENERALISING | {Treatment.DROP},
    Role.SENSITIVE_ATTRIBUTE: frozenset(Treatment)
    - {Treatment.TOKEN, Treatment.REDACT, Treatment.PLACE, Treatment.GRID},
    Role.FREE_TEXT: frozenset({Treatment.REDACT, Treatment.DROP}),
    Role.INSENSITIVE: frozenset({Treatment.KEEP, Treatment.DROP, Treatment.BAND, Treatment.GROUP}),
}
"""The treatments each role may have; a direct identifier can only be dropped."""

DATE_LEVELS = ("day", "month", "quarter", "year", "five_years")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of the source: its role, its treatment, and what the treatment needs.

    `level` is the published level of a column whose generalisation is fixed by the plan, `levels` the same for single
    editions; a quasi-identifier may leave both out, and the search chooses.
    """

    name: str
    role: Role
    treatment: Treatment
    level: int | None = None
    levels: Mapping[str, int] = field(default_factory=dict)
    """Profile → the level in its edition; where an edition is not named, `level` holds."""
    withheld: tuple[str, ...] = ()
    """Editions that do not carry the column; the coarsest ones, so that editions stay nested."""
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
    standard: str | None = None
    """The code system that the values are put into before their treatment."""
    mapping: Mapping[str, str] = field(default_factory=dict)
    """Standard: local value → code."""
    unit: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    """Quality: the unit of a number, and the ends of what is plausible."""
    not_before: str | None = None
    """Quality: the column whose date may not lie after this one's."""
    types: tuple[str, ...] = ()
    """Redact: the types of findings that are removed; where none is named, all but organisations."""
    operators: Mapping[str, str] = field(default_factory=dict)
    """Redact: type → what takes its place, `*` for all others; a placeholder where nothing is said."""
    recall: str | None = None
    language: str | None = None
    """Redact: how eager detection is, and in which language."""
    always: Mapping[str, str] = field(default_factory=dict)
    """Redact: strings that are removed wherever they stand → their type."""
    never: tuple[str, ...] = ()
    """Redact: strings that stay, whatever a rule or a model takes them for."""

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
        if self.scrub not in (None, "name", "address", "value"):
            raise PlanError(place, f"scrub {self.scrub!r} is unknown", fix="Use name, address or value.")
        if self.kind not in (None, "number", "integer", "text", "date"):
            raise PlanError(place, f"kind {self.kind!r} is unknown", fix="Use number, integer, text or date.")
        self._check_levels(place)
        self._check_standard(place)
        self._check_text(place)

    def _check_levels(self, place: str) -> None:
        for level in (self.level, *self.levels.values()):
            if level is not None and (not isinstance(level, int) or isinstance(level, bool)):
                raise PlanError(place, "a level has the wrong type", fix="Write levels as whole numbers, no quotes.")
            if level is not None and level < 0:
                raise PlanError(place, f"level {level} is negative", fix="Levels count from 0, the finest.")
        refuse_twice(f"{place}, withheld from", self.withheld)

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

    def _check_standard(self, place: str) -> None:
        if self.mapping and self.standard is None:
            raise PlanError(place, "has a mapping but no standard", fix='Name the code system: standard = "…".')
        if self.standard is not None and self.role is Role.SUBJECT:
            found = "says whose each row is, and a code system would make two persons one, or one nobody"
            raise PlanError(place, found, fix="Leave out its standard: subjects are told apart as they are written.")
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise PlanError(place, "minimum is above maximum", fix="Give minimum <= maximum.")

    def _check_text(self, place: str) -> None:
        told = {key: getattr(self, key) for key in KEYS}
        said = [key for key, value in told.items() if value]
        if said and self.treatment is not Treatment.REDACT:
            found = f"{said[0]} is for texts, and its treatment is {self.treatment!r}"
            raise PlanError(place, found, fix='Use treatment = "redact", or leave it out.')
        check_text(place, told)

    @property
    def published_as(self) -> str:
        """The name of the column in the editions."""
        return self.output or self.name

    def level_in(self, profile: str) -> int | None:
        """The level that the plan fixes for the edition of *profile*; none: it is searched, or usual."""
        return self.levels.get(profile, self.level)


def read_column(index: int, raw: Any) -> Column:
    """Read a column from its table, refusing what it does not know.

    Raises:
        PlanError: what is missing, unknown or of the wrong type, in which column, and how to mend it.
    """
    if not isinstance(raw, Mapping) or not isinstance(raw.get("name"), str):
        raise PlanError(f"column {index + 1}", "has no name", fix='Write name = "…" in each [[column]].')
    place = f"column {raw['name']!r}"
    refuse_unknown(place, raw, Column.__dataclass_fields__)
    if "role" not in raw:
        raise PlanError(place, "has no role", fix=f"Give it one of: {', '.join(Role)}.")
    values = dict(raw)
    values["role"] = member(Role, place, "role", raw["role"])
    values["treatment"] = member(Treatment, place, "treatment", raw.get("treatment"))
    for key in ("widths", "withheld", "types", "never"):
        values[key] = names(place, key, raw.get(key, ()))
    values["always"] = read_always(place, raw.get("always", {}))
    for key, example in (
        ("groups", '{ "value" = "group" }'),
        ("mapping", '{ "local value" = "code" }'),
        ("levels", "{ controlled = 1, open = 2 }"),
        ("operators", '{ PERSON = "surrogate" }'),
    ):
        if not isinstance(values.get(key, {}), Mapping):
            raise PlanError(place, f"{key} is no table", fix=f"Write {key} = {example}.")
    try:
        return Column(**values)
    except TypeError as error:
        raise PlanError(
            place, "a value has the wrong type", fix="Write numbers without quotes, texts with them."
        ) from error
