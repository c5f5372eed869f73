"""Profiles: named thresholds, each with its source, kept as data in `profiles/*.toml`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from policies.errors import PolicyError


class Mode(StrEnum):
    """How an edition may be asked: for rows, for guarded aggregates, or under differential privacy."""

    RECORDS = "records"
    AGGREGATES = "aggregates"
    PRIVATE = "private"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What an edition must reach before it may be released under this name."""

    name: str
    modes: tuple[Mode, ...]
    minimum_class_size: int
    """k: distinct subjects in the smallest equivalence class."""
    minimum_l: int
    """Distinct values of each sensitive attribute in every class."""
    maximum_t: float
    """Largest distance of a class to the whole release, for each sensitive attribute (t-closeness)."""
    suppression_limit: float
    """Share of the source's rows that may be suppressed."""
    population_floor: int
    """People a published place must have, below the province."""
    age_top_code: int
    """Ages from here on are published as one."""
    finest_date: str
    """The finest level a date may be published at, by its name in `plan.DATE_LEVELS`."""
    source: Mapping[str, str]
    maximum_residual: Mapping[str, float] = field(default_factory=dict)
    """Type → the most findings per million characters that an audit of its texts, as written, may come to."""

    @property
    def maximum_risk(self) -> float:
        """Highest prosecutor risk of any row, a probability: one over the smallest class."""
        return 1 / self.minimum_class_size


def names() -> tuple[str, ...]:
    """List the profiles there are."""
    return tuple(
        sorted(entry.name.removesuffix(".toml") for entry in _folder().iterdir() if entry.name.endswith(".toml"))
    )


def load(name: str) -> Profile:
    """Read the profile *name*.

    Raises:
        PolicyError: there is no such profile.
    """
    if name not in names():
        raise PolicyError("profile", f"{name!r} is unknown", fix=f"Use one of: {', '.join(names())}.")
    raw = tomllib.loads((_folder() / f"{name}.toml").read_text("utf-8"))
    raw["modes"] = tuple(Mode(mode) for mode in raw["modes"])
    return Profile(**raw)


def _folder() -> Path:
    return Path(__file__).parent / "profiles"
