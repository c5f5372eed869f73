"""A first look at a source: what its columns hold, what personal data is in them, and a plan to start from.

Everything is looked at in full: every distinct value of every column goes through the detectors, for a sample
misses the one note that names somebody. Of each column of text a sample is looked at by a second detector as well, to
say in how many texts personal data may remain. What leaves this module are counts and column names, never a cell, but
for the sampled texts where somebody asks for them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anonymize.distincts import Distincts
from anonymize.errors import SourceError
from anonymize.proposals import Proposal, propose
from anonymize.review.sampling import SIZE, draw
from anonymize.review.texts import Review, Reviewed, look_at, review
from anonymize.shapes import Shape, shape_of
from anonymize.sources import open_source, sniff
from policies.plan import Column, Plan, Treatment
from policies.source import Source

Progress = Callable[[str], None]
Keep = Callable[[str, Sequence[Reviewed]], None]
"""Takes the sampled texts of a column: raw text."""


@dataclass(frozen=True, slots=True)
class ColumnReport:
    """One column: what it holds, and what we would do with it."""

    shape: Shape
    proposal: Proposal
    review: Review | None = None
    """Of a column of text: what a sample of it says of what may remain."""

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
            "review": None if self.review is None else self.review.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was found in one source."""

    rows: int
    columns: tuple[ColumnReport, ...]
    source: Source
    sha256: str
    doubts: tuple[str, ...] = ()
    """What was guessed of the source and its types and could be otherwise; each can be pinned in the plan."""

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
            "doubts": list(self.doubts),
            "findings": dict(self.findings),
            "columns": [column.to_dict() for column in self.columns],
        }

    def to_plan(self, dataset: str, *profiles: str) -> Plan:
        """Propose a plan that names every column; the steward reads the reasons and edits it."""
        columns: tuple[Column, ...] = tuple(column.proposal.column for column in self.columns)
        return Plan(dataset=dataset, profiles=profiles, columns=columns, source=self.source)


def inspect(
    path: Path,
    source: Source | None = None,
    *,
    key: bytes | None = None,
    progress: Progress | None = None,
    sample: int = SIZE,
    seed: int = 0,
    keep: Keep | None = None,
) -> Inspection:
    """Look at every value of the source at *path*, and propose what to do with each column.

    Without *source*, format, encoding and delimiter are guessed, and the proposed plan pins the guesses. With *key*
    the files are sealed ones of a vault. Of each column of text *sample* distinct texts, drawn by *seed*, are reviewed,
    and given to *keep*.

    Raises:
        SourceError: the source cannot be read.
    """
    doubts: tuple[str, ...] = ()
    if source is None:
        guessed = sniff(path, key=key)
        source, doubts = guessed.source, guessed.doubts
    with open_source(path, source, key=key, progress=progress) as reading, Distincts(len(reading.columns)) as cells:
        _check_pins(reading.columns, source)
        for batch in reading:
            cells.add(batch)
        shapes = []
        for position, name in enumerate(reading.columns):
            if progress is not None:
                progress(f"looking at column {name}")
            shapes.append(shape_of(name, position, cells, pinned=source.types.get(name), progress=progress))
        proposals = propose(shapes)
        reviews: list[Review | None] = []
        for position, proposal in enumerate(proposals):
            reviews.append(None)
            if proposal.column.treatment is Treatment.REDACT:
                reviewed = look_at(draw(cells.values(position), sample, seed), proposal.column, progress)
                reviews[-1] = review(reviewed, seed)
                if keep is not None:
                    keep(proposal.column.name, reviewed)
    doubts += tuple(f"column {at} ({s.name}): {s.doubt}" for at, s in enumerate(shapes, start=1) if s.doubt)
    reports = tuple(ColumnReport(s, p, r) for s, p, r in zip(shapes, proposals, reviews, strict=True))
    return Inspection(rows=reading.rows, columns=reports, source=source, sha256=reading.sha256, doubts=doubts)


def _check_pins(columns: tuple[str, ...], source: Source) -> None:
    unknown = sorted(set(source.types) - set(columns))
    if unknown:
        found = f"{unknown[0]!r} is no column of the source"
        raise SourceError("source.types", found, fix="Name a column as the header does.")
