"""The quality report of the source, made ready for words: faults with their counts, per column."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from market.web.views.bodies import Body

SCORES = ("completeness", "validity", "uniqueness", "consistency")


@dataclass(frozen=True, slots=True)
class Counted:
    """A number of rows; or only that it is, or leaves, fewer than so many."""

    rows: int
    how: str
    """`exact`, `few` or `most`."""

    @property
    def none(self) -> bool:
        """Say whether nothing was counted."""
        return self.how == "exact" and self.rows == 0


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with some rows of a column: `missing`, `invalid`, `below`, `above`, `outliers` or `later`."""

    kind: str
    counted: Counted
    what: str = ""
    """The code system, limit with its unit, or column it was held against."""


@dataclass(frozen=True, slots=True)
class ColumnQuality:
    """What was found in one column."""

    name: str
    distincts: int
    score: float
    faults: tuple[Fault, ...]
    checked: str
    """The code system or type that its values were held against; empty where the plan named none."""


@dataclass(frozen=True, slots=True)
class Quality:
    """What was found in the source."""

    rows: int
    overall: float
    scores: dict[str, float]
    repeated: Counted
    several: Counted
    columns: tuple[ColumnQuality, ...]


def quality(body: Body) -> Quality | None:
    """Read the report of a body; none where it carries none."""
    raw = body.get("quality")
    if not raw:
        return None
    return Quality(
        rows=raw["rows"],
        overall=raw["scores"]["overall"],
        scores={name: raw["scores"][name] for name in SCORES if name in raw["scores"]},
        repeated=counted(raw["duplicates"]["rows"]),
        several=counted(raw["duplicates"]["subjects"]),
        columns=tuple(
            ColumnQuality(
                name,
                found["distincts"],
                found["score"],
                tuple(fault for fault in _faults(found) if not fault.counted.none),
                found.get("valid", {}).get("as", ""),
            )
            for name, found in raw["columns"].items()
        ),
    )


def counted(told: Any) -> Counted:
    """Read a count that may be too small to be told."""
    if isinstance(told, int):
        return Counted(told, "exact")
    limit = int(re.findall(r"\d+", str(told))[-1])
    return Counted(limit, "most" if str(told).startswith("all but") else "few")


def _faults(found: Mapping[str, Any]) -> list[Fault]:
    out = [Fault("missing", counted(found["missing"]))]
    if "valid" in found:
        out.append(Fault("invalid", counted(found["valid"]["invalid"]), found["valid"]["as"]))
    if "range" in found:
        limits = found["range"]
        for kind, end in (("below", "minimum"), ("above", "maximum")):
            if limits[end] is not None:
                what = f"{limits[end]:g} {limits['unit'] or ''}".strip()
                out.append(Fault(kind, counted(limits[kind]), what))
    if "outliers" in found:
        out.append(Fault("outliers", counted(found["outliers"])))
    if "order" in found:
        out.append(Fault("later", counted(found["order"]["later"]), found["order"]["not_before"]))
    return out


@dataclass(frozen=True, slots=True)
class Standardised:
    """A column whose values were put into a code system before any treatment."""

    column: str
    standard: str
    mapped: Counted
    unmapped: Counted


def standardised(body: Body) -> list[Standardised]:
    """List the columns that were put into a code system."""
    found = body.get("standardised") or {}
    return [
        Standardised(name, told["standard"], counted(told["mapped"]), counted(told["unmapped"]))
        for name, told in sorted(found.items())
    ]
