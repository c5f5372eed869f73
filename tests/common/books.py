"""A firm that asks and pays: agreements at any price, money, vouchers, and what the books say of it afterwards."""

import json
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from catalog.ids import MemberId
from market.audit import log
from market.audit.verify import verify as verify_log
from market.billing import programmes, purses
from market.billing.models import Level
from market.billing.programmes import Subsidy
from market.ledger.models import Kind, Unit
from market.ledger.transfers import ACCOUNTS, left, open_account
from market.ledger.verify import verify as verify_ledger
from market.licensing import agreements
from market.parties.members import register_firm
from market.parties.models import Role
from market.query import reserving, runs
from market.query.aggregates.noise import Noise
from market.query.assess import Assessor
from market.query.assessed import Assessed
from market.query.question import Question
from market.query.reconcile import reconcile
from market.query.statements.lineage import bound_here
from policies.billing import Bill
from policies.calendar import Month
from policies.pricing import Price
from policies.terms import Purpose, Quota
from tests.common.world import PURPOSE, World

EPOCH = "this-process"
PLENTY = Quota(bytes=10**13, rows=10**9, queries=10**6)


@dataclass(slots=True)
class Books:
    """A world with a published release, and the steps of its firms; the clock can be set."""

    world: World
    release: str
    assessor: Assessor
    firms: dict[str, str] = field(default_factory=dict)
    """The identifier of each firm, by the name of its licensee."""

    @classmethod
    def begin(cls, world: World) -> "Books":
        """Publish a release."""
        return cls(
            world, world.published(), Assessor(world.store, Noise(b"n" * 32), bound_here), {"licensee": world.firm}
        )

    @property
    def admin(self) -> MemberId:
        """The administrator."""
        return self.world.people["administrator"].id

    def firm(self, name: str) -> str:
        """Enter another firm, whose licensee has the same name; gives its identifier."""
        world = self.world
        with world.writing() as session:
            self.firms[name] = register_firm(session, name=name, by=self.admin, at=world.now()).id
        world.people[name] = world.enter(name, Role.LICENSEE, self.firms[name])
        return self.firms[name]

    def set_clock(self, at: datetime) -> None:
        """Let the next moment be the one after *at*."""
        self.world._now = at

    def agree(self, price: Price, *, by: str = "licensee", purposes: tuple[Purpose, ...] = (PURPOSE,)) -> str:
        """Sign an agreement at a price, for ten years; gives its identifier."""
        world = self.world
        ends_at = world.now() + timedelta(days=3650)
        offer = world.offer(self.release, price=price, quota=PLENTY, ends_at=ends_at, purposes=purposes)
        with world.writing() as session:
            asked = agreements.request(
                session,
                offer,
                firm=self.firms[by],
                purposes=purposes,
                statement="Tests",
                by=world.people[by].id,
                at=world.now(),
            ).id
        drawn = world.draw_up(asked)
        with world.writing() as session:
            agreements.sign(session, drawn, by=world.people[by], firm=self.firms[by], at=world.now())
        return drawn

    def credit(self, fen: int, *, of: str = "licensee") -> None:
        """Top a firm's credit up."""
        with self.world.writing() as session:
            purses.top_up(session, self.firms[of], fen, by=self.admin, at=self.world.now())

    def limit(self, fen: int, *, of: str = "licensee") -> None:
        """Set a firm's post-paid limit."""
        with self.world.writing() as session:
            purses.set_limit(session, self.firms[of], fen, by=self.admin, at=self.world.now())

    def programme(self, *, fund_fen: int = 0, **changes: Any) -> str:
        """Open and fund a programme: the city's 20 % unless told otherwise; gives its identifier."""
        values: dict[str, Any] = {
            "level": Level.CITY,
            "position": 1,
            "share_bp": 2000,
            "firm_year_cap_fen": 100_000_000,
            "starts_on": date(2026, 1, 1),
            "ends_on": date(2030, 1, 1),
        }
        with self.world.writing() as session:
            subsidy = Subsidy(**{**values, **changes})
            row = programmes.open_programme(
                session, subsidy, name_zh="数据券", name_en="Data vouchers", by=self.admin, at=self.world.now()
            )
            if fund_fen:
                programmes.fund(session, row.id, fund_fen, by=self.admin, at=self.world.now())
        return row.id

    def admit(self, programme: str, *, firm: str = "licensee") -> str:
        """Give a firm the voucher of a programme; gives its identifier."""
        with self.world.writing() as session:
            voucher = programmes.admit(session, programme, self.firms[firm], by=self.admin, at=self.world.now())
        return voucher.id

    def assess(self, agreement: str, key: str, *, by: str = "licensee", purpose: str = PURPOSE) -> Assessed:
        """Assess a question of one column."""
        question = Question(agreement_id=agreement, purpose=purpose, sql="SELECT sex FROM works", key=key)
        with self.world.reading() as session:
            return self.assessor.assess(session, question, firm=self.firms[by], at=self.world.now())

    def reserve(self, assessed: Assessed, *, by: str = "licensee") -> str:
        """Set a question's cost aside, and charge the month's flat price before where it is due; gives the run."""
        world, who = self.world, self.world.people[by].id
        at = world.now()
        try:
            with world.writing() as session:
                accounts = reserving.accounts_of(session, assessed.grant, at=at)
                run, _ = reserving.reserve(session, assessed, [accounts], by=who, epoch=EPOCH, row_limit=9, at=at)
        except reserving.FlatDue:
            with world.writing() as session:
                accounts = reserving.accounts_of(session, assessed.grant, at=at)
                (share,) = assessed.shares
                reserving.subscribe(session, share, assessed.purpose, accounts, by=who, epoch=EPOCH, at=at)
            return self.reserve(assessed, by=by)
        return run

    def post(self, run: str, assessed: Assessed, *, by: str = "licensee") -> Bill:
        """Charge a reserved question; gives its bill."""
        with self.world.writing() as session:
            who = self.world.people[by].id
            return runs.post(session, run, assessed, by=who, epoch=EPOCH, at=self.world.now())

    def ask(
        self, agreement: str, key: str, *, by: str = "licensee", purpose: str = PURPOSE, settled: bool = True
    ) -> tuple[str, Bill]:
        """Ask a question to its end; gives the run and its bill."""
        assessed = self.assess(agreement, key, by=by, purpose=purpose)
        run = self.reserve(assessed, by=by)
        bill = self.post(run, assessed, by=by)
        if settled:
            self.settle(run, by=by)
        return run, bill

    def settle(self, run: str, *, by: str = "licensee") -> None:
        """Say that a charged question was delivered."""
        told: dict[str, Any] = {"rows": 2, "sha256": "0" * 64, "size_bytes": 10, "format": "csv", "status": "complete"}
        with self.world.writing() as session:
            who = self.world.people[by].id
            runs.settle(session, run, by=who, epoch=EPOCH, at=self.world.now(), **told)

    def give_up(self, run: str, *, by: str = "licensee") -> None:
        """End a run by our own fault: what was charged is refunded."""
        with self.world.writing() as session:
            who = self.world.people[by].id
            runs.give_up(session, run, reason="test", by=who, epoch=EPOCH, at=self.world.now())

    def left(self, owner: str, kind: Kind) -> int:
        """Say what an account of money can still give."""
        with self.world.writing() as session:
            return left(session, open_account(session, owner=owner, kind=kind, unit=Unit.FEN, at=self.world.now()))

    def held(self) -> dict[tuple[str, str], int]:
        """Give the balance of every capped account of money."""
        columns = ACCOUNTS.c
        asked = select(columns.owner, columns.kind, columns.balance).where(columns.unit == Unit.FEN, columns.capped)
        with self.world.reading() as session:
            return {(owner, kind): balance for owner, kind, balance in session.connection().execute(asked)}

    def entries(self, action: str) -> list[dict[str, Any]]:
        """List the details of what the log says of *action*."""
        columns = log.ENTRIES.c
        asked = select(columns.body).where(columns.action == action).order_by(columns.seq)
        with self.world.reading() as session:
            return [json.loads(body)["details"] for body in session.connection().execute(asked).scalars()]

    def faults(self) -> list[str]:
        """List all that ledger and log hold against themselves."""
        with self.world.reading() as session:
            found = [str(fault) for fault in verify_log(session, "")]
            return [*found, *verify_ledger(session), *reconcile(session)]


def begins(year: int, month: int, day: int = 1) -> datetime:
    """Give the moment at which a day begins in the city."""
    return Month(year, month).begins_at + timedelta(days=day - 1)
