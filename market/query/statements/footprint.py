"""Footprint: the bytes a statement is billed for, computed before it runs, from footers alone.

Compressed bytes of the touched columns in the row groups that its simple conditions do not exclude, rounded up to
whole megabytes. The engine may read less (a LIMIT, a condition we do not follow) and, over flat columns, never more
than a footer's worth per file; a nested column costs it a fixed read-ahead per row group on top.
What a megabyte costs is decided elsewhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from market.query.statements.footers import Column, footer
from market.query.statements.gate import Statement
from market.query.statements.lineage import Scan


@dataclass(frozen=True, slots=True)
class Footprint:
    """What will be read, in bytes of compressed column chunks; row groups say how much was pruned."""

    raw_bytes: int
    row_groups_read: int
    row_groups_total: int


def footprint(
    files: Mapping[str, Sequence[Path]],
    scans: Sequence[Scan],
    statement: Statement,
    *,
    prune: bool = True,
) -> Footprint:
    """The footprint of *statement* over *files*; with ``prune=False`` conditions never change it.

    A table read twice counts twice, as the engine reads it. A table of which no column is touched (``count(*)``)
    counts as its smallest column.
    """
    sought = {name.lower(): paths for name, paths in files.items()}
    raw = read = total = 0
    for scan in scans:
        conditions = [p for p in statement.predicates if prune and p.table == scan.table.lower()]
        footers = [footer(path) for path in sought[scan.table.lower()]]
        names = [name.lower() for name in scan.columns] or _smallest([f.columns for f in footers])
        for found in footers:
            kept = found.kept(conditions)
            raw += int(sum(found.columns[name].sizes[kept].sum() for name in names))
            read += int(kept.sum())
            total += found.row_groups
    return Footprint(raw, read, total)


def _smallest(files: Sequence[Mapping[str, Column]]) -> list[str]:
    sizes: dict[str, int] = {}
    for columns in files:
        for name, column in columns.items():
            sizes[name] = sizes.get(name, 0) + int(column.sizes.sum())
    return [min(sizes, key=lambda name: (sizes[name], name))] if sizes else []
