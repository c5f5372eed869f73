"""Free text, redacted in batches: each row's text beside the row's own names, into a table of its own."""

from collections.abc import Iterator, Mapping

import pyarrow as pa

from anonymize.building.loading import Loaded
from anonymize.building.scratch import Scratch
from anonymize.workplace import Progress
from policies.columns import Column
from policies.plan import Plan

BATCH_ROWS = 20_000
SCHEMA = pa.schema([("n", pa.int64()), ("text", pa.string())])


def redact_column(
    scratch: Scratch, column: Column, plan: Plan, loaded: Loaded, number: int, tell: Progress
) -> tuple[str, Mapping[str, int]]:
    """Redact *column* into a table of row numbers and texts; give its name, and what was removed by type.

    What the plan marks with `scrub` is removed from the text of its own row.
    """
    from anonymize.transform.text import redact  # the analyser takes a second to load, and few plans need it

    own = [c for c in plan.columns if c.scrub is not None]
    cells = ", ".join(["n", f"{loaded.cell(column.name)} AS text", *(f"raw.{loaded.cell(c.name)}" for c in own)])
    removed: dict[str, int] = {}

    def redacted() -> Iterator[pa.RecordBatch]:
        done = 0
        rows = f"SELECT {cells} FROM raw WHERE text IS NOT NULL ORDER BY n"  # noqa: S608  # names of our own
        for batch in scratch.batches(rows, BATCH_ROWS):
            kinds = [(c.scrub or "", batch.column(place)) for place, c in enumerate(own, start=2)]
            texts, found = redact(batch.column(1), kinds)
            for kind, count in found.items():
                removed[kind] = removed.get(kind, 0) + count
            done += batch.num_rows
            tell(f"redacted {done:,} texts")
            yield pa.record_batch([batch.column(0), texts], schema=SCHEMA)

    table = f"r{number}"
    scratch.fill(f"CREATE TABLE {table} AS FROM stream", SCHEMA, redacted(), {})
    return table, removed
