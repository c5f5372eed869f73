"""The way of a cut: filter → suppress → shuffle → write → gate → evidence → one rename. Two passes, in batches."""

import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from anonymize.cut.classes import Kept, codes, keep
from anonymize.cut.filter import Filter
from anonymize.cut.parent import CutRefused, Parent, body_of
from anonymize.cut.proof import ATTESTED, FORMAT, KIND, RECOMPUTABLE, failures_of, from_parquet
from anonymize.cut.shuffle import SECRET_BYTES, shuffled
from anonymize.edition import ROW_GROUP_ROWS, sync_folder
from anonymize.errors import GateFailed
from anonymize.evidence import Evidence, describe_file
from anonymize.kanonymity.lattice import Ints
from anonymize.kanonymity.optimum import Bools
from anonymize.risk import measure
from anonymize.signing import Signer
from anonymize.workplace import workplace
from policies.cut import CutSpec

FILE = "part-00000.parquet"


def make_cut(
    spec: CutSpec,
    parent: Parent,
    files: Sequence[Path],
    out: Path,
    *,
    signer: Signer,
    at: datetime,
    secret: bytes | None = None,
) -> Evidence:
    """Make the part *spec* of the edition in *files* in the new folder *out*, and sign the proof of it.

    *secret* is what the order of rows that sort alike is drawn from: 32 random bytes, drawn anew unless given.

    Raises:
        CutRefused: which rule stands against it, in which column, and what to drop or coarsen.
        GateFailed: the written cut misses a threshold; nothing was made.
        TargetError: *out* is there already.
    """
    if at.tzinfo is None:
        raise ValueError("the moment of a cut needs a time zone")
    parent.check(spec)
    with workplace(out) as folder:
        rows = _Rows(spec, parent, files)
        kept = rows.choose()
        body = body_of(
            parent,
            spec,
            filtered=rows.filtered,
            suppressed=rows.filtered - int(kept.rows.sum()),
            classes=kept.classes,
        )
        path = folder / FILE
        with shuffled(
            rows.written(kept),
            rows.schema,
            sort_by=parent.sort_by,
            secret=os.urandom(SECRET_BYTES) if secret is None else secret,
            folder=folder,
            owners=rows.owners(kept),
        ) as ordered:
            _write(path, rows.schema, ordered.batches)
        sync_folder(folder)
        body |= {
            "format": FORMAT,
            "kind": KIND,
            "created_at": at,
            "files": [describe_file(folder, path)],
            "recomputable": list(RECOMPUTABLE),
            "attested": list(ATTESTED),
            "tools": {name: version(name) for name in ("duckdb", "numpy", "pyarrow")},
        }
        body["risk"] = _gate(path, body, ordered.owners, parent)
        signed = Evidence.sign(body, signer)
        signed.write(folder)
    return signed


class _Rows:
    """The filtered rows of an edition: what decides about them is in memory, the rest is read again to be written."""

    def __init__(self, spec: CutSpec, parent: Parent, files: Sequence[Path]) -> None:
        self._parent, self._files = parent, files
        self._columns = [entry["name"] for entry in parent.published if entry["name"] in spec.columns]
        schema = pq.read_schema(files[0])
        self.schema = pa.schema([(name, schema.field(name).type) for name in self._columns])
        self._filter = Filter(spec.where, schema)
        used = set(self._filter.columns)
        self._quasi = parent.named("quasi_identifier", spec.columns)
        self._sensitive = [n for n in parent.named("sensitive_attribute", spec.columns) if n not in used]
        self._needed = [*self._quasi, *self._sensitive, *([parent.token] if parent.token else [])]
        masks, chosen = [], []
        for batch in self._batches([*self._needed, *self._filter.columns]):
            mask = self._filter.mask(batch)
            masks.append(mask)
            chosen.append(batch.select(self._needed).filter(pa.array(mask)))
        self._mask: Bools = np.concatenate(masks) if masks else np.zeros(0, np.bool_)
        self._table = pa.Table.from_batches(chosen, pa.schema([schema.field(name) for name in self._needed]))
        self.filtered = int(self._mask.sum())

    def choose(self) -> Kept:
        """Choose the rows that stay."""
        if not self.filtered:
            raise CutRefused("where", "no row fulfils the filter", fix="Widen it, and write values as published.")
        token = self._parent.token
        return keep(
            {name: self._table[name] for name in self._quasi},
            {name: self._table[name].combine_chunks() for name in self._sensitive},
            None if token is None else self._table[token],
            rows=self.filtered,
            profile=self._parent.profile,
            linked=self._parent.linked and token in self._columns,
        )

    def owners(self, kept: Kept) -> Ints | None:
        """Number the owners of the rows that stay, where the edition has tokens and the cut does not carry them."""
        token = self._parent.token
        if token is None or token in self._columns:
            return None
        return codes(self._table[token].filter(pa.array(kept.rows)))[0]

    def written(self, kept: Kept) -> Iterator[pa.RecordBatch]:
        """Read the rows that stay, in the edition's order, with the columns of the cut."""
        stays = self._mask.copy()
        stays[self._mask] = kept.rows
        at = 0
        for batch in self._batches(self._columns):
            yield batch.filter(pa.array(stays[at : at + batch.num_rows]))
            at += batch.num_rows

    def _batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        wanted = list(dict.fromkeys(columns)) or self._columns[:1]
        for path in self._files:
            with pq.ParquetFile(path) as file:
                for batch in file.iter_batches(batch_size=ROW_GROUP_ROWS, columns=wanted):
                    yield batch.select(wanted)


def _write(path: Path, schema: pa.Schema, batches: Iterator[pa.RecordBatch]) -> None:
    """Write row groups as an edition has them, and wait until they rest on the disk."""
    waiting: list[pa.RecordBatch] = []
    options = {"compression": "zstd", "use_dictionary": True, "write_statistics": True, "store_schema": False}
    with path.open("wb") as file:
        with pq.ParquetWriter(file, schema, **options) as writer:
            for batch in batches:
                waiting.append(batch)
                if sum(item.num_rows for item in waiting) >= ROW_GROUP_ROWS:
                    table = pa.Table.from_batches(waiting)
                    writer.write_table(table.slice(0, ROW_GROUP_ROWS), row_group_size=ROW_GROUP_ROWS)
                    waiting = table.slice(ROW_GROUP_ROWS).to_batches()
            if waiting:
                writer.write_table(pa.Table.from_batches(waiting), row_group_size=ROW_GROUP_ROWS)
        file.flush()
        os.fsync(file.fileno())


def _gate(path: Path, body: dict[str, Any], owners: Sequence[pa.Array], parent: Parent) -> dict[str, Any]:
    """Measure the written file, by the *owners* of its rows too where some are told, and judge it; give the figures.

    Raises:
        GateFailed: a threshold does not hold.
    """
    alone = from_parquet([path], body)
    after = alone
    if owners:
        table = pq.read_table(path, partitioning=None)
        owner = "subject" + "_" * max(map(len, table.column_names))
        named = parent.named("quasi_identifier", table.column_names)
        sensitive = [name for name in alone.l_distinct if name in table.column_names]
        after = measure(table.append_column(owner, pa.chunked_array(owners)), named, sensitive, owner, whole_sets=False)
    for risk in (after, alone):
        failures = failures_of(risk, body)
        if failures:
            raise GateFailed(failures)
    return {"after": after.to_dict(), "from_parquet": alone.to_dict()}
