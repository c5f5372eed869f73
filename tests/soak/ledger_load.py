"""Sixteen processes move amounts at once, and each counts what was acknowledged to it; in the end the ledger agrees.

What a process counts, it counts after the commit came back. So an amount that the ledger lost, or moved twice, shows as
a difference between the sum of all counts and the accounts.
"""

import json
import random
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from catalog.events import Event, note
from catalog.ids import MemberId
from market.db import Database
from market.ledger import giving_up, idempotency, sweeping, transfers
from market.ledger.idempotency import KeyReused
from market.ledger.models import Kind, Unit
from market.ledger.transfers import InsufficientBalance, Move, StaleTransfer
from market.ledger.verify import verify

PROCESSES, FIRMS, KEYS = 16, 4, 50
BY = MemberId("soak")
STEPS = {"grant": 2, "reserve": 8, "post": 6, "void": 2, "give_up": 1, "reverse": 1, "sweep": 1, "replay": 3}
"""How often each step is drawn."""


def now() -> datetime:
    """Give this moment."""
    return datetime.now(UTC)


@dataclass
class Walker:
    """One process: it takes steps at random, and counts what they brought."""

    database: Database
    name: str
    draw: random.Random
    credits: list[str]
    income: str
    counts: Counter[str] = field(default_factory=Counter)
    pending: dict[str, tuple[int, str, int]] = field(default_factory=dict)
    """Of each of its pending transfers: the firm, the cause, the amount."""
    causes: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    """What it has posted for each cause, and not given back."""
    _number: int = 0

    def step(self) -> None:
        """Take one step."""
        kind = self.draw.choices(list(STEPS), list(STEPS.values()))[0]
        getattr(self, kind)()
        self.counts["steps"] += 1

    def grant(self) -> None:
        """Top a firm up."""
        firm, amount = self.draw.randrange(FIRMS), self.draw.randint(1, 50)
        with self.database.writing() as session:
            self._issue(session, firm, amount)
        self.counts[f"balance {firm}"] += amount

    def reserve(self) -> None:
        """Set an amount aside for a short or a long time."""
        firm, amount = self.draw.randrange(FIRMS), self.draw.randint(1, 20)
        self._number += 1
        at, cause = now(), f"{self.name}-{self._number}"
        until = at + timedelta(seconds=self.draw.choice((1, 3600)))
        move = Move(self.credits[firm], self.income, amount)
        try:
            with self.database.writing() as session:
                (id,) = transfers.reserve(session, [move], cause=cause, epoch=self.name, at=at, expires_at=until)
        except InsufficientBalance:
            self.counts["refused"] += 1
            return
        self.pending[id] = (firm, cause, amount)

    def post(self) -> None:
        """Post one of its own, whole or in part, unless it was swept."""
        if not self.pending:
            return
        id = self.draw.choice(list(self.pending))
        firm, cause, amount = self.pending.pop(id)
        part = self.draw.randint(0, amount)
        if self._resolved(lambda s: transfers.post(s, [id], epoch=self.name, at=now(), amounts={id: part})):
            self.counts[f"balance {firm}"] -= part
            self.counts["income"] += part
            if part:
                self.causes[cause] = [(firm, part)]

    def void(self) -> None:
        """Void one of its own, unless it was swept."""
        if self.pending:
            id = self.draw.choice(list(self.pending))
            del self.pending[id]
            self._resolved(lambda s: transfers.void(s, [id], epoch=self.name, at=now()))

    def give_up(self) -> None:
        """Give a cause up, unless it was swept."""
        if self.pending:
            id = self.draw.choice(list(self.pending))
            _, cause, _ = self.pending.pop(id)
            self._resolved(lambda s: giving_up.give_up(s, cause, epoch=self.name, at=now()))

    def reverse(self) -> None:
        """Give back what a cause of its own has cost, twice: the second time nothing is left."""
        if self.causes:
            cause = self.draw.choice(list(self.causes))
            for attempt in range(2):
                with self.database.writing() as session:
                    self._happened(session)
                    ids = transfers.reverse(session, cause, epoch=self.name, at=now())
                assert len(ids) == (1 if attempt == 0 else 0), f"{cause} was given back {len(ids)} times"
            for firm, amount in self.causes.pop(cause):
                self.counts[f"balance {firm}"] += amount
                self.counts["income"] -= amount

    def sweep(self) -> None:
        """Sweep what is past its time, whosever it is."""
        self.counts["swept"] += sweeping.sweep(self.database, at=now()).voided

    def replay(self) -> None:
        """Use a key that all share: whoever is first tops up, all others are told of it."""
        key, firm = self.draw.randrange(KEYS), 0
        asked = {"tenant": "soak", "route": "top-up", "key": str(key), "body_hash": str(key)}
        self._number += 1
        with self.database.writing() as session:
            found = idempotency.claim(session, **asked, subject=f"{self.name}-{self._number}", at=now())
            if found is None:
                self._issue(session, firm, 1000 + key)
        if found is None:
            self.counts[f"balance {firm}"] += 1000 + key
            self.counts[f"key {key}"] += 1
        try:
            with self.database.writing() as session:
                idempotency.claim(session, **{**asked, "body_hash": "another"}, subject="x", at=now())
            raise AssertionError("a key stood for two requests")
        except KeyReused:
            self.counts["mismatches"] += 1

    def _issue(self, session: Any, firm: int, amount: int) -> None:
        transfers.grant(session, self.credits[firm], amount, unit=Unit.FEN, cause="g", by=BY, at=now())

    def _resolved(self, step: Any) -> bool:
        """Resolve one of its own; not so where a sweep came first."""
        try:
            with self.database.writing() as session:
                self._happened(session)
                step(session)
        except StaleTransfer:
            self.counts["stale"] += 1
            return False
        return True

    def _happened(self, session: Any) -> None:
        note(session, Event(action="test:moved", subject=self.name, by=BY, at=now()))


