"""Answer a question in three transactions: T1 reserves, the worker runs, T2 posts and logs, T3 says what was delivered.

No session is open while the worker runs. A refusal costs nothing and is logged. The price is known before the run, so
it is posted when the engine has yielded its first batch; what fails by our fault after that is refunded.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime

from catalog.errors import NotFound
from catalog.events import Event, note
from market.db import Database
from market.delivery.formats import Format, FormatError, Outlet, Sink, check, write
from market.delivery.rows import RowsDigest
from market.delivery.spool import Spool, Tee
from market.query import kept
from market.query.aggregates.guarded import MOST_CELLS, Answer, answered
from market.query.asker import Asker
from market.query.assess import Assessor
from market.query.assessed import Assessed
from market.query.errors import Code, QueryFailed, QueryRefused
from market.query.question import Question
from market.query.refusals import note_refusal
from market.query.steps import Steps, status_of
from market.query.verdicts import Denied
from market.query.watching import watched
from market.query.workers.pool import WorkerPool
from market.query.workers.result import Result
from policies.billing import Bill
from policies.pricing import Quote

THEIRS = frozenset({Code.TIMEOUT, Code.CPU_LIMIT, Code.ROW_LIMIT, Code.CANCELLED, Code.VALUE_ERROR, Code.OUT_OF_MEMORY})
"""Ends that the statement itself brings about: what was delivered before them is paid for."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of an answered question."""

    run_id: str
    quote: Quote
    bill: Bill
    rows: int
    sha256: str


