"""The rows of an edition as they are published: which columns, which labels, in which order.

Rows are sorted by what people filter on, as published, and rows that sort alike stand in an order drawn from the
release's secret, never in that of the source.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from anonymize.building.classes import ranks_of
from anonymize.building.scratch import Scratch
from anonymize.building.treating import Treated
from anonymize.edition import ROW_GROUP_ROWS, write_parts
from policies.columns import Column, Treatment

SUBJECTS = "subjects.parquet"
"""The subject of each row of an edition, in its order: in the workplace while it is measured, and never published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """One edition on the disk."""

    files: tuple[Path, ...]
    subjects: Path | None
    """The file of subjects, where rows are not subjects."""
    shown: Mapping[str, frozenset[int]]
    """Generalised column → the leaves that occur in the edition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """How one edition is rendered."""

    name: str
    draw: int
    """The number of its draws, and of its tokens."""
    columns: tuple[Column, ...]
    levels: Mapping[str, int | None]
    """Column → the level it is published at; none where it keeps its values."""
    sort_by: tuple[str, ...]
    aside: bool
    """The subjects of the rows are written beside."""

    def write(self, scratch: Scratch, rows: str, treated: Treated, folder: Path, threads: int) -> Rendered:
        """Write *rows*, a view over `work`, into *folder*."""
        columns: list[str] = []
        joins: list[str] = []
        order: list[str] = []
        for column in self.columns:
            name = f"p{len(columns)}"
            if column.treatment is Treatment.TOKEN:
                columns.append(f"k{self.draw} AS {name}")
            else:
                columns.append(f"{treated.value(column)} AS {name}")
        for wanted in self.sort_by:
            place, column = next((p, c) for p, c in enumerate(self.columns) if c.published_as == wanted)
            level = self.levels[column.name]
            if level is None:
                order.append(f"p{place} NULLS LAST")
                continue
            table = f"sort_{self.name}_{place}"
            ranks = ranks_of(treated.generalised[column.name].labels(level))
            scratch.put(
                table, pa.table({"leaf": np.arange(len(ranks), dtype=np.int32), "rank": ranks.astype(np.int32)})
            )
            joins.append(f"JOIN {table} ON {rows}.{treated.value(column)} = {table}.leaf")
            order.append(f"{table}.rank")
        if self.aside:
            columns.append("owner AS subject")
        sql = (
            f"SELECT {', '.join(columns)} FROM {rows} {' '.join(joins)}"  # noqa: S608  # names of our own
            f" ORDER BY {', '.join([*order, f'd{self.draw}'])}"
        )
        labels = {
            place: _Labels.of(treated.generalised[column.name].labels(level))
            for place, column in enumerate(self.columns)
            if (level := self.levels[column.name]) is not None
        }
        names = [column.published_as for column in self.columns]
        seen: dict[int, set[int]] = {place: set() for place in labels}
        tokens = {place for place, column in enumerate(self.columns) if column.treatment is Treatment.TOKEN}

        def publish(part: pa.Table) -> pa.Table:
            cells = []
            for place in range(len(names)):
                values = part.column(place).combine_chunks()
                if place in labels:
                    seen[place].update(pc.unique(values).to_pylist())
                    values = labels[place].shown(values)
                elif place in tokens:
                    values = pc.replace_substring(values, "-", "")
                cells.append(values)
            return pa.table(cells, names=names)

        batches = scratch.batches(sql, ROW_GROUP_ROWS)
        target = folder / self.name
        target.mkdir()
        side = None
        if self.aside:
            side = scratch.folder / f"{self.name}-{SUBJECTS}"
            batches = _aside(batches, side)
        files = write_parts(batches, target, publish, threads)
        shown = {self.columns[place].name: frozenset(leaves) for place, leaves in seen.items()}
        return Rendered(files=tuple(files), subjects=side, shown=shown)


@dataclass(frozen=True, slots=True)
class _Labels:
    """What is published for each leaf of one column."""

    distinct: pa.Array
    of_leaf: pa.Array
    """The place of each leaf's label among the *distinct* ones; null where it is null."""

    @classmethod
    def of(cls, labels: pa.Array) -> Self:
        """Collapse the *labels* of all leaves."""
        encoded = (labels.combine_chunks() if isinstance(labels, pa.ChunkedArray) else labels).dictionary_encode()
        return cls(encoded.dictionary, encoded.indices)

    def shown(self, leaves: pa.Array) -> pa.Array:
        """Give the labels of the rows of one row group.

        Text comes as the dictionary that the writer would make of the plain text: of the values that occur there and
        no other, in the order in which they do, so that nothing else of the edition or its source shows.
        """
        if not pa.types.is_string(self.distinct.type):
            return self.distinct.take(self.of_leaf.take(leaves))
        occurring = self.of_leaf.take(leaves).dictionary_encode()
        return pa.DictionaryArray.from_arrays(occurring.indices, self.distinct.take(occurring.dictionary))


def _aside(batches: Iterator[pa.RecordBatch], path: Path) -> Iterator[pa.RecordBatch]:
    """Write the last column of *batches* to *path*, and give the batches on."""
    schema = pa.schema([("subject", pa.int64())])
    with pq.ParquetWriter(path, schema, compression="zstd", use_dictionary=False) as writer:
        for batch in batches:
            writer.write_batch(pa.record_batch([batch.column(batch.num_columns - 1)], schema=schema))
            yield batch
