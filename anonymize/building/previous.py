"""The release before, and what a later one must share with it: profiles, treatments, and levels no finer than then."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from anonymize.errors import EvidenceError
from anonymize.evidence import FORMAT, Evidence
from anonymize.linkage import Rendering
from policies.columns import Column, Role, Treatment
from policies.errors import PlanError
from policies.plan import Plan
from policies.profile import Profile

SAME = ("role", "treatment", "kind", "birth_date", "at", "widths", "lower", "upper", "standard")
"""What may not change in a column that both releases publish; groups and mappings may gain values."""


@dataclass(frozen=True, slots=True)
class Previous:
    """The release published before this one."""

    evidence: Evidence
    folder: Path | None
    plan: Plan

    @classmethod
    def of(cls, given: Path | Evidence) -> Self:
        """Read the release before, from its folder or its evidence.

        Raises:
            EvidenceError: it is none that a later release can follow.
        """
        evidence, folder = (Evidence.read(given), given) if isinstance(given, Path) else (given, None)
        if evidence.body.get("format") != FORMAT:
            fix = "Publish a dataset of another name, built anew: no classes were kept of that one."
            raise EvidenceError("previous", "is of a format before later releases", fix=fix)
        return cls(evidence, folder, Plan.from_dict(evidence.body["plan"]))

    @property
    def editions(self) -> Mapping[str, Any]:
        """What its evidence tells of each edition."""
        editions: Mapping[str, Any] = self.evidence.body["editions"]
        return editions

    @property
    def trees(self) -> Mapping[str, Any]:
        """Its hierarchies, as far as they were published."""
        trees: Mapping[str, Any] = self.evidence.body["trees"]
        return trees

    def check(self, plan: Plan, profiles: Sequence[Profile]) -> None:
        """Insist that *plan* makes a later release of the same dataset, by the same rules.

        Raises:
            PlanError: naming the profile or column that differs.
        """
        if plan.dataset != self.plan.dataset:
            raise PlanError("dataset", "is not that of the release before", fix=f"Write {self.plan.dataset!r}.")
        if plan.series != self.plan.series:
            raise PlanError("series", "is not that of the release before", fix="Keep it, or begin another dataset.")
        self._check_profiles(profiles)
        then = {column.published_as: column for column in self.plan.published}
        for column in plan.published:
            before = then.get(column.published_as)
            if before is not None:
                self._check_column(column, before)
            elif column.role is Role.QUASI_IDENTIFIER:
                raise _refused(column, "is a quasi-identifier that the release before did not publish", "Drop it")
        self._check_limits(plan, profiles)

    def least(self, plan: Plan) -> dict[tuple[str, str], int]:
        """Give, by edition and column, the level of the release before: the finest that is allowed."""
        out = {}
        for profile, told in self.editions.items():
            levels = {entry["name"]: entry["level"] for entry in told["published"] if entry["level"] is not None}
            for column in plan.published:
                if column.published_as in levels:
                    out[profile, column.name] = int(levels[column.published_as])
        return out

    def renderings(self) -> list[Rendering]:
        """Give its editions whose files are there."""
        if self.folder is None:
            return []
        out = [
            Rendering(
                name=f"{name}, release before",
                files=tuple(self.folder / file["path"] for file in told["files"]),
                published=told["published"],
                trees=self.trees,
                minimum_class_size=int(told["profile"]["minimum_class_size"]),
            )
            for name, told in self.editions.items()
        ]
        return [rendering for rendering in out if all(path.is_file() for path in rendering.files)]

    def _check_profiles(self, profiles: Sequence[Profile]) -> None:
        names = {profile.name for profile in profiles}
        missing = sorted(set(self.editions) - names)
        if missing:
            found = f"lack {', '.join(map(repr, missing))}, which the release before has"
            raise PlanError("profiles", found, fix="Name the same profiles: each edition follows the one before it.")
        coarsest = max(int(told["profile"]["minimum_class_size"]) for told in self.editions.values())
        for profile in profiles:
            if profile.name not in self.editions and profile.minimum_class_size <= coarsest:
                found = f"add {profile.name!r}, which is finer than an edition of the release before"
                raise PlanError("profiles", found, fix="Add coarser editions only.")

    def _check_column(self, column: Column, before: Column) -> None:
        for name in SAME:
            if getattr(column, name) != getattr(before, name):
                raise _refused(column, f"has another {name} than in the release before", "Write it as then")
        for name in ("groups", "mapping"):
            now, then = getattr(column, name), getattr(before, name)
            if any(now.get(value, group) != group for value, group in then.items()) or bool(now) != bool(then):
                raise _refused(column, f"has other {name} than in the release before", "Add values only")
        for profile in self.editions:
            if profile in before.withheld and profile not in column.withheld:
                found = f"was withheld from edition {profile!r} in the release before"
                raise _refused(column, found, "Withhold it there")

    def _check_limits(self, plan: Plan, profiles: Sequence[Profile]) -> None:
        """Insist on the limits that shape trees: the oldest age told, and which places are large enough."""
        then = [told["profile"] for told in self.editions.values()]
        now = [profile for profile in profiles if profile.name in self.editions]
        ages = min(int(p["age_top_code"]) for p in then) == min(p.age_top_code for p in profiles)
        floor = max(int(p["population_floor"]) for p in then)
        places = floor == max((p.population_floor for p in (*profiles, *now)), default=floor)
        places = places and _large(self.plan, floor) == _large(plan, floor)
        for column in plan.published:
            if (column.treatment is Treatment.AGE and not ages) or (column.treatment is Treatment.PLACE and not places):
                limit = "age top code" if column.treatment is Treatment.AGE else "set of places above the floor"
                raise _refused(column, f"has another {limit} than in the release before", "Keep profile and figures")


def _large(plan: Plan, floor: int) -> set[str]:
    figures = {} if plan.population is None else plan.population.figures
    return {code for code, people in figures.items() if people >= floor}


def _refused(column: Column, found: str, fix: str) -> PlanError:
    return PlanError(f"column {column.name!r}", found, fix=f"{fix}, or publish a dataset of another name.")
