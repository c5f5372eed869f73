"""The three transactions of an answer: T1 reserves, T2 posts and logs, T3 says what was delivered.

What fails on its way is given up in a fourth.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from market.db import Database
from market.delivery.formats import Format, Outlet
from market.query import kept, reserving, runs
from market.query.asker import Asker
from market.query.assess import check_still
from market.query.assessed import Assessed, Grant
from market.query.at_work import AtWork
from market.query.errors import Code, QueryFailed
from market.query.reserving import Accounts, FlatDue
from market.query.verdicts import Denied
from policies.billing import Bill

T = TypeVar("T")


@dataclass(slots=True)
class Steps:
    """The steps of one process under one epoch, each a transaction of its own."""

    database: Database
    epoch: str
    clock: Callable[[], datetime]
    row_limit: int
    """The most rows one answer may hold."""
    at_work: AtWork = field(init=False)
    _accounts: dict[str, Accounts] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.at_work = AtWork(self.epoch)

    def reserve(self, assessed: Assessed, asker: Asker, *, rows: int | None = None) -> tuple[str, int]:
        """T1: the run is born and its cost set aside, or an interrupted paid run is taken up again.

        Up to *rows* are set aside, or as many as one answer may hold.

        The flat price of the month, where there is one, is charged before, in a transaction of its own.
        """
        at = self.clock()
        self.at_work.make_good(self.database, at=at)

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
        with self.at_work.beginning() as begin:
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
            self.give_up(run_id, asker, error.reason if isinstance(error, Denied) else status_of(error))
            raise
        finally:
            self.at_work.end(run_id)

    def give_up(self, run_id: str | None, asker: Asker, reason: str) -> None:
        """Give a run up, where one was born: what was set aside is free again, what was charged is refunded."""
        if run_id is None:
            return
        try:
            with self.database.writing() as session:
                runs.give_up(session, run_id, reason=reason, by=asker.id, epoch=self.epoch, at=self.clock())
        except DBAPIError:  # it is made good before the next question; what is told is why it was given up
            self.at_work.doubt(run_id)


def status_of(error: BaseException) -> str:
    """Say in a word how an answer ended that did not reach its end."""
    if isinstance(error, QueryFailed):
        return str(error.code)
    if isinstance(error, KeyboardInterrupt | OSError):
        return str(Code.CANCELLED)
    return "internal"
