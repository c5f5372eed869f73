"""No change without its witness, however it is made; and no witness without its change."""

from importlib import import_module

import pytest
from sqlalchemy import func, insert, select, text, update
from sqlmodel import Session, SQLModel

from catalog.events import Event, note
from catalog.ids import MemberId
from catalog.models import (
    Ceiling,
    ClassTable,
    Cut,
    CutFile,
    Dataset,
    Edition,
    EditionFile,
    Mandate,
    Preview,
    Publisher,
    RawSource,
    Registration,
    Release,
    Tombstone,
)
from market.audit import log
from market.audit.hook import BORN_PENDING, WITNESSED, UnwitnessedChange, needs_witness
from market.audit.models import LogSecret, LogWitness
from market.auditing.models import AuditCase, CaseEntry, CaseQuestion
from market.billing.models import Invoice, Programme, Subscription, Voucher
from market.ledger.models import Transfer
from market.licensing.models import AccessRequest, Agreement, Offer
from market.parties.models import ApiToken, Firm, Member
from market.query.models import QueryRun, Template
from tests.common import beside, questions
from tests.common.clock import BEGIN

CHANGES = {
    # table: its class, a column that is not final, another value
    "publisher": (Publisher, "name_en", "Other"),
    "mandate": (Mandate, "profiles", "Other"),
    "dataset": (Dataset, "title_en", "Other"),
    "ceiling": (Ceiling, "per_gb_fen", 7),
    "release": (Release, "number", 7),
    "edition": (Edition, "rows", 7),
    "edition_file": (EditionFile, "rows", 7),
    "cut": (Cut, "rows", 7),
    "cut_file": (CutFile, "rows", 7),
    "preview": (Preview, "statistics", "Other"),
    "raw_source": (RawSource, "erased_at", BEGIN),
    "tombstone": (Tombstone, "legal_hold", "Other"),
    "firm": (Firm, "name", "Other"),
    "member": (Member, "name", "Other"),
    "offer": (Offer, "created_by", "Other"),
    "access_request": (AccessRequest, "statement", "Other"),
    "agreement": (Agreement, "state", "Other"),
    "transfer": (Transfer, "epoch", "Other"),
    "query_run": (QueryRun, "failure", "Other"),
    "programme": (Programme, "name_en", "Other"),
    "voucher": (Voucher, "revoked_at", BEGIN),
    "invoice": (Invoice, "paid_at", BEGIN),
    "log_witness": (LogWitness, "removed_at", BEGIN),
    "audit_case": (AuditCase, "closed_by", "Other"),
    "case_question": (CaseQuestion, "answer", "Other"),
    "api_token": (ApiToken, "revoked_at", BEGIN),
    "template": (Template, "retired_at", BEGIN),
}

FINAL = {
    # table: its class; a trigger forbids to change its rows, so one more is entered
    "registration": Registration,
    "class_table": ClassTable,
    "subscription": Subscription,
    "log_secret": LogSecret,
    "case_entry": CaseEntry,
}

import_module("market.recall.models")  # so that its tables are known here as well
ELSEWHERE = import_module("market.migrations.versions.0004_recall").TABLES
"""Tried in `tests/unit/market/recall/test_final.py`."""


@pytest.fixture
def peopled(any_world):
    """Give a world with a row in every witnessed table, and a pending transfer."""
    old = any_world.published(1)
    agreement = any_world.agreement(any_world.published(2))
    any_world.withdraw(old)
    beside.enter(any_world, old)
    beside.enter_bills(any_world, agreement)
    beside.enter_case(any_world)
    beside.enter_doors(any_world, old)
    any_world.account(amount=1000)
    questions.reserve(any_world, questions.assessed(any_world, agreement))
    return any_world


def event(subject="x"):
    return Event(action="test:happened", subject=subject, by=MemberId("m"), at=BEGIN)


def size(world):
    with world.reading() as session:
        return log.size(session)


def state_of(world, table):
    kind, column, _ = CHANGES[table]
    with world.reading() as session:
        return session.connection().execute(select(getattr(kind, column)).order_by(text("1"))).all()


def pending(kind):
    return kind.state == "pending" if kind is Transfer else text("1 = 1")


def by_flush(session: Session, kind, column, value):
    row = session.exec(select(kind).where(pending(kind))).scalars().first()
    assert row is not None
    setattr(row, column, value)


def in_bulk(session, kind, column, value):
    keys = [key.name for key in SQLModel.metadata.tables[kind.__tablename__].primary_key]
    row = session.exec(select(kind).where(pending(kind))).scalars().first()
    assert row is not None
    given = {key: getattr(row, key) for key in keys}
    session.bulk_update_mappings(kind, [{**given, column: value}])


def by_core(session, kind, column, value):
    table = SQLModel.metadata.tables[kind.__tablename__]
    rows = select(func.count()).select_from(kind).where(pending(kind))
    assert session.connection().execute(rows).scalar_one() > 0
    keys = list(table.primary_key)
    first = session.connection().execute(select(*keys).where(pending(kind)).limit(1)).one()
    where = [key == given for key, given in zip(keys, first, strict=True)]
    assert session.connection().execute(update(table).where(*where).values(**{column: value})).rowcount == 1


