"""Small renderings written by hand, and the linkage gate's definition in plain Python to compare with."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from anonymize.linkage import Rendering

Row = dict[str, Any]


def level_of(value: int | None, level: int) -> str | None:
    """Generalise a number below 8: itself, halves, quarters, `*`."""
    if level == 3:
        return "*"
    return None if value is None else f"{'fhq'[level]}{value >> level}"


TREE = {
    "levels": 4,
    "finest": 0,
    "parents": {
        "0": {f"f{value}": f"h{value >> 1}" for value in range(8)},
        "1": {f"h{value}": f"q{value >> 1}" for value in range(4)},
        "2": {f"q{value}": "*" for value in range(2)},
    },
}
"""The hierarchy of `level_of`."""


def write(
    path: Path, rows: Sequence[Row], published: Sequence[Mapping[str, Any]], *, name: str = "", k: int = 0
) -> Rendering:
    """Write *rows*, whose columns are listed in *published*, and give the rendering."""
    columns = {entry["name"]: pa.array([row[entry["name"]] for row in rows]) for entry in published}
    pq.write_table(pa.table(columns), path)
    trees = {entry["name"]: TREE for entry in published if entry.get("level") is not None}
    return Rendering(name=name or path.stem, files=(path,), published=published, trees=trees, minimum_class_size=k)


def rendered(
    path: Path, people: Sequence[Row], levels: Mapping[str, int | None], *, keep: Any = lambda row: True, k: int = 0
) -> Rendering:
    """Publish *people* with each column at its level (None: as it is; names that begin with `q` are generalised)."""
    published = [
        {"name": name, "role": "insensitive" if level is None else "quasi_identifier", "level": level}
        for name, level in levels.items()
    ]
    rows = [
        {name: row[name] if level is None else level_of(row[name], level) for name, level in levels.items()}
        for row in people
        if keep(row)
    ]
    return write(path, rows, published, k=k)


def read(rendering: Rendering) -> list[Row]:
    """Read a rendering's rows."""
    return [row for file in rendering.files for row in pq.read_table(file, partitioning=None).to_pylist()]


def lift(label: Any, level: int | None, to: int | None) -> Any:
    """Lift a label through `TREE`."""
    if level is None or to is None:
        return label
    for step in range(level, to):
        label = "*" if step == 2 else None if label is None else TREE["parents"][str(step)][label]  # type: ignore[index]
    return label


def reference(finest: Rendering, others: Sequence[Rendering]) -> dict[tuple[str, ...], int]:
    """Measure k of every subset of shared columns by comparing every row with every row."""
    here, mine, quasi = finest.levels(), read(finest), finest.quasi_identifiers()
    theirs = [(other.levels(), read(other), other) for other in others]
    columns = [name for name in here if any(name in there for there, _, _ in theirs)]
    out = {}
    for size in range(len(columns) + 1):
        for subset in combinations(columns, size):
            classes: dict[Any, int] = defaultdict(int)
            for row in mine:
                learned: list[Any] = [row[name] for name in quasi]
                for there, rows, other in theirs:
                    taught = [
                        name
                        for name in other.quasi_identifiers()
                        if name not in here or (here[name] is not None and (there[name] or 0) < (here[name] or 0))
                    ]
                    known = [name for name in subset if name in there]
                    linked = [
                        line
                        for line in rows
                        if all(
                            lift(row[name], here[name], _higher(here[name], there[name]))
                            == lift(line[name], there[name], _higher(here[name], there[name]))
                            for name in known
                        )
                    ]
                    learned += [frozenset(line[name] for line in linked) for name in taught]
                classes[tuple(learned)] += 1
            out[subset] = min(classes.values(), default=0)
    return out


def _higher(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else max(one, other)
