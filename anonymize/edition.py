"""The physical form of an edition: in what Parquet its rows are written.

Nothing of the source shows in it. A dictionary holds the values of its own row group, in the order of its rows, and
no other: an encoded column must not carry along suppressed values, or the order of the source. An edition is several
files, so that they can be written, and later read, at the same time.
"""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

ROW_GROUP_ROWS = 122_880
"""DuckDB's own group size: one group is one unit of parallel scan and of pruning."""
GROUPS_PER_PART = 4


def write_parts(
    batches: Iterable[pa.RecordBatch], folder: Path, publish: Callable[[pa.Table], pa.Table], threads: int
) -> list[Path]:
    """Write *batches* as `part-00000.parquet`, … in their order, as *publish* renders each row group; give the paths.

    At most *threads* parts are in the making at a time. No batch at all still gives one file, which has the columns.
    """
    paths: list[Path] = []
    under_way: set[Future[None]] = set()
    with ThreadPoolExecutor(threads) as pool:
        for rows in _parts(batches):
            path = folder / f"part-{len(paths):05}.parquet"
            paths.append(path)
            while len(under_way) >= threads:
                done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
                for future in done:
                    future.result()
            under_way.add(pool.submit(_write, rows, path, publish))
        for future in under_way:
            future.result()
    return paths


def _parts(batches: Iterable[pa.RecordBatch]) -> Iterable[pa.Table]:
    """Cut a stream of batches into tables of whole row groups."""
    size = ROW_GROUP_ROWS * GROUPS_PER_PART
    held: list[pa.RecordBatch] = []
    rows = 0
    schema = None
    given = False
    for batch in batches:
        schema = batch.schema
        at = 0
        while at < batch.num_rows:
            piece = batch.slice(at, size - rows)
            held.append(piece)
            at, rows = at + piece.num_rows, rows + piece.num_rows
            if rows == size:
                yield pa.Table.from_batches(held)
                held, rows, given = [], 0, True
    if held or (not given and schema is not None):
        yield pa.Table.from_batches(held, schema)


def _write(rows: pa.Table, path: Path, publish: Callable[[pa.Table], pa.Table]) -> None:
    """Write one part and wait until it rests on the disk. No metadata beyond names and types."""
    first = publish(rows.slice(0, ROW_GROUP_ROWS)).replace_schema_metadata(None)
    with path.open("wb") as file:
        with pq.ParquetWriter(
            file, first.schema, compression="zstd", use_dictionary=True, write_statistics=True, store_schema=False
        ) as writer:
            writer.write_table(first, ROW_GROUP_ROWS)
            for start in range(ROW_GROUP_ROWS, rows.num_rows, ROW_GROUP_ROWS):
                group = publish(rows.slice(start, ROW_GROUP_ROWS))
                writer.write_table(group.replace_schema_metadata(None), ROW_GROUP_ROWS)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Wait until the names in *folder* rest on the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
