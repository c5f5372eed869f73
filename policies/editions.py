"""The editions of a plan in the order of their fineness, and the rules that keep them nested.

An edition is finer than another where its profile asks for smaller classes. What a finer edition publishes is never
less than what a coarser one does: fixed levels never fall from fine to coarse, and a column withheld from an edition
is withheld from all coarser ones.
"""

from itertools import pairwise

from policies.errors import PlanError
from policies.plan import Column, Plan
from policies.profile import Profile, load


def by_fineness(plan: Plan) -> tuple[Profile, ...]:
    """Load the profiles of *plan*, the finest first.

    Raises:
        PolicyError: a profile is unknown.
        PlanError: two profiles ask for the same class size, or the plan would break the nesting.
    """
    profiles = sorted((load(name) for name in plan.profiles), key=lambda profile: profile.minimum_class_size)
    for finer, coarser in pairwise(profiles):
        if finer.minimum_class_size == coarser.minimum_class_size:
            raise PlanError(
                "profiles",
                f"{finer.name!r} and {coarser.name!r} ask for the same class size",
                fix="Use one of them: of two editions one must be the coarser.",
            )
    for column in plan.published:
        _check_nested(column, [profile.name for profile in profiles])
    return tuple(profiles)


def _check_nested(column: Column, names: list[str]) -> None:
    place = f"column {column.name!r}"
    carried = [name for name in names if name not in column.withheld]
    if carried != names[: len(carried)]:
        raise PlanError(
            place,
            "is withheld from an edition and carried by a coarser one",
            fix=f"Withhold it from the coarsest editions only; they are, from fine to coarse: {', '.join(names)}.",
        )
    fixed = [(name, level) for name in carried if (level := column.level_in(name)) is not None]
    for (finer, low), (coarser, high) in pairwise(fixed):
        if high < low:
            raise PlanError(
                place,
                f"level {high} in edition {coarser!r} is finer than level {low} in edition {finer!r}",
                fix=f"Give it at least level {low} in {coarser!r}, or a finer one in {finer!r}.",
            )