@dataclass(frozen=True)
class Books:
    """The accounts of a load, and where they are."""

    url: str
    queue: str
    credits: list[str]
    income: str

    @classmethod
    def begin(cls, database: Database) -> "Books":
        """Open the accounts."""
        with database.writing() as session:
            credits = [
                transfers.open_account(session, owner=f"firm {n}", kind=Kind.CREDIT, unit=Unit.FEN, at=now())
                for n in range(FIRMS)
            ]
            income = transfers.open_account(session, owner="p", kind=Kind.INCOME, unit=Unit.FEN, at=now())
        return cls(database.url, str(database.queue or ""), credits, income)


def run(database: Database, operations: int, seed: int, processes: int = PROCESSES) -> Counter[str]:
    """Let all processes take their steps, and insist that the ledger agrees with their counts; gives these."""
    books = Books.begin(database)
    words = [sys.executable, "-m", __name__, books.url, books.queue, json.dumps(books.credits), books.income]
    share = -(-operations // processes)
    running = [
        subprocess.Popen([*words, str(share), f"{seed}-{number}"], stdout=subprocess.PIPE, text=True)
        for number in range(processes)
    ]
    told = [process.communicate()[0] for process in running]
    assert [process.returncode for process in running] == [0] * processes
    counts = Counter[str]()
    for line in told:
        counts.update(json.loads(line))
    check(database, books, counts)
    return counts


def check(database: Database, books: Books, counts: Counter[str]) -> None:
    """Compare the accounts with the counts, once all that is pending was swept."""
    sweeping.sweep(database, at=now() + timedelta(days=1))
    with database.reading() as session:
        assert verify(session) == []
        for firm, account in enumerate(books.credits):
            assert transfers.left(session, account) == counts[f"balance {firm}"], f"firm {firm}"
        moved = _income(session, books.income)
    assert moved == counts["income"]
    assert all(counts[f"key {key}"] <= 1 for key in range(KEYS)), "a key acted twice"


def _income(session: Any, account: str) -> int:
    """Sum what the account received, less what it gave back."""
    sides = transfers.TRANSFERS.c
    total = 0
    for side, sign in ((sides.credit, 1), (sides.debit, -1)):
        amounts = session.connection().execute(
            transfers.TRANSFERS.select().with_only_columns(sides.posted_amount).where(side == account)
        )
        total += sign * sum(amount for (amount,) in amounts.yield_per(10_000) if amount)
    return total


if __name__ == "__main__":
    url, queue, credits, income, count, seed = sys.argv[1:]
    store = Database(url, Path(queue) if queue else None)
    walker = Walker(store, f"walker {seed}", random.Random(seed), json.loads(credits), income)
    for _ in range(int(count)):
        walker.step()
    print(json.dumps(walker.counts))
