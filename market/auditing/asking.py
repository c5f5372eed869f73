"""Ask the log in SQL: the same gate, the same sandboxed workers and the same errors as for a licensee's question.

The log is written as a table into a private folder, which goes when the answer does, and is swept where its process
was killed. What is read of the log is logged before anybody sees it.
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa

from catalog.events import Event, note
from catalog.ids import MemberId
from catalog.store import BlobStore
from market.auditing import table
from market.auditing.filters import Filter, find
from market.db import Database
from market.query.errors import QueryError, QueryRefused
from market.query.statements import gate
from market.query.statements.lineage import Binder, Files, Tables
from market.query.verdicts import Denied
from market.query.workers.pool import WorkerPool
from market.query.workers.shadow import Shadow


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows read from the log, on disk until they are taken."""

    names: tuple[str, ...]
    rows: int
    _path: Path

    def __iter__(self) -> Iterator[dict[str, Any]]:
        with pa.OSFile(str(self._path)) as file, pa.ipc.open_stream(file) as reader:
            for batch in reader:
                yield from batch.to_pylist()


@dataclass(frozen=True, slots=True)
class LogDesk:
    """Where auditors ask: the database, a place for what is private, and the workers."""

    database: Database
    store: BlobStore
    pool: WorkerPool

    @contextmanager
    def ask(self, sql: str, *, within: Filter, by: MemberId, at: datetime) -> Iterator[Answer]:
        """Answer *sql* over the table `log`, which holds the entries *within* a filter.

        Raises:
            Denied: the statement may not be asked.
            QueryFailed: it did not reach its end.
        """
        said: dict[str, Any] = {
            "sql": hashlib.sha256(sql.encode(errors="replace")).hexdigest(),
            "within": within.said(),
        }
        with self.store.room() as room:
            try:
                answer = self._answer(sql, within, room)
            except QueryError as error:
                self._note({**said, "rows": 0, "status": error.code}, by=by, at=at)
                if isinstance(error, QueryRefused):
                    raise Denied.by_engine(error) from error
                raise
            self._note({**said, "rows": answer.rows, "status": "complete"}, by=by, at=at)
            yield answer

    def _answer(self, sql: str, within: Filter, room: Path) -> Answer:
        columns, held, path, rows = (
            touched(sql, partial(Shadow, self.pool)),
            room / "log.parquet",
            room / "answer.arrow",
            0,
        )
        with self.database.reading() as session:
            table.write(find(session, within), held, columns)
        with self.pool.run({table.NAME: (held,)}, sql) as result:
            with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, result.schema) as writer:
                for batch in result:
                    writer.write_batch(batch)
                    rows += batch.num_rows
            return Answer(tuple(result.schema.names), rows, path)

    def _note(self, details: dict[str, Any], *, by: MemberId, at: datetime) -> None:
        with self.database.writing() as session:
            note(session, Event(action="log:queried", subject="log", by=by, at=at, details=details))


def touched(sql: str, binder: Callable[[Tables, Files], Binder]) -> frozenset[str]:
    """Name the columns of the table that *sql* touches.

    Raises:
        QueryRefused: it may not be asked.
    """
    gate.check(sql, frozenset({table.NAME}))
    columns = [(name, kind) for name, (_, kind) in table.COLUMNS.items()]
    return frozenset(binder({table.NAME: columns}, {}).touched(sql).get(table.NAME, ()))
