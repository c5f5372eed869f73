"""Answer a question in three transactions: T1 reserves, the worker runs, T2 posts and logs, T3 says what was delivered.

No session is open while the worker runs. A refusal costs nothing and is logged. The price is known before the run, so
it is posted when the engine has yielded its first batch; what fails by our fault after that is refunded.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from catalog.errors import NotFound
from catalog.events import Event, note
from catalog.ids import MemberId
from market.audit import tally
from market.db import Database
from market.delivery.formats import Format, FormatError, Outlet, Sink, check, write
from market.delivery.rows import RowsDigest
from market.delivery.spool import Spool, Tee
from market.query import kept, reserving, runs
from market.query.aggregates.guarded import MOST_CELLS, Answer, answered
from market.query.assess import Assessor, check_still
from market.query.assessed import Assessed, Grant
from market.query.at_work import AtWork
from market.query.errors import Code, QueryFailed, QueryRefused
from market.query.question import Question
from market.query.reserving import Accounts, FlatDue
from market.query.verdicts import Denied
from market.query.workers.pool import WorkerPool
from market.query.workers.result import Result
from policies.billing import Bill
from policies.pricing import Quote

T = TypeVar("T")

THEIRS = frozenset({Code.TIMEOUT, Code.CPU_LIMIT, Code.ROW_LIMIT, Code.CANCELLED, Code.VALUE_ERROR, Code.OUT_OF_MEMORY})
"""Ends that the statement itself brings about: what was delivered before them is paid for."""

LOOK_S = 2.0
"""How often a streaming answer makes sure that it may still be given; a withdrawal must end it within 5 s."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: a member, for a firm."""

    id: MemberId
    firm: str | None


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
    _accounts: dict[str, Accounts] = field(default_factory=dict)
    _live: dict[str, tuple[str | None, Result]] = field(default_factory=dict)
    """The questions being answered now, with the firm that asked."""
    _at_work: AtWork = field(init=False)

    def __post_init__(self) -> None:
        self._at_work = AtWork(self.epoch)

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
            run_id, row_limit = self.reserve(assessed, asker)
            with (
                self.spool.copy(keep_bytes) if keep_bytes else nullcontext() as copy,
                self.start(assessed, row_limit) as running,
                self._watched(assessed, running),
                self._cancellable(run_id, asker, running),
            ):
                result = self.protected(assessed, running)
                _check_format(result, format)
                bill = self.post(run_id, assessed, asker)
                charged(run_id, assessed.quote, bill)
                outlet, content = Outlet(sink if copy is None else Tee(sink, copy)), RowsDigest()
                try:
                    batches = content.watch(result, result.schema)
                    write(result.schema, batches, outlet, format, arrived=lambda: result.message)
                    hand_over()
                    handed_over = True
                except (QueryFailed, OSError, KeyboardInterrupt) as error:
                    if not isinstance(error, QueryFailed) or error.code in THEIRS:
                        self.settle(run_id, asker, outlet, format, _status(error), joined=joined)
                    raise
                is_kept = copy is not None and kept.keep(self.database, copy, run_id)
                # What is read for aggregates is all, whatever is asked; saying so would only invite to look closer.
                read = None if assessed.guarded else running.usage.engine_bytes_read
                same = content.sha256()
                self.settle(
                    *(run_id, asker, outlet, format, "complete", same),
                    is_kept=is_kept,
                    engine_bytes=read,
                    joined=joined,
                )
        except QueryRefused as refusal:
            self._give_up(run_id, asker, refusal.code)
            raise self._refused(question, asker, Denied.by_engine(refusal)) from refusal
        except Denied as denied:
            self._give_up(run_id, asker, denied.reason)
            raise self._refused(question, asker, denied) from None
        except BaseException as error:
            if run_id is not None and handed_over:  # it is paid for, though we could not say that it has left
                self._at_work.doubt(run_id)
            else:
                self._give_up(run_id, asker, _status(error))
            raise
        finally:
            self._at_work.end(run_id)
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

    def start(self, assessed: Assessed, row_limit: int) -> Result:
        """Start what is run for a question: the statement itself, or the one that was made of it."""
        if assessed.guarded is None:
            question = assessed.question
            return self.pool.run(assessed.files, question.sql, parameters=question.parameters, max_rows=row_limit)
        return self.pool.run(assessed.files, assessed.guarded.sql, max_rows=MOST_CELLS)

    def protected(self, assessed: Assessed, running: Result) -> Result | Answer:
        """Give what may leave: rows as they come, or aggregates once they are guarded."""
        if assessed.guarded is None or assessed.grant.rules is None:
            return running
        return answered(assessed.guarded, running, assessed.grant.rules, began_s=running.began_s)

    @contextmanager
    def _watched(self, assessed: Assessed, result: Result) -> Iterator[None]:
        """End the run when its agreement or its release ends while it streams, within `LOOK_S` and a moment."""
        done = threading.Event()

        def look() -> None:
            while not done.wait(LOOK_S):
                try:
                    with self.database.reading() as session:
                        check_still(session, assessed, at=self.clock())
                except Exception:  # refused, or unable to make sure: either way it ends
                    result.cancel()
                    return

        watcher = threading.Thread(target=look, name="release-watch", daemon=True)
        watcher.start()
        try:
            yield
        finally:
            done.set()
            watcher.join()

    def assess(self, question: Question, asker: Asker) -> Assessed:
        """Decide on *question* and price it; a refusal is logged."""
        try:
            with self.database.reading() as session:
                return self.assessor.assess(session, question, firm=asker.firm, at=self.clock())
        except Denied as denied:
            raise self._refused(question, asker, denied) from denied.__cause__
        except NotFound:
            self._log_refusal(question, asker, "not-found")
            raise

    def reserve(self, assessed: Assessed, asker: Asker, *, rows: int | None = None) -> tuple[str, int]:
        """T1: the run is born and its cost set aside, or an interrupted paid run is taken up again.

        Up to *rows* are set aside, or as many as one answer may hold.

        The flat price of the month, where there is one, is charged before, in a transaction of its own.
        """
        at = self.clock()
        self._at_work.make_good(self.database, at=at)

        def reserve(session: Session, accounts: Sequence[Accounts]) -> tuple[str, int]:
            run_id, granted = reserving.reserve(
                session, assessed, accounts, by=asker.id, epoch=self.epoch, row_limit=rows or self.row_limit, at=at
            )
            begin(run_id)
            return run_id, granted

        def subscribe(session: Session, accounts: Sequence[Accounts]) -> None:
            check_still(session, assessed, at=at)
            for share, own in zip(assessed.shares, accounts, strict=True):
                if share.grant.terms.price.flat_fen(assessed.purpose):
                    reserving.subscribe(session, share, assessed.purpose, own, by=asker.id, epoch=self.epoch, at=at)

        grants = [share.grant for share in assessed.shares]
        with self._at_work.beginning() as begin:
            try:
                return self._paying(grants, reserve, at)
            except FlatDue:
                self._paying(grants, subscribe, at)
                return self._paying(grants, reserve, at)

    def _paying(self, grants: Sequence[Grant], step: Callable[[Session, Sequence[Accounts]], T], at: datetime) -> T:
        """Take a step in a transaction of its own, on the accounts of *grants*, which stay the same."""
        with self.database.writing() as session:
            accounts = {
                grant.agreement_id: self._accounts.get(grant.agreement_id)
                or reserving.accounts_of(session, grant, at=at)
                for grant in grants
            }
            done = step(session, list(accounts.values()))
        self._accounts.update(accounts)
        return done

    def post(self, run_id: str, assessed: Assessed, asker: Asker) -> Bill:
        """T2: states are checked again, the cost is posted, and the entry says what is being answered."""
        at = self.clock()
        with self.database.writing() as session:
            check_still(session, assessed, at=at)
            return runs.post(session, run_id, assessed, by=asker.id, epoch=self.epoch, at=at)

    def settle(
        self,
        run_id: str,
        asker: Asker,
        outlet: Outlet,
        format: Format,
        status: str,
        rows_sha256: str | None = None,
        *,
        is_kept: bool = False,
        engine_bytes: int | None = None,
        joined: bool = False,
    ) -> None:
        """T3: what was delivered is said, its rows are counted, and a copy that rests gets its row."""
        at = self.clock()
        with self.database.writing() as session:
            if is_kept:
                kept.enter(session, run_id, outlet, format, at=at)
            runs.settle(
                session,
                run_id,
                rows=outlet.rows,
                sha256=outlet.digest.hexdigest(),
                rows_sha256=rows_sha256,
                engine_bytes=engine_bytes,
                joined=joined,
                size_bytes=outlet.size_bytes,
                format=format,
                status=status,
                by=asker.id,
                epoch=self.epoch,
                at=at,
            )

    @contextmanager
    def undertaken(self, run_id: str, asker: Asker) -> Iterator[None]:
        """Give a reserved run up where the block fails."""
        try:
            yield
        except BaseException as error:
            self._give_up(run_id, asker, error.reason if isinstance(error, Denied) else _status(error))
            raise
        finally:
            self._at_work.end(run_id)

    def _give_up(self, run_id: str | None, asker: Asker, reason: str) -> None:
        if run_id is None:
            return
        try:
            with self.database.writing() as session:
                runs.give_up(session, run_id, reason=reason, by=asker.id, epoch=self.epoch, at=self.clock())
        except DBAPIError:  # it is made good before the next question; what is told is why it was given up
            self._at_work.doubt(run_id)

    def _refused(self, question: Question, asker: Asker, denied: Denied) -> Denied:
        self._log_refusal(question, asker, denied.reason)
        return denied

    def _log_refusal(self, question: Question, asker: Asker, reason: str) -> None:
        with self.database.writing() as session:
            details = {"reason": reason, "purpose": question.purpose[:64], "sql": question.sql_hash}
            details |= question.named
            event = Event(
                action="query:refused",
                subject=question.agreement_id[:64],
                by=asker.id,
                at=self.clock(),
                details=details,
            )
            tally.refused(session, event, reason)


def _check_format(result: Result | Answer, format: Format) -> None:
    try:
        check(result.schema, format)
    except FormatError as error:
        raise Denied("format", f"{error.found}.", fix=error.fix) from None


def _status(error: BaseException) -> str:
    if isinstance(error, QueryFailed):
        return str(error.code)
    if isinstance(error, KeyboardInterrupt | OSError):
        return str(Code.CANCELLED)
    return "internal"
