"""A first look at a source: what its columns hold, what personal data is in them, and a plan to start from.

Everything is looked at in full: every distinct value of every column goes through the detectors, for a sample
misses the one note that names somebody. What leaves this module are counts and column names, never a cell.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from anonymize.proposals import Proposal, propose
from anonymize.shapes import Shape, shape_of
from anonymize.sources.csv import read_csv, sha256_of
from policies.plan import Column, Plan, Source

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class ColumnReport:
    """One column: what it holds, and what we would do with it."""

    shape: Shape
    proposal: Proposal

    @property
    def name(self) -> str:
        """The column's name in the source."""
        return self.shape.name

    def to_dict(self) -> dict[str, Any]:
        """Give the report as JSON values; there is no cell among them."""
        return {
            "name": self.shape.name,
            "type": self.shape.type,
            "missing": self.shape.missing,
            "distincts": self.shape.distincts,
            "findings": dict(self.shape.findings),
            "role": self.proposal.column.role.value,
            "treatment": self.proposal.column.treatment.value,
            "reason": self.proposal.reason,
        }


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was found in one source."""

    rows: int
    columns: tuple[ColumnReport, ...]
    source: Source
    sha256: str

    @property
    def findings(self) -> Mapping[str, int]:
        """Distinct values with personal data, by type, over all columns."""
        total: dict[str, int] = {}
        for column in self.columns:
            for kind, count in column.shape.findings.items():
                total[kind] = total.get(kind, 0) + count
        return dict(sorted(total.items()))

    def to_dict(self) -> dict[str, Any]:
        """Give the inspection as JSON values; there is no cell among them."""
        return {
            "rows": self.rows,
            "sha256": self.sha256,
            "findings": dict(self.findings),
            "columns": [column.to_dict() for column in self.columns],
        }

    def to_plan(self, dataset: str, profile: str) -> Plan:
        """Propose a plan that names every column; the steward reads the reasons and edits it."""
        columns: tuple[Column, ...] = tuple(column.proposal.column for column in self.columns)
        return Plan(dataset=dataset, profile=profile, columns=columns, source=self.source)


def inspect(path: Path, source: Source | None = None, *, progress: Progress | None = None) -> Inspection:
    """Look at every value of the source at *path*, and propose what to do with each column.

    Raises:
        SourceError: the source cannot be read.
    """
    source = source or Source()
    table: pa.Table = read_csv(path, source, progress=progress)
    shapes = []
    for name in table.column_names:
        if progress is not None:
            progress(f"looking at column {name}")
        shapes.append(shape_of(name, table[name], progress=progress))
    reports = tuple(ColumnReport(s, p) for s, p in zip(shapes, propose(shapes), strict=True))
    return Inspection(rows=table.num_rows, columns=reports, source=source, sha256=sha256_of(path))
