"""One edition after the other, the finest first: which levels each may use, and the search for its node.

A coarser edition starts where the finer one ended, in every column and with the rows that the finer one kept, and
suppresses whole classes; so whoever holds both learns nothing from the coarser one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from anonymize.building.arrivals import Arrivals, Change, Past
from anonymize.building.classes import Classes
from anonymize.building.scratch import Scratch
from anonymize.building.treating import Treated
from anonymize.errors import InfeasibleError
from anonymize.kanonymity.lattice import Lattice
from anonymize.kanonymity.optimum import Bools, Optimum
from anonymize.kanonymity.search import Progress, allowed, best
from anonymize.kanonymity.sensitive import judge_cells
from anonymize.transform.registry import fixed, floor
from policies.columns import Column, Role, Treatment
from policies.errors import PlanError
from policies.plan import Plan
from policies.profile import Mode, Profile

ROUNDING = 1e-9
"""The search keeps this far below the limit of t, so that sums in another order pass the gate."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The levels between which one column may be published in one edition."""

    lowest: int
    highest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What is known of an edition before its search."""

    profile: Profile
    columns: tuple[Column, ...]
    """Those it carries."""
    spans: Mapping[str, Bounds]
    """Column → the levels it may be published at."""
    levels: Mapping[str, int | None]
    """Column → the level it is published at; none where it keeps its values. Those to be searched are not final."""
    linked: bool
    """A token is published with rows that may be asked for: a subject's rows are seen together."""

    def carries(self, role: Role) -> list[Column]:
        """List its columns of *role*."""
        return [column for column in self.columns if column.role is role]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition(Frame):
    """One edition, found and not yet rendered; its levels are final."""

    optimum: Optimum
    rows: str
    """The view of its rows."""
    suppressed: int
    """Rows of the source that it does not have."""
    waiting: int = 0
    """Those among them whose subjects wait for a later release."""
    change: Change | None = None
    """What became of its classes since the release before, where there is one."""


def bounds(
    plan: Plan, treated: Treated, profiles: Sequence[Profile], least: Mapping[tuple[str, str], int] | None = None
) -> dict[tuple[str, str], Bounds]:
    """Say between which levels each generalised column may be published, by edition and column, before any search.

    *least* are the levels of the release before: none may be finer.

    Raises:
        PlanError: a level that the plan fixes is not there, or not allowed.
    """
    before = least or {}
    out: dict[tuple[str, str], Bounds] = {}
    for column in plan.published:
        done = treated.generalised.get(column.name)
        if done is None:
            continue
        highest = done.hierarchy.top
        for profile in reversed(profiles):
            if profile.name in column.withheld:
                continue
            level = fixed(column, done, profile)
            then = before.get((profile.name, column.name), 0)
            if level is not None and level < then:
                raise PlanError(
                    f"column {column.name!r}",
                    f"level {level} in edition {profile.name!r} is finer than level {then} in the release before",
                    fix=f"Fix it at level {then} or above, or leave it to the search.",
                )
            lowest = max(floor(column, profile), then) if level is None else level
            highest = highest if level is None else level
            if lowest > highest:
                raise _torn(column, profile.name, lowest, highest)
            out[profile.name, column.name] = Bounds(lowest, highest)
    return out


def frame(
    plan: Plan,
    treated: Treated,
    profile: Profile,
    allowed_levels: Mapping[tuple[str, str], Bounds],
    finer: Edition | None,
) -> Frame:
    """Say what the edition of *profile* carries, and at which levels it may, given the *finer* one.

    Raises:
        PlanError: a level that the plan fixes is finer than what the finer edition publishes.
    """
    columns = plan.carried(profile.name)
    levels: dict[str, int | None] = {column.name: None for column in columns}
    spans: dict[str, Bounds] = {}
    for column in columns:
        if column.name not in treated.generalised:
            continue
        span = allowed_levels[profile.name, column.name]
        below = (finer.levels[column.name] if finer else None) or 0
        if below > span.highest:
            raise _torn(column, profile.name, below, span.highest)
        spans[column.name] = Bounds(max(span.lowest, below), span.highest)
        usual = max(treated.generalised[column.name].usual, spans[column.name].lowest)
        levels[column.name] = min(usual, span.highest)
    token = any(column.treatment is Treatment.TOKEN for column in columns)
    linked = token and Mode.RECORDS in profile.modes
    return Frame(profile=profile, columns=columns, spans=spans, levels=levels, linked=linked)