def by_text(session, kind, column, value):
    where = "WHERE state = 'pending'" if kind is Transfer else ""
    statement = f"UPDATE {kind.__tablename__} SET {column} = {column} {where}"
    assert session.connection().execute(text(statement)).rowcount > 0


WAYS = {"flush": by_flush, "bulk": in_bulk, "core": by_core, "text": by_text}


def test_every_witnessed_table_is_tried():
    assert {*CHANGES, *FINAL, *ELSEWHERE} == {*WITNESSED, *BORN_PENDING}


def test_every_table_is_witnessed_or_said_why_not():
    """Accounts are cached sums over transfers, the index follows from the catalogue, the log is its own witness.

    What a member keeps to look for again is private: a log that forgets nothing is no place for it. A client's key, a
    job in the queue and a kept answer lead to runs, which are witnessed.
    Refusals that are only counted become an entry when their minute is over.
    """
    unwitnessed = {"account", "log_entry", "log_node", "log_head", "log_checkpoint", "log_cosignature", "refusal_tally"}
    unwitnessed |= {"search_document", "search_facts", "search_value", "search_word", "search_text", "saved_search"}
    unwitnessed |= {"idempotency_key", "saved_query", "query_job", "spooled"}
    without_model = {"search_text"}
    assert {*WITNESSED, *BORN_PENDING} | unwitnessed == set(SQLModel.metadata.tables) | without_model


def test_a_change_without_an_event_is_refused_in_every_table_and_way(peopled):
    before, entries = {table: state_of(peopled, table) for table in CHANGES}, size(peopled)
    for table, (kind, column, value) in CHANGES.items():
        for way, change in WAYS.items():
            with pytest.raises(UnwitnessedChange, match=f"^{table} changed"):  # noqa: SIM117  # commit raises
                with peopled.writing() as session:
                    change(session, kind, column, value)
            assert state_of(peopled, table) == before[table], (table, way)
    assert size(peopled) == entries


@pytest.mark.parametrize("table", FINAL)
def test_a_row_that_is_final_is_not_entered_without_an_event_either(peopled, table):
    kind = FINAL[table]
    with peopled.reading() as session:
        known = session.exec(select(kind)).scalars().first()
        assert known is not None
        bare = select(Edition.id).where(Edition.id.not_in(select(ClassTable.edition_id)))
        keys = {ClassTable: {"edition_id": session.exec(bare).scalars().first()}, LogSecret: {"name": "x"}}
        keys |= {Subscription: {"id": "x", "month": "2027-01"}, CaseEntry: {"seq": 1}}
        row = {**known.model_dump(), **keys.get(kind, {"id": "x"})}

    def by_flush():
        with peopled.writing() as session:
            session.add(kind(**row))

    def by_core():
        with peopled.writing() as session:
            session.connection().execute(insert(SQLModel.metadata.tables[table]).values(**row))

    before = size(peopled)
    for way in (by_flush, by_core):
        with pytest.raises(UnwitnessedChange, match=f"^{table} changed"):
            way()
    assert size(peopled) == before
    with peopled.writing() as session:
        session.add(kind(**row))
        note(session, event())
    assert size(peopled) == before + 1


def test_a_change_with_an_event_commits_with_its_entry(peopled):
    with peopled.writing() as session:
        by_flush(session, Publisher, "name_en", "Renamed")
        note(session, event("the-publisher"))
    with peopled.reading() as session:
        assert [row[0] for row in state_of(peopled, "publisher")] == ["Renamed"]
        assert log.entry_body(session, log.size(session) - 1)["subject"] == "the-publisher"


def test_an_intention_may_be_born_without_an_event(peopled):
    """Pending transfers and reserved runs are intentions: reserving one more appends nothing."""
    with peopled.reading() as session:
        agreement = session.exec(select(Agreement)).scalars().one().id
    before = size(peopled)
    questions.reserve(peopled, questions.assessed(peopled, agreement, key="k2"))
    assert size(peopled) == before


