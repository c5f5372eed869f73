"""A prepared statement does what SQLAlchemy's own run of it does, on both databases; all that listens hears of it."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import bindparam, event, insert, select, update
from sqlalchemy.exc import IntegrityError

from catalog.events import Event, note
from catalog.ids import MemberId
from market.audit.hook import UnwitnessedChange
from market.ledger.models import TransferState
from market.ledger.statements import ACCOUNTS, TRANSFERS
from market.prepared import Prepared
from tests.common.clock import BEGIN

ENTER = Prepared(insert(ACCOUNTS))
ALL = select(ACCOUNTS).order_by(ACCOUNTS.c.id)
SOME = Prepared(select(ACCOUNTS.c.id, ACCOUNTS.c.capped).where(ACCOUNTS.c.id.in_(bindparam("ids", expanding=True))))
GROWING = update(ACCOUNTS).where(ACCOUNTS.c.id == bindparam("one")).values(balance=ACCOUNTS.c.balance + 1)
GROW, GROWN = Prepared(GROWING), Prepared(GROWING.returning(ACCOUNTS.c.balance.label("now")))
TRANSFER = {"debit": "a", "credit": "b", "amount": 7, "state": TransferState.PENDING, "cause": "c", "epoch": "e"}


def account(name, *, capped=True):
    return {"id": name, "owner": name, "kind": "k", "unit": "fen", "capped": capped, "balance": 5, "reserved": 0}


@pytest.fixture
def session(any_database):
    with any_database.writing() as session:
        ENTER.change(session, account("a"), account("b", capped=False))
        yield session
        session.rollback()


def test_it_finds_what_the_same_statement_finds(session):
    moment = datetime(2026, 11, 24, 8, 0, 0, 123456, tzinfo=UTC)
    Prepared(insert(TRANSFERS)).change(session, {"id": "t", **TRANSFER, "created_at": moment, "expires_at": BEGIN})
    for statement in (ALL, select(TRANSFERS)):
        (*found,) = session.connection().execute(statement).mappings()
        assert [row._asdict() for row in Prepared(statement).rows(session)] == [dict(row) for row in found]
    (row,) = Prepared(select(TRANSFERS)).rows(session)
    assert (row.created_at, row.resolved_at) == (moment, None)


def test_a_list_may_be_of_any_length(session):
    assert {row.id: row.capped for row in SOME.rows(session, ids=["a", "b", "none"])} == {"a": True, "b": False}
    assert [row.id for row in SOME.rows(session, ids=["b"])] == ["b"]
    assert SOME.first(session, ids=["none"]) is None


def test_it_counts_what_changed(session):
    assert GROW.change(session, {"one": "a"}) == 1
    assert GROW.change(session, {"one": "none"}) == 0
    assert GROW.change(session, {"one": "a"}, {"one": "none"}, {"one": "b"}) == 2
    assert [row.balance for row in session.connection().execute(ALL)] == [7, 6]


def test_it_gives_what_a_change_returns(session):
    assert GROWN.first(session, one="a").now == 6
    assert GROWN.first(session, one="none") is None


def test_its_errors_are_those_of_sqlalchemy(session):
    with pytest.raises(IntegrityError):
        ENTER.change(session, account("a"))


def test_a_change_of_a_witnessed_table_needs_its_event_as_any_other(any_world):
    rename = Prepared(update(ACCOUNTS.metadata.tables["firm"]).values(name="Renamed"))
    with pytest.raises(UnwitnessedChange, match="firm"), any_world.writing() as session:
        rename.change(session, {})
    with any_world.writing() as session:
        assert rename.change(session, {}) == 1
        note(session, Event(action="test:renamed", subject="x", by=MemberId("m"), at=BEGIN))


def test_listeners_hear_of_each_run(session, any_database):
    heard = []

    def hear(conn, cursor, statement, parameters, context, executemany):
        heard.append((statement.split()[0], executemany))

    event.listen(any_database.writer, "before_cursor_execute", hear)
    SOME.rows(session, ids=["a"])
    GROW.change(session, {"one": "a"}, {"one": "b"})
    event.remove(any_database.writer, "before_cursor_execute", hear)
    assert heard == [("SELECT", False), ("UPDATE", True)]
