"""What a release changes against the one before, made ready for words in either language."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from market.web.figures import number, percent
from market.web.words import Words

SECTIONS = ("risk", "schema", "plan", "counts")
NOTABLE = 0.1
"""From this distance on a distribution is marked."""

_RISKS = re.compile(r"(l|t) of (.+)", re.DOTALL)
_COLUMN = re.compile(r"column (.+?)(?:: ([a-z_]+))?", re.DOTALL)
_FAMILIES = {
    ": role": "role",
    ": treatment": "treatment",
    ": withheld": "profile",
    "profiles": "profile",
    "threshold modes": "mode",
}
"""What the values are codes of, by how the thing that changed is named."""
_ENTRIES = re.compile(r"(\d+) entries(?:, (\d+) changed)?")


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is said otherwise."""

    concern: bool
    section: str
    where: str
    what: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Moved:
    """A column of both open editions whose values are spread otherwise."""

    column: str
    distance: float
    movers: tuple[tuple[str, str, str], ...]

    @property
    def notable(self) -> bool:
        """Say whether at least one row in ten says something else."""
        return self.distance >= NOTABLE


def changes(diff: Mapping[str, Any], t: Words) -> list[Change]:
    """List what changed; what asks for a look comes first."""
    return sorted(_changes(diff, t), key=lambda change: not change.concern)


def moved(diff: Mapping[str, Any], t: Words) -> list[Moved]:
    """List the columns that moved, the furthest first."""
    return [
        Moved(
            entry["column"],
            entry["distance"],
            tuple(
                (t.code("mover", mover["value"]), percent(mover["old"]), percent(mover["new"]))
                for mover in entry["movers"]
            ),
        )
        for entry in diff["distributions"]
    ]


def why_not(diff: Mapping[str, Any]) -> str | None:
    """Say which of the two shows no statistics: `neither`, `old` or `new`; none where both do."""
    why = diff["why_no_distributions"]
    if why is None:
        return None
    return next((which for which in ("old", "new") if f" {which} " in why), "neither")


def _changes(diff: Mapping[str, Any], t: Words) -> Iterator[Change]:
    for section in SECTIONS:
        for entry in diff[section]:
            what = entry["what"]
            where = entry["where"]
            yield Change(
                entry["concern"],
                section,
                t.code("profile", where) if where not in ("source", "plan") else t(f"changes.{where}"),
                _what(what, t),
                _value(what, entry["old"], t),
                _value(what, entry["new"], t),
            )


def _what(what: str, t: Words) -> str:
    if found := _RISKS.fullmatch(what):
        return t(f"changes.{found[1]}_of", column=found[2])
    if what.startswith("threshold "):
        name, _, kind = what.removeprefix("threshold ").partition(" of ")
        return t("changes.threshold", name=f"{t.code('threshold', name)} {kind}".strip())
    if found := _COLUMN.fullmatch(what):
        if found[2] is None:
            return t("changes.column", column=found[1])
        return t("changes.column_part", column=found[1], part=t.code("part", found[2]))
    return t.code("figure", what)


def _value(what: str, value: Any, t: Words) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return t("changes.true" if value else "changes.false")
    if isinstance(value, float | int):
        if what in ("prosecutor risk", "threshold suppression_limit"):
            return percent(value)
        return number(value) if isinstance(value, int) else f"{value:.4g}"
    if isinstance(value, list | tuple):
        return t("list.comma").join(_value(what, each, t) for each in value) or "–"
    if found := _ENTRIES.fullmatch(str(value)):
        said = t("changes.entries", n=found[1])
        return said if found[2] is None else t("changes.entries_changed", n=found[1], changed=found[2])
    family = next((family for end, family in _FAMILIES.items() if what.endswith(end)), None)
    return t.code("change", value) if family is None else t.code(family, value)
