"""A file of texts searched, some rows at a time: where personal data stands, and of which type."""

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from anonymize.detect.findings import Finding
from anonymize.detect.languages import find_distinct, settled
from anonymize.texts.lines import ID, JsonLines
from anonymize.texts.tables import TextSource

TOGETHER_ROWS, TOGETHER_BYTES = 1_000_000, 64 << 20
"""What is searched at once; each distinct value of it is looked at once."""


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in one text."""

    row: int
    """Rows count from 1; of a plain text they are its lines."""
    column: str
    findings: Sequence[Finding]
    text: str = field(repr=False)
    id: object = None
    """The `id` of a line of JSON."""
    named: bool = False
    """Whether it is a line of JSON."""


def search(
    source: TextSource,
    columns: Sequence[str],
    *,
    language: str,
    recall: str,
    types: Collection[str] | None = None,
    processes: int | None = None,
    progress: Callable[[str], None] | None = None,
) -> Iterator[Found]:
    """Search *columns* of *source*, in the order of rows; a text without findings is left out, unless it has an id.

    Raises:
        SourceError: the source is at fault.
        ModelError: a file of the language's model is missing or altered.
    """
    named = isinstance(source, JsonLines)
    wanted = [*columns, ID] if named else columns
    done = 0
    for rows in together(source.batches(wanted)):
        places = list[tuple[int, int, str, Sequence[Finding]]]()
        for number, column in enumerate(columns):
            encoded = pc.dictionary_encode(rows.column(column).combine_chunks())
            distinct = encoded.dictionary
            findings = [
                settled(of) if of else ()
                for of in find_distinct(distinct, language=language, recall=recall, types=types, processes=processes)
            ]
            held = np.array([*(bool(of) or named for of in findings), False], np.bool_)
            codes = pc.fill_null(encoded.indices, len(distinct)).to_numpy()
            for row in np.flatnonzero(held[codes]).tolist():
                code = int(codes[row])
                places.append((row, number, distinct[code].as_py(), findings[code]))
        for row, number, text, of in sorted(places, key=lambda place: place[:2]):
            name = json.loads(rows.column(ID)[row].as_py()) if named else None
            yield Found(done + row + 1, columns[number], of, text, name, named)
        done += rows.num_rows
        if progress is not None:
            progress(f"searched {done:,} rows")


def together(batches: Iterator[pa.RecordBatch], most: int = TOGETHER_ROWS) -> Iterator[pa.Table]:
    """Join *batches* to tables of about *most* rows, or of as much text as is searched at once."""
    held: list[pa.RecordBatch] = []
    rows = size = 0
    for batch in batches:
        held.append(batch)
        rows, size = rows + batch.num_rows, size + batch.nbytes
        if rows >= most or size >= TOGETHER_BYTES:
            yield pa.Table.from_batches(held)
            held, rows, size = [], 0, 0
    if held:
        yield pa.Table.from_batches(held)