@dataclass(slots=True)
class QueryService:
    """The licensee's door: quotes and answers, for one process under one epoch."""

    database: Database
    assessor: Assessor
    pool: WorkerPool
    epoch: str
    clock: Callable[[], datetime]
    row_limit: int
    """The most rows one answer may hold."""
    spool: Spool
    """Where copies of answers are kept."""
    _live: dict[str, tuple[str | None, Result]] = field(default_factory=dict)
    """The questions being answered now, with the firm that asked."""
    steps: Steps = field(init=False)
    """The transactions of its answers."""

    def __post_init__(self) -> None:
        self.steps = Steps(self.database, self.epoch, self.clock, self.row_limit)

    def quote(self, question: Question, asker: Asker) -> Assessed:
        """Price *question* without reading data. Quotes and refusals are logged."""
        assessed = self.assess(question, asker)
        with self.database.writing() as session:
            details = {"purpose": question.purpose, "sql": question.sql_hash, "amount_fen": assessed.quote.amount_fen}
            details |= question.named
            event = Event(
                action="query:quoted", subject=question.agreement_id, by=asker.id, at=self.clock(), details=details
            )
            note(session, event)
        return assessed

    def answer(
        self,
        question: Question,
        asker: Asker,
        sink: Sink,
        format: Format,
        *,
        keep_bytes: int = 0,
        charged: Callable[[str, Quote, Bill], None] = lambda run_id, quote, bill: None,
        hand_over: Callable[[], None] = lambda: None,
    ) -> Delivery:
        """Run *question*, charge its quote, and write the rows to *sink*.

        An answer of up to *keep_bytes* is kept for a day: asked again with its key, it is given again at no charge.
        *charged* is called with the run, its quote and its bill before the first row is written. *hand_over* is called
        when *sink* holds the whole answer, and before the log says that it was delivered: what a crash takes between
        the two can be asked for again with the same key.

        Raises:
            Denied: refused; nothing is charged.
            QueryFailed: it did not reach its end. What the statement itself brought about after its first batch is
                charged; what we brought about is not.
        """
        assessed = self.assess(question, asker)
        run_id, handed_over, joined = None, False, bool(question.others)
        try:
            if keep_bytes:
                again = kept.find(self.database, self.spool, assessed, format, by=asker.id, at=self.clock())
                if again is not None:
                    charged(again.run_id, assessed.quote, again.bill)
                    again.send(sink)
                    hand_over()
                    return Delivery(again.run_id, assessed.quote, again.bill, again.rows, again.sha256)
            run_id, row_limit = self.steps.reserve(assessed, asker)
            with (
                self.spool.copy(keep_bytes) if keep_bytes else nullcontext() as copy,
                self.start(assessed, row_limit, firm=asker.party) as running,
                watched(self.database, assessed, running, self.clock),
                self._cancellable(run_id, asker, running),
            ):
                result = self.protected(assessed, running)
                _check_format(result, format)
                bill = self.steps.post(run_id, assessed, asker)
                charged(run_id, assessed.quote, bill)
                outlet, content = Outlet(sink if copy is None else Tee(sink, copy)), RowsDigest()
                try:
                    _write(result, content, outlet, format)
                    hand_over()
                    handed_over = True
                except (QueryFailed, OSError, KeyboardInterrupt) as error:
                    if not isinstance(error, QueryFailed) or error.code in THEIRS:
                        self.steps.settle(run_id, asker, outlet, format, status_of(error), joined=joined)
                    raise
                is_kept = copy is not None and kept.keep(self.database, copy, run_id)
                # What is read for aggregates is all, whatever is asked; saying so would only invite to look closer.
                read = None if assessed.guarded else running.usage.engine_bytes_read
                same = content.sha256()
                self.steps.settle(
                    *(run_id, asker, outlet, format, "complete", same),
                    is_kept=is_kept,
                    engine_bytes=read,
                    joined=joined,
                )
        except QueryRefused as refusal:
            self.steps.give_up(run_id, asker, refusal.code)
            raise self._refused(question, asker, Denied.by_engine(refusal)) from refusal
        except Denied as denied:
            self.steps.give_up(run_id, asker, denied.reason)
            raise self._refused(question, asker, denied) from None
        except BaseException as error:
            if run_id is not None and handed_over:  # it is paid for, though we could not say that it has left
                self.steps.at_work.doubt(run_id)
            else:
                self.steps.give_up(run_id, asker, status_of(error))
            raise
        finally:
            self.steps.at_work.end(run_id)
        return Delivery(run_id, assessed.quote, bill, outlet.rows, outlet.digest.hexdigest())

    def cancel(self, run_id: str, asker: Asker) -> None:
        """Stop a question of the asker's firm that this process is answering; it is charged if it had begun to answer.

        Raises:
            NotFound: no such question is being answered here.
        """
        firm, running = self._live.get(run_id, (None, None))
        if running is None or firm is None or firm != asker.firm:
            raise NotFound(f"query {run_id!r}", "is not being answered", fix="Check its number; it may have ended.")
        running.cancel()

    @contextmanager
    def _cancellable(self, run_id: str, asker: Asker, running: Result) -> Iterator[None]:
        self._live[run_id] = asker.firm, running
        try:
            yield
        finally:
            del self._live[run_id]

    def start(self, assessed: Assessed, row_limit: int, *, firm: str | None = None) -> Result:
        """Start what is run for a question of *firm*: the statement itself, or the one that was made of it."""
        if assessed.guarded is None:
            sql, parameters = assessed.question.sql, assessed.question.parameters
            return self.pool.run(assessed.files, sql, parameters=parameters, max_rows=row_limit, firm=firm)
        return self.pool.run(assessed.files, assessed.guarded.sql, max_rows=MOST_CELLS, firm=firm)

    def protected(self, assessed: Assessed, running: Result) -> Result | Answer:
        """Give what may leave: rows as they come, or aggregates once they are guarded."""
        if assessed.guarded is None or assessed.grant.rules is None:
            return running
        return answered(assessed.guarded, running, assessed.grant.rules, began_s=running.began_s)

    def assess(self, question: Question, asker: Asker) -> Assessed:
        """Decide on *question* and price it; a refusal is logged."""
        try:
            with self.database.reading() as session:
                return self.assessor.assess(session, question, firm=asker.firm, at=self.clock())
        except Denied as denied:
            raise self._refused(question, asker, denied) from denied.__cause__
        except NotFound:
            note_refusal(self.database, question, asker, "not-found", at=self.clock())
            raise

    def _refused(self, question: Question, asker: Asker, denied: Denied) -> Denied:
        note_refusal(self.database, question, asker, denied.reason, at=self.clock())
        return denied


def _write(result: Result | Answer, content: RowsDigest, outlet: Outlet, format: Format) -> None:
    """Write all of *result*; a value that *format* cannot hold is brought about by the statement."""
    batches = content.watch(result, result.schema)
    try:
        write(result.schema, batches, outlet, format, arrived=lambda: result.message)
    except FormatError as error:
        raise QueryFailed(Code.VALUE_ERROR, f"{error.found}.", fix=error.fix) from error


def _check_format(result: Result | Answer, format: Format) -> None:
    try:
        check(result.schema, format)
    except FormatError as error:
        raise Denied("format", f"{error.found}.", fix=error.fix) from None
