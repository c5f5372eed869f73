"""The log as a table: a column for each field of a flat entry, written to Parquet a batch at a time."""

import json
from collections.abc import Collection, Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from market.auditing.entries import FlatEntry

NAME = "log"

TEXT, WHOLE = (pa.string(), "VARCHAR"), (pa.int64(), "BIGINT")
COLUMNS: dict[str, tuple[pa.DataType, str]] = {
    "seq": WHOLE,
    "at": (pa.timestamp("us"), "TIMESTAMP"),
    "action": TEXT,
    "subject": TEXT,
    "actor": TEXT,
    "firm": TEXT,
    "dataset": TEXT,
    "release": TEXT,
    "agreement": TEXT,
    "purpose": TEXT,
    "outcome": TEXT,
    "reason": TEXT,
    "bytes": WHOLE,
    "rows": WHOLE,
    "amount_fen": WHOLE,
    "details": TEXT,
}
"""Column → its Arrow and its SQL type. Moments are UTC; details are JSON text."""


def write(batches: Iterable[list[FlatEntry]], path: Path, columns: Collection[str] = tuple(COLUMNS)) -> int:
    """Write *columns* of the entries to *path*, a row group for each batch; gives how many. A batch bounds the memory.

    `seq` is always written: a table needs a column.
    """
    names = [name for name in COLUMNS if name == "seq" or name in columns]
    schema = pa.schema([(name, COLUMNS[name][0]) for name in names])
    rows = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in filter(None, batches):
            writer.write_batch(record_batch(batch, schema))
            rows += len(batch)
    return rows


def record_batch(batch: list[FlatEntry], schema: pa.Schema) -> pa.RecordBatch:
    """Give a batch of entries as columns."""
    columns = dict(zip(FlatEntry._fields, zip(*batch, strict=True), strict=True))
    if "details" in schema.names:
        columns["details"] = tuple(map(_json, columns["details"]))
    return pa.RecordBatch.from_arrays([pa.array(columns[field.name], field.type) for field in schema], schema=schema)


_json = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