TABLES = [*WITNESSED, *BORN_PENDING]
FORMS = [
    "update {} set x = 1",
    'UPDATE "{}" SET x = 1',
    "UPDATE main.{} SET x = 1",
    'UPDATE "public" . "{}" SET x = 1',
    "UPDATE ONLY {} SET x = 1",
    "UPDATE OR IGNORE {} SET x = 1",
    "UPDATE `{}` SET x = 1",
    "UPDATE [{}] SET x = 1",
    "/* why */ UPDATE {} SET x = 1",
    "-- why\nUPDATE {} SET x = 1",
    "UPDATE/**/{} SET x = 1",
    "UPDATE -- why\n {} SET x = 1",
    "WITH a AS (SELECT 1) UPDATE {} SET x = 1",
    "WITH gone AS (DELETE FROM {} RETURNING 1) SELECT * FROM gone",
    "SELECT 1; DELETE FROM {}",
    "DELETE FROM {} WHERE 1 = 1",
    "INSERT OR REPLACE INTO {} VALUES (1)",
    "REPLACE INTO {} VALUES (1)",
    "INSERT INTO {} VALUES (1) ON CONFLICT (id) DO UPDATE SET x = 1",
    "MERGE INTO {} USING a ON true WHEN MATCHED THEN DELETE",
    "TRUNCATE {}",
    "TRUNCATE TABLE account, {} CASCADE",
    "DROP TABLE {}",
    "DROP TABLE IF EXISTS {}",
    "ALTER TABLE {} DROP COLUMN x",
    "DO $$ BEGIN UPDATE {} SET x = 1; END $$",
]


@pytest.mark.parametrize("form", FORMS)
def test_a_change_is_seen_however_it_is_written(form):
    for table in TABLES:
        assert needs_witness(form.format(table)) == table, form.format(table)


HARMLESS = [
    "SELECT * FROM release",
    "SELECT size FROM agreement WHERE id = ? FOR UPDATE",
    "RELEASE SAVEPOINT sa_savepoint_1",
    "INSERT INTO transfer (id) VALUES (?)",
    'insert into "query_run" (id) values (?)',
    "UPDATE account SET reserved = reserved + ? WHERE id = ?",
    "INSERT INTO log_entry (seq, by) VALUES (?, ?)",
    "UPDATE log_head SET size = ?",
    "PRAGMA journal_mode=WAL",
]


@pytest.mark.parametrize("statement", HARMLESS)
def test_what_changes_no_witnessed_fact_needs_no_event(statement):
    assert needs_witness(statement) is None


def test_a_commit_without_events_appends_nothing(any_world):
    before = size(any_world)
    with any_world.writing() as session:
        session.connection().execute(text("SELECT 1"))
    with any_world.writing():
        pass
    assert size(any_world) == before


def test_events_of_a_transaction_rolled_back_vanish(any_world):
    before = size(any_world)
    with any_world.writing() as session:
        note(session, event("before anything else"))
        session.rollback()
        session.connection()
        note(session, event("after a statement"))
        session.rollback()
    assert size(any_world) == before


def test_events_of_a_block_that_fails_vanish(any_world):
    before = size(any_world)

    def fail():
        with any_world.writing() as session:
            note(session, event())
            _ = 1 / 0

    with pytest.raises(ZeroDivisionError):
        fail()
    assert size(any_world) == before


def test_a_savepoint_rolled_back_takes_its_events_along(any_world):
    before = size(any_world)
    with any_world.writing() as session:
        note(session, event("outer"))
        with session.begin_nested():
            note(session, event("kept"))
        undone = session.begin_nested()
        note(session, event("undone"))
        with session.begin_nested():
            note(session, event("within the undone"))
        undone.rollback()
        note(session, event("last"))
    with any_world.reading() as session:
        told = [log.entry_body(session, seq)["subject"] for seq in range(before, log.size(session))]
    assert told == ["outer", "kept", "last"]


def test_a_savepoint_whose_outer_transaction_is_rolled_back_leaves_nothing(any_world):
    before = size(any_world)
    with any_world.writing() as session:
        with session.begin_nested():
            note(session, event())
        session.rollback()
    assert size(any_world) == before


def test_a_change_in_a_savepoint_needs_its_event_too(any_world):
    """An event undone with its savepoint does not witness a change that stays."""

    def change():
        with any_world.writing() as session:
            session.connection().execute(text("UPDATE publisher SET name_en = 'Other'"))
            undone = session.begin_nested()
            note(session, event())
            undone.rollback()

    with pytest.raises(UnwitnessedChange, match="publisher"):
        change()


def test_a_refused_change_does_not_stain_the_next_transaction(any_world):
    with pytest.raises(UnwitnessedChange), any_world.writing() as session:
        session.connection().execute(text("UPDATE publisher SET name_en = 'Other'"))
    with any_world.writing() as session:
        session.connection().execute(text("SELECT 1"))
    with any_world.writing() as session:
        session.connection().execute(text("UPDATE publisher SET name_en = 'Other'"))
        session.rollback()
        session.connection().execute(text("SELECT 1"))


def test_events_are_numbered_in_their_order_without_a_gap(any_world):
    before = size(any_world)
    with any_world.writing() as session:
        for number in range(5):
            note(session, event(str(number)))
    with any_world.writing() as session:
        note(session, event("5"))
    with any_world.reading() as session:
        told = [log.entry_body(session, seq)["subject"] for seq in range(before, before + 6)]
        assert log.size(session) == before + 6
    assert told == ["0", "1", "2", "3", "4", "5"]


def test_a_reader_cannot_change_anything(any_world):
    with pytest.raises(Exception, match=r"readonly|read-only"), any_world.reading() as session:
        session.connection().execute(text("UPDATE account SET balance = 1"))
