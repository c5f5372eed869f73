"""The answer as it arrives: a schema, batches, and at the end what it cost."""

import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Protocol, Self

import pyarrow as pa

from market.query.errors import Code, QueryError, QueryFailed, QueryRefused
from market.query.statements.parameters import NONE, Parameters, plain
from market.query.workers import wire
from market.query.workers.background import FRONT_CPU_S
from market.query.workers.process import Process
from market.query.workers.wire import Kind

_WORDS: Final[dict[Code, tuple[str, str]]] = {
    Code.TIMEOUT: ("The query reached its time limit.", "Read fewer rows or columns, or filter on the sorted columns."),
    Code.CPU_LIMIT: ("The query used up its processor time.", "Read fewer rows, or ask for a simpler calculation."),
    Code.OUT_OF_MEMORY: ("The query needs more memory than it may use.", "Group or sort fewer rows at a time."),
    Code.ROW_LIMIT: ("The answer has more rows than allowed.", "Add a LIMIT or a filter, or aggregate."),
    Code.VALUE_ERROR: ("A value could not be converted or is out of range.", "Use TRY_CAST, or filter such rows out."),
    Code.WORKER_LOST: ("The worker ended before its answer did.", "Ask again; a new worker has taken its place."),
    Code.CANCELLED: ("The query was cancelled.", "Ask again when you are ready."),
    Code.ENGINE_ERROR: ("The engine could not run the statement.", "Try a simpler form of it."),
}


GRACE_S: Final = 0.5
"""How long a question that was interrupted may take to end before its worker is killed."""

Arrived = tuple[pa.RecordBatch, bytes | None]
"""A batch, and the message in which it came, where that may be passed on."""


def passable(message: bytes, batch: pa.RecordBatch) -> bytes | None:
    """Give the message of a batch where it holds that batch and nothing else.

    A worker is not trusted: what it hides beside the rows that are counted must not leave with them.
    """
    return message if len(message) == pa.ipc.get_record_batch_size(batch) else None


@dataclass(frozen=True, slots=True)
class Usage:
    """What one query used; *engine_bytes_read* is evidence, not the bill, and None when the engine kept no account."""

    rows: int
    engine_bytes_read: int | None
    cpu_s: float
    wall_s: float


class Lender(Protocol):
    """Whom the worker of a result belongs to."""

    def take_back(self, result: "Result", *, reusable: bool, replace: bool) -> None:
        """Take the worker back as its result ends: keep it where *reusable*, *replace* it where it is lost."""


