"""Whatever is done to the ledger in whatever order, and by whom, a plain model comes to the same; on both databases.

Two firms pay one publisher in fen, and an agreement has a quota of rows and a privacy budget beside them. Processes of
two epochs reserve, post, void, give up and reverse; time passes, anybody sweeps, and keys are used again.
"""

import shutil
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select

from catalog.events import Event, note
from catalog.ids import MemberId
from market.db import Database
from market.ledger import giving_up, idempotency, sweeping, transfers
from market.ledger.idempotency import KEPT, KeyReused
from market.ledger.models import Kind, Unit
from market.ledger.transfers import ACCOUNTS, BudgetSpent, InsufficientBalance, Move, StaleTransfer
from market.ledger.verify import verify
from tests.common import postgres
from tests.common.clock import BEGIN
from tests.common.fixtures import sqlite_database

PAYERS = (("firm 0", Kind.CREDIT, Unit.FEN), ("firm 1", Kind.CREDIT, Unit.FEN))
QUOTAS = (("agreement", Kind.QUOTA, Unit.ROWS), ("agreement", Kind.QUOTA, Unit.NANO_RHO))
GIVERS = PAYERS + QUOTAS
BUDGET = 3
CAUSES, EPOCHS, KEYS = ("a", "b"), ("e", "f"), ("k", "l")
amounts = st.tuples(*[st.integers(0, 60)] * len(GIVERS))


@dataclass
class Pending:
    """A transfer that the model holds for pending."""

    id: str
    giver: int
    amount: int
    cause: str
    epoch: str
    expires_at: datetime


