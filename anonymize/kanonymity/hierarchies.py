"""Generalisation hierarchies: for every leaf of a column's domain, its value at each level up to the root `*`.

A hierarchy is checked as a tree over its whole domain when it is made. That is not tidiness: rolling classes up
from one level to the next, and the monotone tagging of the search, are sound on trees only.
"""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anonymize.errors import HierarchyError

ROOT = "*"
"""The one value at the top of every hierarchy: it says nothing."""

Codes = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Hierarchy:
    """The tree of one column: leaves below, `*` on top.

    `codes` has shape (levels, leaves): the node each leaf belongs to, per level. `labels[level][node]` is what is
    published for it. Level 0 is the finest published form; it may already join leaves (a small place rolls up).
    A leaf that is null stays a node of its own, published as null, until the root.

    Raises:
        HierarchyError: a node has two parents, a leaf occurs twice, or the top is not the one root.
    """

    name: str
    leaves: tuple[str | None, ...]
    codes: Codes
    labels: tuple[tuple[str | None, ...], ...]
    leaves_under: tuple[npt.NDArray[np.int64], ...] = field(init=False)
    """Per level, per node: how many leaves it covers."""

    def __post_init__(self) -> None:
        self._check_shape()
        self._check_tree()
        counts = tuple(
            np.bincount(row, minlength=len(labels)).astype(np.int64)
            for row, labels in zip(self.codes, self.labels, strict=True)
        )
        object.__setattr__(self, "leaves_under", counts)

    @property
    def levels(self) -> int:
        """How many levels there are, the root included."""
        return len(self.labels)

    @property
    def top(self) -> int:
        """The level of the root."""
        return len(self.labels) - 1

    def loss(self, level: int, node: int) -> float:
        """Say how much is lost by publishing *node*: the leaves under it, as a share of all leaves."""
        return float(self.leaves_under[level][node]) / len(self.leaves)

    def encode(self, values: pa.Array | pa.ChunkedArray) -> Codes:
        """Give the leaf of each value.

        Raises:
            HierarchyError: a value is no leaf; its row is named (counted from 1), the value is not.
        """
        index = pa.array(self.leaves, pa.string())
        position = {leaf: number for number, leaf in enumerate(index.to_pylist())}
        if isinstance(values, pa.ChunkedArray):
            values = values.combine_chunks()
        distinct = values.dictionary_encode(null_encoding="encode")
        known = np.array([position.get(value, -1) for value in distinct.dictionary.to_pylist()], dtype=np.int32)
        out = known[distinct.indices.to_numpy(zero_copy_only=False)] if len(known) else np.zeros(0, np.int32)
        if len(out) and out.min() < 0:
            row = int(np.argmax(out < 0)) + 1
            raise HierarchyError(
                f"hierarchy {self.name!r}",
                f"row {row} holds a value that is no leaf ({int((out < 0).sum())} rows in all)",
                fix="Add a line for every value of the column, leaf first.",
            )
        return out

    def published(self, level: int, leaf: Codes) -> pa.Array:
        """Give the text published at *level* for each row's *leaf*; `*` only at the top, null for a null leaf."""
        labels = pa.array(self.labels[level], pa.string())
        return labels.take(pa.array(self.codes[level][leaf]))

    def _check_shape(self) -> None:
        place = f"hierarchy {self.name!r}"
        if not self.leaves or not self.labels:
            raise HierarchyError(place, "has no leaf or no level", fix="Give one line per value: leaf;…;*")
        if self.codes.shape != (len(self.labels), len(self.leaves)):
            raise HierarchyError(
                place, f"has codes of shape {self.codes.shape}", fix=f"Give {(len(self.labels), len(self.leaves))}."
            )
        if len(set(self.leaves)) != len(self.leaves):
            twice = len(self.leaves) - len(set(self.leaves))
            raise HierarchyError(place, f"{twice} leaves are there twice", fix="Give one line per value.")
        if self.labels[-1] != (ROOT,):
            raise HierarchyError(
                place,
                f"the top level has {len(self.labels[-1])} nodes, or one that is not '{ROOT}'",
                fix=f"End every line with the one root {ROOT}.",
            )

    def _check_tree(self) -> None:
        for level in range(self.levels - 1):
            here, above = self.codes[level].astype(np.int64), self.codes[level + 1].astype(np.int64)
            pairs = np.unique(here * len(self.labels[level + 1]) + above)
            parents = np.bincount(pairs // len(self.labels[level + 1]), minlength=len(self.labels[level]))
            torn = np.flatnonzero(parents > 1)
            if len(torn):
                leaf = int(np.argmax(here == torn[0])) + 1
                raise HierarchyError(
                    f"hierarchy {self.name!r}",
                    f"{len(torn)} nodes of level {level} have more than one parent, first that of line {leaf}",
                    fix=f"Give all leaves under one node of level {level} the same value at level {level + 1}.",
                )


def from_paths(name: str, leaves: Sequence[str | None], paths: Iterable[Sequence[str | None]]) -> Hierarchy:
    """Make the hierarchy in which `paths[i]` lists what is published for `leaves[i]`, finest first, root last.

    Two leaves share a node where their labels are equal; so equal labels under different parents are found out.
    A path of another length than the first is refused: no leaf may skip a level.
    """
    rows = [tuple(path) for path in paths]
    depth = len(rows[0]) if rows else 0
    for line, row in enumerate(rows, start=1):
        if len(row) != depth:
            raise HierarchyError(
                f"hierarchy {name!r}",
                f"line {line} has {len(row)} levels, line 1 has {depth}",
                fix="Give every leaf a value at every level; repeat the value where a level adds nothing.",
            )
    codes = np.zeros((depth, len(rows)), dtype=np.int32)
    labels: list[tuple[str | None, ...]] = []
    for level in range(depth):
        known: dict[str | None, int] = {}
        for leaf, row in enumerate(rows):
            codes[level, leaf] = known.setdefault(row[level], len(known))
        labels.append(tuple(known))
    return Hierarchy(name, tuple(leaves), codes, tuple(labels))


def read(path: Path, name: str) -> Hierarchy:
    """Read an ARX hierarchy: one line per leaf, `;` between its levels, leaf first, no header.

    Raises:
        HierarchyError: the file is missing or empty, a line skips a level, or the lines form no tree.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [row for row in csv.reader(file, delimiter=";") if row]
    except OSError as error:
        raise HierarchyError(str(path), "cannot be read", fix="Put one *_hierarchy_<column>.csv per column.") from error
    return from_paths(name, [row[0] for row in rows], rows)


def read_folder(folder: Path, columns: Sequence[str]) -> list[Hierarchy]:
    """Read the hierarchy `*_hierarchy_<column>.csv` of each of *columns*, in their order.

    Raises:
        HierarchyError: a column has none, or more than one.
    """
    out = []
    for column in columns:
        found = sorted(path for path in folder.glob("*.csv") if path.name.endswith(f"_hierarchy_{column}.csv"))
        if len(found) != 1:
            raise HierarchyError(
                f"hierarchy {column!r}",
                f"{len(found)} files match *_hierarchy_{column}.csv",
                fix="Put exactly one such file into the folder of hierarchies.",
            )
        out.append(read(found[0], column))
    return out
