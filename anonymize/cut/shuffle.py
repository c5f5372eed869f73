"""The order of a cut's rows: by what people filter on, as published, and a draw of the cut's own where rows sort alike.

Cuts that kept the order of their edition could be laid side by side, row by row: one with the quasi-identifiers, one
with the rest, together the edition. So rows that sort alike stand in an order drawn for this cut alone, the ChaCha20
key stream of 32 bytes that are never written: where a row stands says nothing that the cut does not show.
"""

import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import ChaCha20

from anonymize.building.scratch import Scratch, ScratchError
from anonymize.edition import ROW_GROUP_ROWS
from anonymize.kanonymity.lattice import Ints

SECRET_BYTES = 32
MEMORY_MB = 512
"""Memory for the rows that are put in order; what is more goes into encrypted temporary files."""
SCRATCH = ".scratch"


@dataclass(frozen=True, slots=True)
class Shuffled:
    """Rows in their order, read once."""

    batches: Iterator[pa.RecordBatch]
    owners: list[pa.Array] = field(default_factory=list)
    """Whose the rows of the batches given so far are, where that was told."""


@contextmanager
def shuffled(
    batches: Iterable[pa.RecordBatch],
    schema: pa.Schema,
    *,
    sort_by: Sequence[str],
    secret: bytes,
    folder: Path,
    owners: Ints | None = None,
) -> Iterator[Shuffled]:
    """Give the rows of *batches* sorted by those of *sort_by* that *schema* has, null last, and drawn where alike.

    *owners* numbers the owner of each row, and follows the rows. Temporary files are in *folder*, a workplace.

    Raises:
        ScratchError: the disk does not suffice.
    """
    if len(secret) != SECRET_BYTES:
        raise ValueError(f"the secret of an order has {SECRET_BYTES} bytes")
    order = [f"p{schema.names.index(name)} NULLS LAST" for name in sort_by if name in schema.names]
    held = pa.schema(
        [
            *((f"p{place}", kind.type) for place, kind in enumerate(schema)),
            *([] if owners is None else [("owner", pa.int64())]),
            ("draw", pa.uint64()),
        ]
    )
    given = ", ".join(held.names[:-1])
    place = folder / SCRATCH
    try:
        with Scratch(place, MEMORY_MB) as scratch:
            scratch.fill("CREATE TABLE rows AS SELECT * FROM stream", held, _drawn(batches, held, secret, owners), {})
            sql = f"SELECT {given} FROM rows ORDER BY {', '.join([*order, 'draw'])}"  # noqa: S608  # names of our own
            ordered = scratch.batches(sql, ROW_GROUP_ROWS)
            found: list[pa.Array] = []
            yield Shuffled(_told(ordered, schema, found), found)
    except ScratchError as error:
        fix = "Free space on the disk that the cut is made on, then make it again."
        raise ScratchError("cut", error.found, fix=fix) from None
    shutil.rmtree(place)


def _drawn(
    batches: Iterable[pa.RecordBatch], held: pa.Schema, secret: bytes, owners: Ints | None
) -> Iterator[pa.RecordBatch]:
    """Put beside each row its owner and its draw."""
    stream = Cipher(ChaCha20(secret, bytes(16)), mode=None).encryptor().update
    at = 0
    for batch in batches:
        size = batch.num_rows
        whose = [] if owners is None else [pa.array(owners[at : at + size], pa.int64())]
        draws = pa.array(np.frombuffer(stream(bytes(8 * size)), "<u8"))
        yield pa.RecordBatch.from_arrays([*batch.columns, *whose, draws], schema=held)
        at += size


def _told(batches: Iterator[pa.RecordBatch], schema: pa.Schema, owners: list[pa.Array]) -> Iterator[pa.RecordBatch]:
    """Give the batches as *schema* has them, and put what follows their columns among *owners*."""
    for batch in batches:
        owners += batch.columns[len(schema) :]
        yield pa.RecordBatch.from_arrays(
            [column.cast(kind.type) for column, kind in zip(batch.columns[: len(schema)], schema, strict=True)],
            schema=schema,
        )
