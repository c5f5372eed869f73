"""The lattice of generalisations: every combination of one level per quasi-identifier, and tuples seen from a node."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anonymize.kanonymity.hierarchies import Codes, Hierarchy

Node = tuple[int, ...]
"""One level per quasi-identifier, in the order the columns were given."""

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Lattice:
    """All nodes between a lowest and a highest one, ends included."""

    lowest: Node
    highest: Node

    @property
    def size(self) -> int:
        """How many nodes there are."""
        return int(np.prod([high - low + 1 for low, high in zip(self.lowest, self.highest, strict=True)], dtype=object))

    def above(self, node: Node) -> Iterator[Node]:
        """List the nodes one step coarser than *node*."""
        for place, (level, high) in enumerate(zip(node, self.highest, strict=True)):
            if level < high:
                yield (*node[:place], level + 1, *node[place + 1 :])


def covers(coarser: Node, finer: Node) -> bool:
    """Say whether *coarser* generalises *finer* (or is it) in every column."""
    return all(high >= low for high, low in zip(coarser, finer, strict=True))


def identify(keys: Sequence[npt.NDArray[np.integer]], radices: Sequence[int]) -> tuple[Ints, int]:
    """Number the distinct combinations of *keys* (equally long, non-negative, below their *radices*).

    Returns the number of each position, counted from 0 in order of first occurrence, and how many there are.
    Combinations are mixed into one 64-bit integer; before it could overflow they are numbered and mixing goes on.
    """
    mixed = np.zeros(len(keys[0]), dtype=np.int64)
    room = 1
    for key, radix in zip(keys, radices, strict=True):
        if room * radix >= 2**62:
            mixed, room = _number(mixed)
        mixed = mixed * radix + key
        room *= radix
    return _number(mixed)


def _number(values: Ints) -> tuple[Ints, int]:
    encoded = pa.array(values).dictionary_encode()
    return encoded.indices.to_numpy().astype(np.int64), len(encoded.dictionary)


@dataclass(frozen=True, slots=True)
class Tuples:
    """Distinct tuples of one value per column: what a search costs depends on these, not on rows.

    `leaves` has one array per column, each as long as there are tuples: a leaf under the tuple's value, which speaks
    for it at that level and all above. `rows` counts the rows of each tuple.
    """

    hierarchies: tuple[Hierarchy, ...]
    leaves: tuple[Codes, ...]
    rows: Ints

    @classmethod
    def collapse(cls, columns: Sequence[Codes], hierarchies: Sequence[Hierarchy]) -> "tuple[Tuples, Ints]":
        """Collapse rows, given per column as leaf codes, to distinct tuples; give also the tuple of each row."""
        of_row, count = identify(columns, [len(h.leaves) for h in hierarchies])
        first = np.zeros(count, dtype=np.int64)
        first[of_row[::-1]] = np.arange(len(of_row) - 1, -1, -1)
        rows = np.bincount(of_row, minlength=count).astype(np.int64)
        return cls(tuple(hierarchies), tuple(column[first] for column in columns), rows), of_row

    def classes(self, node: Node) -> tuple[Ints, int]:
        """Give each tuple's class at *node*, and how many classes there are."""
        keys = [h.codes[level][leaf] for h, level, leaf in zip(self.hierarchies, node, self.leaves, strict=True)]
        return identify(keys, [len(h.labels[level]) for h, level in zip(self.hierarchies, node, strict=True)])

    def leaves_under(self, place: int, level: int) -> Ints:
        """Give, per tuple, how many leaves the value published for column *place* at *level* covers."""
        hierarchy = self.hierarchies[place]
        counts: Ints = hierarchy.leaves_under[level][hierarchy.codes[level][self.leaves[place]]]
        return counts
