"""Ledger, bills and log are held against each other: whoever alters one of them behind the triggers is found out."""

import shutil
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from catalog.events import Event, note
from catalog.ids import MemberId
from market.billing import invoices
from market.db import Database
from market.ledger import transfers
from market.ledger.models import Kind, Unit
from market.ledger.transfers import NO_EPOCH, Move
from market.query.reconcile import reconcile
from market.query.runs import RESERVATION
from policies.calendar import Month, day_of
from policies.pricing import Price
from tests.common.books import Books, begins
from tests.common.fixtures import sqlite_database
from tests.common.world import World

PRICE = Price(per_query_fen=1000, flat_monthly_fen=500, monthly_maximum_fen=9000)
LATER = begins(2026, 12, 3)
BY = MemberId("m")


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Books:
    """Give books of everything: delivered, being delivered, refunded, failed, on account, invoiced and paid."""
    folder = tmp_path_factory.mktemp("books")
    books = Books.begin(World.begin(sqlite_database(folder), folder))
    agreement = books.agree(PRICE)
    books.limit(50_000)
    books.admit(books.programme(fund_fen=5000))
    books.ask(agreement, "delivered")
    books.ask(agreement, "posted", settled=False)
    books.give_up(books.ask(agreement, "refunded", settled=False)[0])
    books.give_up(books.reserve(books.assess(agreement, "failed")))
    books.set_clock(begins(2026, 12, 2))
    with books.world.writing() as session:
        at = books.world.now()
        (row,) = invoices.issue(session, Month(2026, 11), due_on=day_of(at), by=books.admin, at=at)
        invoices.pay(session, row.id, by=books.admin, at=at)
    assert books.faults() == []
    books.world.database.close()
    return books


@pytest.fixture
def copy(books: Books, tmp_path) -> Iterator[Database]:
    """Give a copy of their database."""
    shutil.copyfile(books.world.folder / "sluice.db", tmp_path / "sluice.db")
    database = Database(f"sqlite:///{tmp_path / 'sluice.db'}", tmp_path / "writer.lock")
    yield database
    database.close()


def altered(database, *statements):
    """Change rows as an operator could: the triggers dropped first, and past every hook; gives what is found then."""
    with database.writer.connect() as connection:
        for trigger in (
            connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
        ):
            connection.execute(text(f"DROP TRIGGER {trigger}"))
        for statement in statements:
            assert connection.exec_driver_sql(statement).rowcount > 0, statement
        connection.info.pop("changed", None)
        connection.commit()
    return faults(database)


def faults(database, **asked):
    with database.reading() as session:
        return reconcile(session, **asked)


def one(database, statement):
    with database.reading() as session:
        return session.connection().execute(text(statement)).scalar_one()


ALTERED = [
    ("UPDATE query_run SET state = 'failed' WHERE state = 'delivered'", "1000 fen posted, 0 due (income of"),
    ("UPDATE query_run SET state = 'delivered', rows = 2 WHERE state = 'posted'", "the log delivers it 0 times"),
    ("UPDATE query_run SET state = 'refunded' WHERE state = 'posted'", "the log charges it 1 times"),
    ("UPDATE query_run SET state = 'unknown' WHERE state = 'posted'", "last word on it is query:answered"),
    ("UPDATE query_run SET rows = rows + 1 WHERE state = 'delivered'", "2 rows posted, 3 due"),
    ("UPDATE query_run SET bill = replace(bill, ':200', ':100')", "its bill cannot be read"),
    ("UPDATE query_run SET bill = replace(bill, 'postpaid', 'credit')", "the log has another bill for it"),
    ("""UPDATE query_run SET quote = replace(quote, '_fen":1000', '_fen":900')""", "its quote is 900 fen"),
    ("UPDATE query_run SET id = 'x' WHERE state = 'delivered'", "charged in the log, and there is none"),
    ("DELETE FROM subscription", "charged in the log, and there is none"),
    ("UPDATE subscription SET bill = replace(bill, 'postpaid', 'credit')", "the log does not charge it"),
    ("UPDATE subscription SET bill = 'x'", "its bill cannot be read"),
    ("UPDATE agreement SET terms = replace(terms, '_fen\":500', '_fen\":400')", "not the flat price that was signed"),
    ("UPDATE invoice SET amount_fen = amount_fen + 1", "was used on account in 2026-11"),
    ("UPDATE invoice SET statement_hash = 'x'", "was used on account in 2026-11"),
    ("UPDATE invoice SET month = '2026-10'", "nothing was used on account in 2026-10"),
    ("UPDATE invoice SET paid_at = NULL", "fen were paid, [] are noted"),
    ("UPDATE programme SET firm_year_cap_fen = 7", "fen issued, 7 due once"),
    ("UPDATE account SET owner = 'x/2026' WHERE owner LIKE '%/2026' AND kind = 'allowance'", "None due once"),
]


@pytest.mark.parametrize(("statement", "found"), ALTERED)
def test_what_was_altered_is_named(copy, statement, found):
    told = altered(copy, statement)
    assert any(found in fault for fault in told), told


def test_a_second_payment_of_one_question_is_found(books, copy):
    world, run = books.world, one(copy, "SELECT id FROM query_run WHERE state = 'delivered'")
    with copy.writing() as session:
        account = transfers.open_account(session, owner=world.firm, kind=Kind.POSTPAID, unit=Unit.FEN, at=LATER)
        income = transfers.open_account(session, owner=world.publisher, kind=Kind.INCOME, unit=Unit.FEN, at=LATER)
        moves, until = [Move(account, income, 7)], LATER + timedelta(minutes=1)
        ids = transfers.reserve(session, moves, cause=run, epoch=NO_EPOCH, at=LATER, expires_at=until)
        transfers.post(session, ids, epoch=NO_EPOCH, at=LATER)
        note(session, Event(action="test:paid", subject="x", by=BY, at=LATER, details={"transfers": ids}))
    assert f"query {run} is delivered: 1007 fen posted, 1000 due (income of {world.publisher})" in faults(copy)


def test_a_transfer_that_two_entries_name_is_found(copy):
    transfer = one(copy, "SELECT id FROM transfer WHERE state = 'posted' LIMIT 1")
    with copy.writing() as session:
        note(session, Event(action="test:told", subject="x", by=BY, at=LATER, details={"transfers": [transfer]}))
    assert faults(copy) == [f"transfer {transfer}: named by 2 log entries"]


def test_what_is_paid_must_be_delivered_or_refunded_in_its_time(copy):
    (fault,) = faults(copy, at=LATER)
    assert "paid, and neither delivered nor refunded" in fault
    asked_at = begins(2026, 11, 24) + timedelta(hours=16)
    assert faults(copy, at=asked_at + RESERVATION) == []
