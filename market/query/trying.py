"""Try SQL on a dataset's mock table: the same gate and the same engine, no licence, no price, no real row."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa
from sqlmodel import Session

from catalog.errors import NotFound
from catalog.previews import preview_of
from catalog.store import BlobStore
from market.query.errors import Code, QueryFailed, QueryRefused
from market.query.licensed import columns_of
from market.query.statements import gate
from market.query.verdicts import Denied
from market.query.workers.pool import WorkerPool
from market.query.workers.shadow import Shadow

MOST_ROWS = 10_000
"""Of an answer: it is a trial."""
MOST_BYTES = 16_000_000
"""Of an answer, which is held in memory whole."""


@dataclass(frozen=True, slots=True)
class Mock:
    """A mock table, and the name under which it is asked."""

    table: str
    path: Path


def mock_table(session: Session, store: BlobStore, dataset_id: str, *, at: datetime) -> Mock:
    """Find the mock table of a dataset's published release.

    Raises:
        NotFound: there is none to try.
    """
    preview = preview_of(session, dataset_id, at=at)
    if preview is None or preview.mock is None:
        fix = "List what is published with: sluice dataset list."
        raise NotFound(f"dataset {dataset_id!r}", "has no mock table", fix=fix)
    store.check(preview.mock)
    return Mock(name_of(dataset_id), store.open_path(preview.mock))


def name_of(dataset_id: str) -> str:
    """Make a plain table name of a dataset's identifier."""
    name = re.sub(r"\W", "_", dataset_id)
    return name if name.isidentifier() else f"t_{name}"


def attempt(pool: WorkerPool, mock: Mock, sql: str, *, firm: str | None = None) -> pa.Table:
    """Ask *sql* of a mock table, for *firm*.

    Raises:
        Denied: the gate refuses it, as it would on the real table.
        QueryFailed: it did not reach its end.
    """
    files = {mock.table: (mock.path,)}
    try:
        gate.check(sql, frozenset(files))
        Shadow(pool, {mock.table: columns_of(files[mock.table])}, files).scans(sql)
        with pool.run(files, sql, max_rows=MOST_ROWS, firm=firm) as result:
            return pa.Table.from_batches(_few(result), result.schema)
    except QueryRefused as refusal:
        raise Denied.by_engine(refusal) from refusal


def _few(batches: Iterable[pa.RecordBatch]) -> list[pa.RecordBatch]:
    """Take all batches, as long as they are no more than a trial may give."""
    taken, size = [], 0
    for batch in batches:
        size += batch.nbytes
        if size > MOST_BYTES:
            fix = "Ask for fewer rows or columns, or for shorter texts."
            raise QueryFailed(Code.ROW_LIMIT, f"A trial gives at most {MOST_BYTES // 1_000_000} MB.", fix=fix)
        taken.append(batch)
    return taken
