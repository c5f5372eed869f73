"""The ledger's services for the tests, each in a transaction of its own."""

from datetime import timedelta

from sqlalchemy import select

from catalog.events import Event, note
from catalog.ids import MemberId
from market.ledger import giving_up, sweeping, transfers
from market.ledger.models import Kind, Unit
from market.ledger.transfers import ACCOUNTS, TRANSFERS, Move
from market.ledger.verify import verify
from tests.common.clock import BEGIN

EPOCH = "this-process"


def happened(session):
    note(session, Event(action="test:moved", subject="x", by=MemberId("m"), at=BEGIN))


class Ledger:
    """The services of the ledger, each in a transaction of its own."""

    def __init__(self, database):
        self.database, self._now = database, BEGIN
        self.credit = self.account(amount=100)
        self.income = self.account(owner="publisher", kind=Kind.INCOME)

    def now(self):
        """Give a moment a second after the one before."""
        self._now += timedelta(seconds=1)
        return self._now

    def account(self, *, owner="firm", kind=Kind.CREDIT, unit=Unit.FEN, amount=0):
        """Open an account and top it up."""
        with self.database.writing() as session:
            account = transfers.open_account(session, owner=owner, kind=kind, unit=unit, at=self.now())
            if amount:
                by = MemberId("administrator")
                transfers.grant(session, account, amount, unit=unit, cause="top-up", by=by, at=self.now())
        return account

    def budget(self, amount):
        """Open the accounts of a privacy budget; gives the one that pays and the one that receives."""
        sides = {"owner": "an agreement", "unit": Unit.NANO_RHO}
        return self.account(**sides, kind=Kind.QUOTA, amount=amount), self.account(**sides, kind=Kind.USED)

    def reserve(self, *moves, cause="c", epoch=EPOCH, until=None):
        at = self.now()
        with self.database.writing() as session:
            return transfers.reserve(
                session, moves, cause=cause, epoch=epoch, at=at, expires_at=until or at + timedelta(minutes=1)
            )

    def pay(self, amount, **options):
        return self.reserve(Move(self.credit, self.income, amount), **options)

    def post(self, ids, *, epoch=EPOCH, amounts=None):
        with self.database.writing() as session:
            happened(session)
            transfers.post(session, ids, epoch=epoch, at=self.now(), amounts=amounts)

    def post_of(self, cause="c", **options):
        with self.database.writing() as session:
            happened(session)
            return transfers.post_of(session, cause, at=self.now(), **{"epoch": EPOCH, **options})

    def void(self, ids, *, epoch=EPOCH):
        with self.database.writing() as session:
            happened(session)
            transfers.void(session, ids, epoch=epoch, at=self.now())

    def give_up(self, cause="c", *, epoch=EPOCH):
        with self.database.writing() as session:
            happened(session)
            return giving_up.give_up(session, cause, epoch=epoch, at=self.now())

    def void_unbegun(self, cause="c", *, epoch=EPOCH):
        with self.database.writing() as session:
            happened(session)
            return giving_up.void_unbegun(session, cause, epoch=epoch, at=self.now())

    def reverse(self, cause="c"):
        with self.database.writing() as session:
            happened(session)
            return transfers.reverse(session, cause, epoch=EPOCH, at=self.now())

    def sweep(self, at, **options):
        return sweeping.sweep(self.database, at=at, **options)

    def row(self, account=None):
        with self.database.reading() as session:
            columns = (ACCOUNTS.c.balance, ACCOUNTS.c.reserved)
            where = ACCOUNTS.c.id == (account or self.credit)
            return tuple(session.connection().execute(select(*columns).where(where)).one())

    def states(self):
        with self.database.reading() as session:
            statement = select(TRANSFERS.c.state).where(TRANSFERS.c.epoch == EPOCH).order_by(TRANSFERS.c.id)
            return list(session.connection().execute(statement).scalars())

    def faults(self, at=None):
        with self.database.reading() as session:
            return verify(session, at=at)

    def faults_after(self, *statements):
        """Change rows behind everybody's back, give what verifying finds, and take the change back.

        No trigger, no rule and no reference is looked at meanwhile.
        """
        sqlite = self.database.writer.dialect.name == "sqlite"
        with self.database.writing() as session:
            execute = session.connection().exec_driver_sql
            for statement in _LOOSE[self.database.writer.dialect.name]:
                execute(statement)
            if sqlite:
                for (name,) in execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").all():
                    execute(f"DROP TRIGGER {name}")
            for statement in statements:
                execute(statement)
            found = verify(session)
            session.rollback()
            if sqlite:
                session.connection().exec_driver_sql("PRAGMA ignore_check_constraints=OFF")
        return found


_LOOSE = {
    "sqlite": ("PRAGMA ignore_check_constraints=ON", "PRAGMA defer_foreign_keys=ON"),
    "postgresql": (
        "SET LOCAL session_replication_role = replica",
        *(
            f"ALTER TABLE transfer DROP CONSTRAINT {name}"
            for name in ("amount_positive", "posted_part", "posted_has_amount", "two_accounts")
        ),
    ),
}
