"""The gate over all editions of a build together: what somebody learns who holds them all."""

from collections.abc import Mapping, Sequence
from typing import Any

from anonymize.building.nesting import Edition
from anonymize.building.rendering import Rendered
from anonymize.errors import GateFailed
from anonymize.linkage import Joined, Rendering, joined
from anonymize.linkage import finest as finest_of
from policies.disclosure import Failure


def pass_join(
    made: Sequence[tuple[Edition, Rendered, Mapping[str, Any]]],
    trees: Mapping[str, Any],
    before: Sequence[Rendering] = (),
) -> dict[str, Any]:
    """Measure k of the finest edition in the hands of who holds all of *made*, the finest first, and what was *before*.

    Where an edition of the release before is finer, that is the one looked at; its subjects count by token, or by row.

    Raises:
        GateFailed: it is below what the finest edition's profile asks for.
    """
    all_of = [
        Rendering(
            name=edition.profile.name,
            files=rendered.files,
            published=told["published"],
            trees=trees,
            minimum_class_size=edition.profile.minimum_class_size,
        )
        for edition, rendered, told in made
    ]
    finest, first, told = made[0]
    k = finest.profile.minimum_class_size
    if len(made) == 1 and not before:
        own = int(told["risk"]["after"]["k"])  # nobody can hold more than the one edition
        return Joined(finest=finest.profile.name, k=own, own=own, by_subset={}, refined=0, taught_by=()).to_dict()
    everything = [*all_of, *before]
    view = finest_of(everything)
    others = [rendering for rendering in everything if rendering is not view]
    subjects = first.subjects if view is all_of[0] else None
    sets = finest.linked and (subjects is not None or view.token is not None)
    found = joined(view, others, subjects=subjects, whole_sets=sets, floor=k)
    if found.minimum < k:
        fix = f"Fix coarser levels for {', '.join(found.weakest) or 'the columns that differ'}, or withhold them."
        raise GateFailed((Failure("joined_class_size", k, found.minimum, fix),), "gate of all editions together")
    return found.to_dict()
