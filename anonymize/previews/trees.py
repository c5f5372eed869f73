"""The published tree of a column, as the evidence holds it: parents by level, from the finest published one up."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Tree:
    """A column's hierarchy over its published labels; null stays null until the root."""

    levels: int
    parents: Mapping[int, Mapping[str, str]]
    """Level → label → the label above it."""
    root: str = "*"

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Self:
        """Read a tree of the evidence."""
        return cls(raw["levels"], {int(level): above for level, above in raw["parents"].items()})

    @property
    def top(self) -> int:
        """The level of the root."""
        return self.levels - 1

    def lifted(self, label: str, start: int, goal: int) -> str | None:
        """Give what *label* of level *start* is called at *goal*; None where the tree does not say."""
        found = label
        for level in range(start, goal):
            above = self.parents.get(level, {}).get(found)
            if above is None:
                return None
            found = above
        return found

    def descended(
        self, labels: Sequence[str | None], start: int, goal: int, kind: pa.DataType, rng: np.random.Generator
    ) -> pa.Array | None:
        """Draw for each label of level *start* one below it at *goal*, all children alike; None where none is known."""
        out = list(labels)
        for level in range(start - 1, goal - 1, -1):
            below: dict[str, list[str]] = defaultdict(list)
            for child, parent in sorted(self.parents.get(level, {}).items()):
                below[parent].append(child)
            out = [_one(below.get(label), rng) if label is not None else None for label in out]
            if any(before is not None and after is None for before, after in zip(labels, out, strict=True)):
                return None
        try:
            return pa.array(out, pa.string()).cast(kind)
        except pa.ArrowInvalid:
            return None


def _one(labels: Sequence[str] | None, rng: np.random.Generator) -> str | None:
    return labels[int(rng.integers(len(labels)))] if labels else None
