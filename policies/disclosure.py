"""The gate's arithmetic: measured risk against a profile's thresholds. Fails closed: what was not measured fails."""

from collections.abc import Mapping
from dataclasses import dataclass

from policies.profile import Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Risk as measured on the written Parquet of one edition."""

    subjects: int
    """Distinct people in the edition."""
    minimum_class_size: int
    """Distinct people in the smallest equivalence class."""
    maximum_risk: float
    """Highest prosecutor risk: one over the smallest class."""
    minimum_l: Mapping[str, int]
    """Per sensitive attribute: the fewest distinct values in any class."""
    maximum_t: Mapping[str, float]
    """Per sensitive attribute: the largest distance of any class to the whole."""
    suppressed_share: float
    """Rows left out, as a share of the source's rows."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One threshold that does not hold: the rule, the limit, the figure, and what would mend it."""

    rule: str
    limit: float
    found: float
    fix: str


def judge(measured: Measured, profile: Profile, sensitive: tuple[str, ...]) -> tuple[Failure, ...]:
    """List every threshold of *profile* that *measured* misses; an empty list is the only pass.

    Each column in *sensitive* must have been measured: a missing figure is a failure.
    """
    failures = []

    def need(holds: bool, rule: str, limit: float, found: float, fix: str) -> None:
        if not holds:
            failures.append(Failure(rule, limit, found, fix))

    k, floor = measured.minimum_class_size, profile.minimum_class_size
    need(measured.subjects > 0, "subjects", 1, measured.subjects, "Coarsen the quasi-identifiers: nobody is left.")
    need(k >= floor, "minimum_class_size", floor, k, "Coarsen or drop a quasi-identifier.")
    risk = measured.maximum_risk
    need(
        risk <= profile.maximum_risk, "maximum_risk", profile.maximum_risk, risk, "Coarsen or drop a quasi-identifier."
    )
    share, limit = measured.suppressed_share, profile.suppression_limit
    need(share <= limit, "suppression_limit", limit, share, "Coarsen a quasi-identifier, so that fewer rows fall out.")
    for name in sensitive:
        least, t = measured.minimum_l.get(name, 0), measured.maximum_t.get(name, float("inf"))
        need(
            least >= profile.minimum_l,
            f"minimum_l of {name}",
            profile.minimum_l,
            least,
            f"Group the values of {name}, or drop it.",
        )
        need(t <= profile.maximum_t, f"maximum_t of {name}", profile.maximum_t, t, f"Coarsen {name}, or drop it.")
    return tuple(failures)


def judge_texts(per_million: Mapping[str, float], column: str, profile: Profile) -> tuple[Failure, ...]:
    """List the types of which more is left in the texts of *column* than *profile* allows, per million characters."""
    return tuple(
        Failure(
            f"maximum_residual of {kind} in {column}",
            limit,
            per_million.get(kind, 0.0),
            f"Redact {kind} in {column}, name what was missed under always in the plan, or drop the column.",
        )
        for kind, limit in sorted(profile.maximum_residual.items())
        if per_million.get(kind, 0.0) > limit
    )
