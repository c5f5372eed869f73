"""The physical form of an edition: which rows, in which order, in what Parquet.

Nothing of the source shows in it. Rows are sorted by what people filter on, as published, and rows that sort alike
stand in an order drawn from the release's secret. Values are written as plain arrays: an encoded column would carry
its dictionary along, suppressed values and source order included.
"""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import ChaCha20

ROW_GROUP_ROWS = 122_880
"""DuckDB's own group size: one group is one unit of parallel scan and of pruning."""


def order(table: pa.Table, sort_by: Sequence[str], key: bytes) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Give the positions of *table* in the edition's order: by *sort_by*, ties as *key* draws them, nulls last.

    The draw is the ChaCha20 key stream, 64 bits a row; two rows draw alike once in 2**64 / rows² cases.
    """
    stream = Cipher(ChaCha20(key, bytes(16)), mode=None).encryptor().update(bytes(8 * table.num_rows))
    keyed = table.select(list(dict.fromkeys(sort_by))).append_column("\0draw", pa.array(np.frombuffer(stream, "<u8")))
    keys = [(name, "ascending") for name in keyed.column_names]
    positions = pc.sort_indices(keyed, sort_keys=keys).to_numpy()
    return np.asarray(positions, dtype=np.int64)


def write(table: pa.Table, path: Path) -> None:
    """Write *table* as Parquet and wait until it rests on the disk. No metadata beyond names and types."""
    with path.open("wb") as file:
        pq.write_table(
            table.replace_schema_metadata(None),
            file,
            compression="zstd",
            use_dictionary=True,
            row_group_size=ROW_GROUP_ROWS,
            write_statistics=True,
            store_schema=False,
        )
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Wait until the names in *folder* rest on the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
