"""The members of an edition: whose rows are published in which class, for the release after it."""

import io
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from anonymize.building.nesting import Edition
from anonymize.building.scratch import Scratch
from anonymize.building.treating import Treated
from policies.columns import Role

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

BATCH_ROWS = 122_880
WHO = "who"


def members_of(scratch: Scratch, edition: Edition, treated: Treated, *, repeated: bool) -> io.RawIOBase:
    """Give the Parquet of *edition*'s members as a stream: digest, then its quasi-identifiers, `c0` and on."""
    columns, joins, labels = [f"unhex(replace({WHO}::VARCHAR, '-', '')) AS {WHO}"], [], []
    for place, column in enumerate(edition.carries(Role.QUASI_IDENTIFIER)):
        level = edition.levels[column.name]
        assert level is not None  # quasi-identifiers are generalised
        hierarchy, table = treated.generalised[column.name].hierarchy, f"member_{edition.profile.name}_{place}"
        nodes = hierarchy.codes[level]
        scratch.put(table, pa.table({"leaf": np.arange(len(nodes), dtype=np.int32), "node": nodes}))
        joins.append(f"JOIN {table} ON {edition.rows}.{treated.value(column)} = {table}.leaf")
        columns.append(f"{table}.node AS c{place}")
        labels.append(pa.array(hierarchy.labels[level], pa.string()))
    once = "DISTINCT " if repeated else ""
    sql = f"SELECT {once}{', '.join(columns)} FROM {edition.rows} {' '.join(joins)}"  # noqa: S608  # names of our own
    return _Poured(scratch.batches(sql, BATCH_ROWS), labels)


class _Poured(io.RawIOBase):
    """Parquet in the making, read as it grows: nothing of it lies on a disk in clear."""

    def __init__(self, batches: Iterator[pa.RecordBatch], labels: Sequence[pa.Array]) -> None:
        self._batches, self._labels, self._sink = batches, labels, _Sink()
        fields = [(f"c{place}", pa.string()) for place in range(len(labels))]
        self._schema = pa.schema([(WHO, pa.binary()), *fields])
        self._writer: pq.ParquetWriter | None = pq.ParquetWriter(self._sink, self._schema, compression="zstd")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer).cast("B")
        while len(self._sink.held) < len(view) and self._writer is not None:
            batch = next(self._batches, None)
            if batch is None:
                self._writer.close()
                self._writer = None
            else:
                texts = [text.take(batch.column(place + 1)) for place, text in enumerate(self._labels)]
                self._writer.write_batch(pa.record_batch([batch.column(0), *texts], schema=self._schema))
        part = bytes(self._sink.held[: len(view)])
        del self._sink.held[: len(part)]
        view[: len(part)] = part
        return len(part)


class _Sink(io.RawIOBase):
    """Where the writer's bytes wait until they are read."""

    def __init__(self) -> None:
        self.held = bytearray()
        self._at = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def write(self, data: "WriteableBuffer") -> int:
        part = bytes(data)
        self.held += part
        self._at += len(part)
        return len(part)