class Result:
    """One running query. Iterate it to the end, or leave its ``with`` block: the worker is given back either way."""

    def __init__(
        self,
        lender: Lender,
        process: Process,
        *,
        max_rows: int,
        deadline: float,
        cpu_budget_s: float,
        firm: str | None = None,
    ) -> None:
        self.schema: pa.Schema = pa.schema([])
        self.message: bytes | None = None
        """The Arrow IPC message in which the batch given last came, to be passed on as it is."""
        self.began_s = time.monotonic()
        self._deadline = deadline
        self.process = process
        self.firm = firm
        self._lender = lender
        self._max_rows = max_rows
        self._rows = 0
        self._usage: Usage | None = None
        self._first: Arrived | None = None
        self._over = False
        self._lock = threading.Lock()
        self._stopped_for: Code | None = None
        self._stop_at: float | None = None
        self._cpu_budget_s = cpu_budget_s
        self._cpu_before_s = process.cpu_s()
        self.gave_way = False
        """Whether it used so much processor time that it was moved to the background."""

    @property
    def usage(self) -> Usage:
        """What it used, known after the last batch."""
        if self._usage is None:
            raise RuntimeError("usage is known after the last batch has been taken")
        return self._usage

    def start(self, sql: str, parameters: Parameters = NONE) -> None:
        """Send the question and wait for the first batch, or for an empty end."""
        try:
            self.process.run({"sql": sql, "parameters": plain(parameters), "max_rows": self._max_rows})
            kind, buffer = wire.receive(self.process.sock)
            if kind is Kind.SCHEMA:
                self.schema = pa.ipc.read_schema(pa.py_buffer(buffer))
                self._first = self._next()
            else:
                self._end(kind, buffer)
        except wire.Lost as error:
            raise self._lost() from error
        except BaseException:
            self.close()
            raise

    def ask(self, order: Mapping[str, Any]) -> dict[str, Any]:
        """Send an order that is answered in one frame, and give the answer."""
        try:
            self.process.run(order)
            kind, buffer = wire.receive(self.process.sock)
            if kind is not Kind.DONE:
                self._end(kind, buffer)
            said = wire.decoded(buffer)
        except wire.Lost as error:
            raise self._lost() from error
        except BaseException:
            self.close()
            raise
        self._finish(reusable=True)
        return said

    def cpu_s(self) -> float:
        """The processor time it has used so far."""
        return self.process.cpu_s() - self._cpu_before_s

    def cancel(self) -> None:
        """Stop the query from any thread; whoever iterates gets CANCELLED."""
        self.stop(Code.CANCELLED)

    def stop(self, reason: Code) -> None:
        """Note why it has to end; the supervisor interrupts, insists, and kills."""
        with self._lock:
            if self._stopped_for is None and not self._over:
                self._stopped_for, self._stop_at = reason, time.monotonic()
        self.process.interrupt()

    def tend(self) -> None:
        """Called every tick: interrupt it past its deadline or budget, kill what does not listen, let it give way."""
        now = time.monotonic()
        if self._stop_at is None:
            used = self.cpu_s()
            if now >= self._deadline:
                self.stop(Code.TIMEOUT)
            elif used > self._cpu_budget_s:
                self.stop(Code.CPU_LIMIT)
            elif used > FRONT_CPU_S and not self.process.background:
                self.gave_way = True
                self.process.give_way()
        elif now - self._stop_at > GRACE_S:
            self.process.kill()
        else:
            self.process.interrupt()

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        while True:
            arrived, self._first = self._first, None
            if arrived is None:
                if self._over:
                    return
                try:
                    arrived = self._next()
                except wire.Lost as error:
                    raise self._lost() from error
                if arrived is None:
                    return
            batch, self.message = arrived
            yield batch

    def close(self) -> None:
        """Give the worker back, or end it when it is still busy with this query."""
        self._finish(reusable=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _next(self) -> Arrived | None:
        kind, buffer = wire.receive(self.process.sock)
        if kind is not Kind.BATCH:
            self._end(kind, buffer)
            return None
        try:
            batch = pa.ipc.read_record_batch(pa.py_buffer(buffer), self.schema)
        except pa.ArrowException as error:
            raise wire.Lost from error
        self._rows += batch.num_rows
        if self._rows > self._max_rows:
            self.close()
            raise _failure(Code.ROW_LIMIT, None)
        return batch, passable(buffer, batch)

    def _end(self, kind: Kind, buffer: bytes) -> None:
        """Take the last frame: what it used, or why there is no more."""
        said: dict[str, Any] = wire.decoded(buffer)
        if kind is Kind.DONE:
            self._usage = Usage(**said)
            self._finish(reusable=True)
            return
        self._finish(reusable=not said.get("fatal", True))
        code = Code(said["code"]) if kind is Kind.ERROR else Code.WORKER_LOST
        raise _failure(self._stopped_for or code, said.get("detail"))

    def _lost(self) -> QueryError:
        self._finish(reusable=False, lost=self._stopped_for is None)
        return _failure(self._stopped_for or Code.WORKER_LOST, None)

    def _finish(self, *, reusable: bool, lost: bool = False) -> None:
        with self._lock:
            if self._over:
                return
            self._over = True
            # An interrupt may still be on its way; a worker that was told to stop answers nobody else's question.
            reusable = reusable and self._stopped_for is None
        self._lender.take_back(self, reusable=reusable, replace=lost)


def _failure(code: Code, detail: str | None) -> QueryError:
    if code is Code.PLAN_REFUSED:
        return QueryRefused(
            code, "The statement would read something other than the licensed tables.",
            fix="Read only the tables that are offered.", detail=detail,
        )  # fmt: skip
    message, fix = _WORDS.get(code, _WORDS[Code.ENGINE_ERROR])
    return QueryFailed(code, message, fix=fix, detail=detail)
