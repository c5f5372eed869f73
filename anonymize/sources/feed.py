"""What every reader of a format gives: the names of the columns, and their rows as batches of text."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pyarrow as pa

from anonymize.sources.limits import MOST_ROWS
from anonymize.sources.steady import Steady
from policies.source import Source


@dataclass(frozen=True, slots=True)
class Feed:
    """The columns of one file, and its rows; the rows come once."""

    columns: tuple[str, ...]
    batches: Iterator[pa.RecordBatch]


Reader = Callable[[Steady, Source], Feed]


def schema_of(columns: tuple[str, ...]) -> pa.Schema:
    """Give the schema of every reading: all columns are text."""
    return pa.schema([pa.field(name, pa.string()) for name in columns])


def as_batches(table: pa.Table) -> Iterator[pa.RecordBatch]:
    """Give the rows of *table* as batches of no more than a batch may have."""
    yield from (batch for batch in table.to_batches(max_chunksize=MOST_ROWS) if batch.num_rows)
