"""What a transform is given and gives back: distinct values in, leaves of a hierarchy out.

No transform sees rows. A value it cannot place is told by its number among the distinct ones; who holds the rows finds
the first that shows it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

import numpy as np
import pyarrow as pa

from anonymize.kanonymity.hierarchies import ROOT, Codes, Hierarchy, from_paths
from policies.columns import Column
from policies.plan import Population


class BadValue(Exception):  # it is caught by who can name the row, and never leaves the package
    """Distinct value *number* cannot be treated; *found* says why, without the value."""

    def __init__(self, number: int, found: str) -> None:
        self.number, self.found = number, found
        super().__init__(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """All that a transform may use beside its own column: one tree serves all editions, so the strictest limits."""

    age_top_code: int
    population_floor: int
    population: Population | None = None


@dataclass(frozen=True, slots=True)
class Generalised:
    """A column on the leaves of its hierarchy: the search, or the plan, chooses the level that is published."""

    hierarchy: Hierarchy
    leaf: Codes
    """The leaf of each distinct value given."""
    usual: int = 0
    """The level of a column that is not searched and for which the plan fixes none."""
    typed: dict[int, pa.DataType] = field(default_factory=dict)
    """Levels whose values are published as another type than text."""

    def labels(self, level: int) -> pa.Array:
        """Give what is published at *level* for each leaf."""
        text = self.hierarchy.published(level, np.arange(len(self.hierarchy.leaves), dtype=np.int32))
        return text.cast(self.typed[level]) if level in self.typed else text


Values: TypeAlias = Sequence[str | None]
"""Distinct texts of a column; an empty cell is null."""


class Transform(Protocol):
    """The common signature of the treatments that generalise text."""

    def __call__(self, column: Column, values: Values, setting: Setting) -> Generalised:
        """Place each of *values* in the hierarchy of *column*."""


def generalise(
    name: str, values: Values, path: Callable[[str], tuple[str, ...]], depth: int
) -> tuple[Hierarchy, Codes]:
    """Make the hierarchy over the values present: *path* lists what is published for one, finest first, root left out.

    *depth* is the length of each path with the root. *path* is called once per distinct value and raises ValueError,
    without the value, for one it cannot place.

    Raises:
        BadValue: a value has no place.
    """
    paths: dict[tuple[str | None, ...], int] = {}
    leaf = np.zeros(len(values), dtype=np.int32)
    for number, value in enumerate(values):
        if value is None:
            steps: tuple[str | None, ...] = (None,) * (depth - 1)
        else:
            try:
                steps = path(value)
            except ValueError as error:
                raise BadValue(number, str(error)) from None
        leaf[number] = paths.setdefault(steps, len(paths))
    if not paths:
        paths[(None,) * (depth - 1)] = 0
    return from_paths(name, [steps[0] for steps in paths], [(*steps, ROOT) for steps in paths]), leaf
