"""Facets as lists of links, each with the number of datasets it leads to; trees in their order."""

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.search.facets import Count
from market.web.asking import FACETS, Asked
from market.web.words import Words

SEEN_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of a facet."""

    value: str
    label: str
    datasets: int
    depth: int
    chosen: bool
    asked: Asked
    """What its link asks."""


@dataclass(frozen=True, slots=True)
class Facet:
    """A facet with the values that the found datasets have."""

    name: str
    choices: tuple[Choice, ...]

    @property
    def first(self) -> tuple[Choice, ...]:
        """The values that are seen at once."""
        return self.choices[:SEEN_AT_ONCE]

    @property
    def rest(self) -> tuple[Choice, ...]:
        """The values behind a fold."""
        return self.choices[SEEN_AT_ONCE:]


def facets(counted: dict[str, list[Count]], asked: Asked, t: Words) -> list[Facet]:
    """Give each facet that has something to choose."""
    return [Facet(name, _choices(name, counted[name], asked, t)) for name in FACETS if counted.get(name)]


def label(facet: str, count: Count, t: Words) -> str:
    """Name a value in the page's language as far as it has a name there."""
    if facet == "profile":
        return t.code("profile", count.value)
    named = (count.zh, count.en) if t.language == "zh" else (count.en, count.zh)
    return next((name for name in named if name), count.value)


def _choices(name: str, counts: Sequence[Count], asked: Asked, t: Words) -> tuple[Choice, ...]:
    held = asked.facets.get(name, ())
    ordered = reversed([(0, count) for count in counts]) if name == "year" else _in_order(counts)
    return tuple(
        Choice(
            count.value,
            label(name, count, t),
            count.datasets,
            min(depth, 3),
            count.value in held,
            asked.turned(name, count.value),
        )
        for depth, count in ordered
    )


def _in_order(counts: Sequence[Count]) -> list[tuple[int, Count]]:
    """Put each value after the one that holds it."""
    known = {count.value for count in counts}
    below: dict[str | None, list[Count]] = {}
    for count in counts:
        below.setdefault(count.above if count.above in known else None, []).append(count)
    waiting = [(0, count) for count in reversed(below.get(None, []))]
    out = []
    while waiting:
        depth, count = waiting.pop()
        out.append((depth, count))
        waiting += [(depth + 1, under) for under in reversed(below.get(count.value, []))]
    return out
