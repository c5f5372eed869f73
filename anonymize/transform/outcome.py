"""What a transform gives back, and what it may use: the common signature of all treatments."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import pyarrow as pa

from anonymize.errors import SourceError
from anonymize.kanonymity.hierarchies import ROOT, Codes, Hierarchy, from_paths
from anonymize.transform.keys import ReleaseSecret
from policies.plan import Column, Plan
from policies.profile import Profile


def tell_nobody(line: str) -> None:
    """Take a line of progress where nobody listens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """All that a transform may use beside its own column."""

    plan: Plan
    profile: Profile
    source: pa.Table
    """The source as read: every column text, an empty cell null."""
    secret: ReleaseSecret
    tell: Callable[[str], None] = tell_nobody
    """Told what is being done, without values of cells."""
    removed: dict[str, int] = field(default_factory=dict)
    """Filled by the redaction of free text: how much of each type was removed."""


@dataclass(frozen=True, slots=True)
class Generalised:
    """A column on the leaves of its hierarchy: the search, or the plan, chooses the level that is published."""

    hierarchy: Hierarchy
    leaf: Codes
    lowest: int = 0
    """The finest level the profile allows."""
    usual: int = 0
    """The level of a column that is not searched and for which the plan fixes none."""
    typed: Mapping[int, pa.DataType] = field(default_factory=dict)
    """Levels whose values are published as another type than text."""

    def at(self, level: int) -> pa.Array:
        """Give the published values at *level*."""
        text = self.hierarchy.published(level, self.leaf)
        return text.cast(self.typed[level]) if level in self.typed else text


Rewritten: TypeAlias = pa.Array
"""A column whose published values are final: a token, a kept value, a redacted text."""

Transform: TypeAlias = Callable[[Column, Setting], Generalised | Rewritten]


def generalise(
    name: str, values: pa.Array | pa.ChunkedArray, path: Callable[[str], tuple[str, ...]], depth: int
) -> tuple[Hierarchy, Codes]:
    """Make the hierarchy over the values present: *path* lists what is published for one, finest first, root left out.

    *depth* is the length of each path with the root. *path* is called once per distinct value and raises ValueError,
    without the value, for one it cannot place.

    Raises:
        SourceError: naming the column and the first row of a value that has no place.
    """
    distinct, position = encode(values)
    paths: dict[tuple[str | None, ...], int] = {}
    leaf_of = np.zeros(len(distinct), dtype=np.int32)
    for number, value in enumerate(distinct):
        if value is None:
            steps: tuple[str | None, ...] = (None,) * (depth - 1)
        else:
            try:
                steps = path(value)
            except ValueError as error:
                raise bad_cell(name, position, number, str(error)) from None
        leaf_of[number] = paths.setdefault(steps, len(paths))
    if not paths:
        paths[(None,) * (depth - 1)] = 0
    return tree(name, [steps[0] for steps in paths], [(*steps, ROOT) for steps in paths]), leaf_of[position]


def tree(name: str, leaves: list[str | None], paths: list[tuple[str | None, ...]]) -> Hierarchy:
    """Make a checked hierarchy; equal labels under one level are one node."""
    return from_paths(name, leaves, paths)


def encode(values: pa.Array | pa.ChunkedArray) -> tuple[list[str | None], Codes]:
    """Give the distinct values and, per row, the number of its value; null is a value."""
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    if isinstance(values, pa.ChunkedArray):  # more than one chunk is left where text exceeds 2 GiB
        values = pa.concat_arrays([chunk.cast(pa.large_string()) for chunk in values.chunks])
    encoded = values.dictionary_encode(null_encoding="encode")
    position = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int32)
    return encoded.dictionary.to_pylist(), position


def bad_cell(column: str, position: Codes, number: int, found: str) -> SourceError:
    """Make the error for distinct value *number*: it names the first row that holds it, never the value."""
    row = int(np.argmax(position == number)) + 1
    return SourceError(
        f"column {column!r}, row {row} (the header is not counted)",
        found,
        fix="Correct the source, or treat the column otherwise.",
    )
