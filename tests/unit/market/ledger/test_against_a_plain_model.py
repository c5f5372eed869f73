"""Whatever is reserved, posted, voided, granted and reversed in whatever order, a plain model comes to the same."""

import shutil
import tempfile
from collections import defaultdict
from datetime import timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule
from sqlalchemy import select

from catalog.events import Event, note
from catalog.ids import MemberId
from market.ledger import transfers
from market.ledger.models import Kind, Unit
from market.ledger.transfers import ACCOUNTS, InsufficientBalance, Move
from market.ledger.verify import verify
from tests.common.clock import BEGIN
from tests.common.fixtures import sqlite_database

CAUSES = ("a", "b")
amounts = st.integers(0, 60)


class LedgerMachine(RuleBasedStateMachine):
    """Two firms pay one publisher, and each other's quota moves beside it."""

    pending: Bundle[tuple[str, int, int]] = Bundle("pending")

    @initialize()
    def begin(self) -> None:
        """Open the accounts."""
        self.folder = Path(tempfile.mkdtemp(prefix="sluice-ledger-"))
        self.database = sqlite_database(self.folder)
        self.balance, self.reserved = [0, 0], [0, 0]
        self.posted: dict[tuple[int, str], int] = defaultdict(int)
        with self.database.writing() as session:
            self.firms = [
                transfers.open_account(session, owner=f"firm {n}", kind=Kind.CREDIT, unit=Unit.FEN, at=BEGIN)
                for n in (0, 1)
            ]
            self.income = transfers.open_account(session, owner="p", kind=Kind.INCOME, unit=Unit.FEN, at=BEGIN)

    @rule(firm=st.integers(0, 1), amount=st.integers(1, 100))
    def grant(self, firm: int, amount: int) -> None:
        """Top a firm up."""
        with self.database.writing() as session:
            transfers.grant(session, self.firms[firm], amount, unit=Unit.FEN, cause="g", by=MemberId("m"), at=BEGIN)
        self.balance[firm] += amount

    @rule(target=pending, wanted=st.tuples(amounts, amounts), cause=st.sampled_from(CAUSES))
    def reserve(self, wanted: tuple[int, int], cause: str):  # type: ignore[no-untyped-def]  # hypothesis' own type
        """Set aside from both firms, or from neither."""
        moves = [Move(self.firms[firm], self.income, wanted[firm]) for firm in (1, 0)]
        enough = all(self.balance[n] - self.reserved[n] >= wanted[n] for n in (0, 1))
        try:
            with self.database.writing() as session:
                ids = transfers.reserve(
                    session, moves, cause=cause, epoch="e", at=BEGIN, expires_at=BEGIN + timedelta(minutes=1)
                )
        except InsufficientBalance:
            assert not enough
            return multiple()
        assert enough
        made = iter(ids)
        for firm in (0, 1):
            self.reserved[firm] += wanted[firm]
        return multiple(*[(next(made), firm, wanted[firm], cause) for firm in (1, 0) if wanted[firm]])

    @rule(transfer=consumes(pending), share=st.integers(0, 100))
    def post(self, transfer: tuple[str, int, int, str], share: int) -> None:
        """Post some of a transfer."""
        id, firm, amount, cause = transfer
        part = amount * share // 100
        with self.database.writing() as session:
            self.happened(session)
            transfers.post(session, [id], epoch="e", at=BEGIN, amounts={id: part})
        self.reserved[firm] -= amount
        self.balance[firm] -= part
        self.posted[firm, cause] += part

    @rule(transfer=consumes(pending))
    def void(self, transfer: tuple[str, int, int, str]) -> None:
        """Give a transfer up."""
        id, firm, amount, _ = transfer
        with self.database.writing() as session:
            self.happened(session)
            transfers.void(session, [id], epoch="e", at=BEGIN)
        self.reserved[firm] -= amount

    @rule(cause=st.sampled_from(CAUSES))
    def reverse(self, cause: str) -> None:
        """Give back what a cause has cost."""
        with self.database.writing() as session:
            self.happened(session)
            transfers.reverse(session, cause, epoch="e", at=BEGIN)
        for firm in (0, 1):
            self.balance[firm] += self.posted.pop((firm, cause), 0)

    @invariant()
    def the_model_agrees(self) -> None:
        """Compare every figure, and let the ledger verify itself."""
        with self.database.reading() as session:
            columns = ACCOUNTS.c
            found = {
                row.id: (row.balance, row.reserved)
                for row in session.connection().execute(select(columns.id, columns.balance, columns.reserved))
            }
            assert verify(session) == []
        for firm, account in enumerate(self.firms):
            assert found[account] == (self.balance[firm], self.reserved[firm])
            assert 0 <= self.reserved[firm] <= self.balance[firm]

    def happened(self, session) -> None:  # type: ignore[no-untyped-def]
        """Witness the change."""
        note(session, Event(action="test:moved", subject="x", by=MemberId("m"), at=BEGIN))

    def teardown(self) -> None:
        """Close the database."""
        self.database.close()
        shutil.rmtree(self.folder)


TestLedger = LedgerMachine.TestCase
TestLedger.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