class LedgerMachine(RuleBasedStateMachine):
    """The ledger and the model side by side, on SQLite."""

    @initialize()
    def begin(self) -> None:
        """Open the accounts."""
        self.database = self.opened()
        self.now = BEGIN
        self.balance, self.reserved = [0] * len(GIVERS), [0] * len(GIVERS)
        self.pending: list[Pending] = []
        self.posted: dict[tuple[int, str], int] = {}
        self.keys: dict[str, tuple[str, str, datetime]] = {}
        self.granted = 0
        with self.database.writing() as session:
            self.accounts = [
                transfers.open_account(session, owner=owner, kind=kind, unit=unit, at=BEGIN)
                for owner, kind, unit in GIVERS
            ]
            self.takers = [
                transfers.open_account(
                    session, owner="taker", kind=Kind.INCOME if unit is Unit.FEN else Kind.USED, unit=unit, at=BEGIN
                )
                for _, _, unit in GIVERS
            ]

    def opened(self) -> Database:
        """Open an empty database."""
        self.folder = Path(tempfile.mkdtemp(prefix="sluice-ledger-"))
        return sqlite_database(self.folder)

    @rule(seconds=st.integers(1, 90))
    def wait(self, seconds: int) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)

    @rule(giver=st.integers(0, len(GIVERS) - 1), amount=st.integers(1, 100))
    def grant(self, giver: int, amount: int) -> None:
        """Top an account up."""
        with self.database.writing() as session:
            self.issue(session, giver, amount)
        self.balance[giver] += amount

    @rule(amount=st.integers(1, 2), key=st.sampled_from(KEYS))
    def grant_under_a_key(self, amount: int, key: str) -> None:
        """Top the first firm up under a key, again and again: it is one top-up, or another request is refused."""
        known = self.keys.get(key)
        if known is not None and known[2] <= self.now:
            known = None
        self.granted += 1
        asked = {"tenant": "firm 0", "route": "top-up", "key": key, "body_hash": str(amount)}
        subject = f"subject {self.granted}"
        try:
            with self.database.writing() as session:
                found = idempotency.claim(session, **asked, subject=subject, at=self.now)
                if found is None:
                    self.issue(session, 0, amount)
        except KeyReused:
            assert known is not None
            assert known[0] != str(amount)
            return
        assert found == (None if known is None else known[1])
        if found is None:
            self.balance[0] += amount
            self.keys[key] = (str(amount), subject, self.now + KEPT)

    @rule()
    def forget_keys(self) -> None:
        """Let all keys grow old."""
        self.now += KEPT

    @rule(wanted=amounts, cause=st.sampled_from(CAUSES), epoch=st.sampled_from(EPOCHS), life=st.integers(1, 120))
    def reserve(self, wanted: tuple[int, ...], cause: str, epoch: str, life: int) -> None:
        """Set aside from all that are asked, or from none."""
        asked = [giver for giver in reversed(range(len(GIVERS))) if wanted[giver]]
        moves = [Move(self.accounts[giver], self.takers[giver], wanted[giver]) for giver in asked]
        enough = all(self.balance[giver] - self.reserved[giver] >= wanted[giver] for giver in asked)
        until = self.now + timedelta(seconds=life)
        try:
            with self.database.writing() as session:
                ids = transfers.reserve(session, moves, cause=cause, epoch=epoch, at=self.now, expires_at=until)
        except InsufficientBalance:
            assert not enough
            return
        assert enough
        for id, giver in zip(ids, asked, strict=True):
            self.reserved[giver] += wanted[giver]
            self.pending.append(Pending(id, giver, wanted[giver], cause, epoch, until))

    @precondition(lambda self: self.pending)
    @rule(which=st.integers(0, 99), share=st.integers(0, 100), epoch=st.sampled_from(EPOCHS))
    def post(self, which: int, share: int, epoch: str) -> None:
        """Post some of a transfer; a stale process changes nothing."""
        one = self.pending[which % len(self.pending)]
        part = one.amount * share // 100
        if self.refused(
            one, epoch, lambda s: transfers.post(s, [one.id], epoch=epoch, at=self.now, amounts={one.id: part})
        ):
            return
        self.resolve(one, part)

    @rule(cause=st.sampled_from(CAUSES), epoch=st.sampled_from(EPOCHS), keeping=st.sampled_from((None, Unit.ROWS)))
    def post_of(self, cause: str, epoch: str, keeping: Unit | None) -> None:
        """Post what one process has pending for a cause, but for one unit."""
        own = [
            one for one in self.pending if (one.cause, one.epoch) == (cause, epoch) and GIVERS[one.giver][2] != keeping
        ]
        try:
            with self.database.writing() as session:
                self.happened(session)
                ids = transfers.post_of(session, cause, epoch=epoch, at=self.now, keeping=keeping)
        except StaleTransfer:
            assert own == []
            return
        assert ids == sorted(one.id for one in own)
        for one in own:
            self.resolve(one, one.amount)

    @precondition(lambda self: self.pending)
    @rule(which=st.integers(0, 99), epoch=st.sampled_from(EPOCHS))
    def void(self, which: int, epoch: str) -> None:
        """Give a transfer up; privacy budget is never given back so."""
        one = self.pending[which % len(self.pending)]
        try:
            if self.refused(one, epoch, lambda s: transfers.void(s, [one.id], epoch=epoch, at=self.now)):
                return
        except BudgetSpent:
            assert one.giver == BUDGET
            return
        assert one.giver != BUDGET
        self.resolve(one, None)

    @rule(cause=st.sampled_from(CAUSES), epoch=st.sampled_from(EPOCHS), begun=st.booleans())
    def give_up(self, cause: str, epoch: str, begun: bool) -> None:
        """Give a cause up, before or after its run began."""
        of = [one for one in self.pending if one.cause == cause]
        step = giving_up.give_up if begun else giving_up.void_unbegun
        try:
            with self.database.writing() as session:
                self.happened(session)
                step(session, cause, epoch=epoch, at=self.now)
        except StaleTransfer:
            assert any(one.epoch != epoch for one in of)
            return
        assert all(one.epoch == epoch for one in of)
        for one in of:
            self.resolve(one, one.amount if begun and one.giver == BUDGET else None)

    @rule()
    def sweep(self) -> None:
        """Sweep: what is past its time is void, and budget is posted in full, whosever it is."""
        late = [one for one in self.pending if one.expires_at <= self.now]
        swept = sweeping.sweep(self.database, at=self.now)
        assert swept.voided == sum(one.giver != BUDGET for one in late)
        assert swept.posted == sum(one.giver == BUDGET for one in late)
        for one in late:
            self.resolve(one, one.amount if one.giver == BUDGET else None)
        old = {key for key, (_, _, until) in self.keys.items() if until <= self.now}
        assert swept.keys == len(old)
        for key in old:
            del self.keys[key]

    @rule(cause=st.sampled_from(CAUSES))
    def reverse(self, cause: str) -> None:
        """Give back what a cause has cost, but for privacy budget."""
        with self.database.writing() as session:
            self.happened(session)
            transfers.reverse(session, cause, epoch="e", at=self.now)
        for giver in range(len(GIVERS)):
            if giver != BUDGET:
                self.balance[giver] += self.posted.pop((giver, cause), 0)

    @invariant()
    def the_model_agrees(self) -> None:
        """Compare every figure, and let the ledger verify itself."""
        with self.database.reading() as session:
            columns = ACCOUNTS.c
            rows = session.connection().execute(select(columns.id, columns.balance, columns.reserved))
            found = {row.id: (row.balance, row.reserved) for row in rows}
            assert verify(session) == []
        for giver, account in enumerate(self.accounts):
            assert found[account] == (self.balance[giver], self.reserved[giver])
            assert 0 <= self.reserved[giver] <= self.balance[giver]

    def issue(self, session: Any, giver: int, amount: int) -> None:
        """Issue an amount to an account."""
        by = MemberId("m")
        transfers.grant(session, self.accounts[giver], amount, unit=GIVERS[giver][2], cause="g", by=by, at=self.now)

    def refused(self, one: Pending, epoch: str, step: Any) -> bool:
        """Take a step that only the transfer's own process may take; says whether it was refused."""
        try:
            with self.database.writing() as session:
                self.happened(session)
                step(session)
        except StaleTransfer:
            assert one.epoch != epoch
            return True
        assert one.epoch == epoch
        return False

    def resolve(self, one: Pending, part: int | None) -> None:
        """Make a transfer final in the model."""
        self.pending.remove(one)
        self.reserved[one.giver] -= one.amount
        if part:
            self.balance[one.giver] -= part
            self.posted[one.giver, one.cause] = self.posted.get((one.giver, one.cause), 0) + part

    def happened(self, session: Any) -> None:
        """Witness the change."""
        note(session, Event(action="test:moved", subject="x", by=MemberId("m"), at=self.now))

    def teardown(self) -> None:
        """Close the database."""
        if hasattr(self, "database"):
            self.database.close()
            self.removed()

    def removed(self) -> None:
        """Remove it."""
        shutil.rmtree(self.folder)


class PostgresMachine(LedgerMachine):
    """The same on PostgreSQL."""

    def opened(self) -> Database:
        """Open an empty database."""
        return Database(postgres.fresh_url(), None)

    def removed(self) -> None:
        """Remove it."""
        postgres.drop(self.database.url)


TestLedger = LedgerMachine.TestCase
TestLedger.settings = settings(max_examples=20, stateful_step_count=25, deadline=None)

TestLedgerOnPostgres = PostgresMachine.TestCase
TestLedgerOnPostgres.settings = settings(max_examples=4, stateful_step_count=25, deadline=None)
