"""Which transform carries out which treatment of a plan."""

from collections.abc import Mapping

import pyarrow as pa

from anonymize.transform import ages, bands, codes, dates, geography, groups, kept, tokens
from anonymize.transform.outcome import Generalised, Rewritten, Setting, Transform
from policies.errors import PlanError
from policies.plan import Column, Treatment


def redact_text(column: Column, setting: Setting) -> Rewritten:
    """Redact a free text column; what the plan marks with `scrub` is removed from the text of its own row."""
    from anonymize.transform.text import redact  # the analyser takes a second to load, and few plans need it

    own = [(c.scrub, setting.source[c.name]) for c in setting.plan.columns if c.scrub is not None]
    texts, removed = redact(setting.source[column.name], own, progress=setting.tell)
    for kind, count in removed.items():
        setting.removed[kind] = setting.removed.get(kind, 0) + count
    return texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts


TRANSFORMS: Mapping[Treatment, Transform] = {
    Treatment.TOKEN: tokens.token,
    Treatment.KEEP: kept.keep,
    Treatment.DATE: dates.generalised,
    Treatment.AGE: ages.age,
    Treatment.PLACE: geography.place,
    Treatment.TOPOGRAPHY: codes.topography,
    Treatment.MORPHOLOGY: codes.morphology,
    Treatment.BAND: bands.band,
    Treatment.GROUP: groups.group,
    Treatment.REDACT: redact_text,
}
"""Every treatment but `drop`, which publishes nothing."""


def transform(column: Column, setting: Setting) -> Generalised | Rewritten:
    """Carry out the treatment of *column*, and check that the level its plan fixes is there and allowed.

    Raises:
        PlanError: the level does not exist, or is finer than the profile allows.
        SourceError: a cell cannot be read; its row is named.
    """
    done = TRANSFORMS[column.treatment](column, setting)
    if isinstance(done, Generalised) and column.level is not None:
        top = done.hierarchy.top
        if not done.lowest <= column.level <= top:
            raise PlanError(
                f"column {column.name!r}",
                f"level {column.level} is not allowed under profile {setting.profile.name!r}",
                fix=f"Use a level from {done.lowest} to {top}, or leave it to the search.",
            )
    return done