def find(
    scratch: Scratch,
    treated: Treated,
    wanted: Frame,
    finer: Edition | None,
    *,
    rows: int,
    repeated: bool,
    past: tuple[str, Past] | None = None,
    progress: Progress | None = None,
) -> Edition:
    """Find the edition *wanted* on the rows that *finer* kept; of *rows* of the source in all.

    *past* is the same edition of the release before, with the column of `work` that holds each row's history in it.

    Raises:
        PlanError: a later release has no quasi-identifiers.
        InfeasibleError: no generalisation meets the profile; the edition is named.
    """
    profile, quasi = wanted.profile, wanted.carries(Role.QUASI_IDENTIFIER)
    levels = dict(wanted.levels)
    gone, view = (finer.suppressed, finer.rows) if finer else (0, "work")
    waiting, change = 0, None
    if not quasi:
        if past is not None:
            raise PlanError(
                f"edition {profile.name!r}",
                "has no quasi-identifiers, so its one class is everybody: a later release would show who came",
                fix="Publish a dataset of another name, with a quasi-identifier from its first release on.",
            )
        stay: Bools = np.ones(1, dtype=np.bool_)
        optimum = Optimum((), 0, 0, 1, 0.0, 0, 0.0, stay, 1)
    else:
        spans = [wanted.spans[column.name] for column in quasi]
        lattice = Lattice(tuple(span.lowest for span in spans), tuple(span.highest for span in spans))
        classes = Classes(scratch, view, treated, quasi, lattice.lowest, wanted.linked, repeated, profile.name)
        classes.past = past[0] if past else None
        units = classes.units()
        arrivals = None
        if past is not None:
            arrivals = Arrivals(past[1], units, classes.history, profile.minimum_class_size, wanted.linked)
        judge = None
        if sensitive := wanted.carries(Role.SENSITIVE_ATTRIBUTE):
            cells = [classes.cells(column, levels[column.name]) for column in sensitive]
            judge = judge_cells(cells, minimum_l=profile.minimum_l, maximum_t=profile.maximum_t - ROUNDING)
        try:
            optimum = best(
                units,
                k=profile.minimum_class_size,
                limit=allowed(rows, profile.suppression_limit) - gone,
                judge=judge,
                progress=progress,
                lattice=lattice,
                linked=wanted.linked,
                gone=gone,
                hold=arrivals.waiting if arrivals else None,
            )
        except InfeasibleError as error:
            place = f"{error.place} of edition {profile.name!r}"
            raise InfeasibleError(place, error.found, fix=error.fix) from None
        levels |= {column.name: level for column, level in zip(quasi, optimum.node, strict=True)}
        view = classes.leave_out(optimum.kept)
        if arrivals is not None:
            waiting = int(units.rows[arrivals.waiting(optimum.node)].sum())
            change = arrivals.change(optimum.node, optimum.kept)
    return Edition(
        profile=profile,
        columns=wanted.columns,
        spans=wanted.spans,
        levels=levels,
        linked=wanted.linked,
        optimum=optimum,
        rows=view,
        suppressed=gone + optimum.suppressed,
        waiting=waiting,
        change=change,
    )


def _torn(column: Column, profile: str, needed: int, given: int) -> PlanError:
    return PlanError(
        f"column {column.name!r}",
        f"level {given} in edition {profile!r} or a coarser one is finer than level {needed}, which a finer edition"
        " or the profile needs",
        fix=f"Fix it at level {needed} or above there, or fix a finer level in the finer edition.",
    )
