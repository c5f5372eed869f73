"""The life of a release: draft → assessed → approved → published → superseded | withdrawn."""

from collections.abc import Mapping
from enum import StrEnum

from catalog.errors import WrongState


class State(StrEnum):
    """Where a release stands."""

    DRAFT = "draft"
    ASSESSED = "assessed"
    APPROVED = "approved"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


NEXT: Mapping[State, frozenset[State]] = {
    State.DRAFT: frozenset({State.ASSESSED}),
    State.ASSESSED: frozenset({State.APPROVED}),
    State.APPROVED: frozenset({State.PUBLISHED}),
    State.PUBLISHED: frozenset({State.SUPERSEDED, State.WITHDRAWN}),
    State.SUPERSEDED: frozenset({State.WITHDRAWN}),
    State.WITHDRAWN: frozenset(),
}


def step(place: str, now: State, to: State) -> State:
    """Go from *now* to *to*, or say which step comes first."""
    if to not in NEXT[now]:
        before = sorted(state for state, after in NEXT.items() if to in after)
        raise WrongState(place, f"is {now}, so it cannot become {to}", fix=f"It must be {' or '.join(before)} first.")
    return to
