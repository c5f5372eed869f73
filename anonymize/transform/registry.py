"""Which transform carries out which treatment of a plan, and which levels an edition may publish."""

from collections.abc import Mapping

from anonymize.transform import ages, bands, codes, geography, groups, points, times
from anonymize.transform.outcome import Generalised, Transform
from policies.columns import DATE_LEVELS, Column, Treatment
from policies.errors import PlanError
from policies.profile import Profile

TRANSFORMS: Mapping[Treatment, Transform] = {
    Treatment.AGE: ages.given,
    Treatment.PLACE: geography.place,
    Treatment.GRID: points.grid,
    Treatment.TIME: times.moment,
    Treatment.TOPOGRAPHY: codes.topography,
    Treatment.MORPHOLOGY: codes.morphology,
    Treatment.BAND: bands.band,
    Treatment.GROUP: groups.group,
}
"""The treatments that generalise text; dates and ages from dates need the row's own shift, or two columns."""


def floor(column: Column, profile: Profile) -> int:
    """Give the finest level at which the edition of *profile* may publish *column*."""
    if column.treatment is Treatment.TIME:
        return times.FINEST[profile.finest_date]
    return DATE_LEVELS.index(profile.finest_date) if column.treatment is Treatment.DATE else 0


def fixed(column: Column, done: Generalised, profile: Profile) -> int | None:
    """Give the level that the plan fixes for *column* in the edition of *profile*, or none.

    Raises:
        PlanError: the level does not exist, or is finer than the profile allows.
    """
    level = column.level_in(profile.name)
    if level is None:
        return None
    lowest, top = floor(column, profile), done.hierarchy.top
    if not lowest <= level <= top:
        raise PlanError(
            f"column {column.name!r}",
            f"level {level} is not allowed under profile {profile.name!r}",
            fix=f"Use a level from {lowest} to {top}, or leave it to the search.",
        )
    return level


def check_texts(column: Column, profile: Profile) -> None:
    """Refuse what a column of texts cannot be, and dates shifted inside texts where *profile* allows no days.

    Raises:
        PlanError: the column is named.
    """
    if column.treatment is not Treatment.REDACT:
        return
    from anonymize.transform.text.rules import Rules, check_rules  # plans without texts do without it

    place = f"column {column.name!r}"
    rules = Rules.of(column)
    check_rules(rules, place)
    if rules.use("shift") and profile.finest_date != DATE_LEVELS[0]:
        raise PlanError(
            place,
            f"its dates are shifted by days, profile {profile.name!r} allows {profile.finest_date}",
            fix="Withhold the column from that edition, or leave out the operator of DATE.",
        )


def check_kept(column: Column, profile: Profile) -> None:
    """Refuse a kept date where *profile* allows no days.

    Raises:
        PlanError: a true date would be published finer than the profile allows.
    """
    if column.treatment is Treatment.KEEP and column.kind == "date" and profile.finest_date != DATE_LEVELS[0]:
        raise PlanError(
            f"column {column.name!r}",
            f"kept dates are days, profile {profile.name!r} allows {profile.finest_date}",
            fix='Use treatment = "date", or withhold it from that edition.',
        )
