"""What is final stays final, and nothing changes without its entry in the log, on both databases."""

from importlib import import_module

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from catalog.events import Event, note
from catalog.ids import MemberId
from catalog.models import RawSource
from market.audit.hook import UnwitnessedChange
from market.recall import incidents
from market.recall.models import IncidentKind, IncidentState
from tests.common import editions
from tests.common.clock import BEGIN

REVISION = import_module("market.migrations.versions.0004_recall")
LATER = "'2099-01-01 00:00:00'"
ATTEMPTS = {
    "recall_fixed": [
        f"UPDATE recall SET {change}" for change in ("reason = 'x'", f"due_at = {LATER}", "opened_by = 'x'")
    ],
    "recall_closed_once": ["UPDATE recall SET closed_at = NULL", f"UPDATE recall SET closed_at = {LATER}"],
    "recall_stays": ["DELETE FROM recall"],
    "notice_fixed": [f"UPDATE notice SET {change}" for change in (f"due_at = {LATER}", "rows = 0", "firm_id = 'x'")],
    "notice_stays": ["DELETE FROM notice"],
    "attestation_fixed": [f"UPDATE attestation SET {name} = 'x'" for name in ("statement", "signature", "key")],
    "attestation_stays": ["DELETE FROM attestation"],
    "escalation_fixed": [f"UPDATE escalation SET at = {LATER}"],
    "escalation_stays": ["DELETE FROM escalation"],
    "incident_fixed": [f"UPDATE incident SET {name} = 'x'" for name in ("kind", "reported_by", "release_id")],
    "incident_closed_once": ["UPDATE incident SET state = 'reported'"],
    "incident_stays": ["DELETE FROM incident"],
    "incident_step_fixed": [f"UPDATE incident_step SET {name} = 'x'" for name in ("commitment", "by", "withdrawn_id")],
    "incident_words_only_erased": ["UPDATE incident_step SET text = 'x'", "UPDATE incident_step SET salt = 'x'"],
    "incident_step_stays": ["DELETE FROM incident_step"],
    "raw_source_fixed": [f"UPDATE raw_source SET {change}" for change in ("sha256 = 'x'", "size_bytes = 0")],
    "raw_source_erased_once": ["UPDATE raw_source SET erased_at = NULL", f"UPDATE raw_source SET erased_at = {LATER}"],
    "raw_source_stays": ["DELETE FROM raw_source"],
}


def event():
    return Event(action="test:tried", subject="x", by=MemberId("m"), at=BEGIN)


@pytest.fixture
def final(firms):
    """Give a world with rows in all of the tables: a closed recall, a closed incident, an upload that was erased."""
    world = firms.world
    firms.recalled(due_in_days=0)
    firms.escalate(days=1)
    firms.attest("licensee")
    firms.attest("rival")
    with world.writing() as session:
        row = incidents.report(
            session,
            dataset_id=editions.DATASET,
            kind=IncidentKind.OTHER,
            text="words",
            by=firms.viewer("licensee"),
            at=world.now(),
        )
        session.add(
            RawSource(
                id="0RAW",
                dataset_id=editions.DATASET,
                sha256="0" * 64,
                size_bytes=1,
                added_by="m",
                added_at=BEGIN,
                erased_at=BEGIN,
            )
        )
    for state in (IncidentState.TRIAGED, IncidentState.CLOSED):
        with world.writing() as session:
            by = firms.viewer("steward")
            incidents.decide(session, row.id, to=state, text="words", by=by, at=world.now())
    return world


def run(world, statement, *, told=True):
    with world.writing() as session:
        if told:
            note(session, event())
        assert session.connection().execute(text(statement)).rowcount > 0


def test_every_trigger_of_the_revision_is_tried():
    assert set(ATTEMPTS) == {name for name, *_ in REVISION.FINAL}


def test_each_trigger_refuses_what_it_is_there_for(final):
    for name, statements in ATTEMPTS.items():
        for statement in statements:
            with pytest.raises(DBAPIError, match=f"{name}: this is final"):
                run(final, statement)


def test_what_is_final_cannot_be_replaced_or_emptied(final):
    sqlite = final.database.writer.dialect.name == "sqlite"
    for table in REVISION.NEVER_EMPTIED:
        statement = f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}" if sqlite else f"TRUNCATE {table} CASCADE"
        with pytest.raises(DBAPIError, match="this is final"):
            run(final, statement)


def test_words_and_salt_alone_may_go(final):
    run(final, "UPDATE incident_step SET text = NULL, salt = NULL")


def test_a_row_entered_without_an_event_is_refused_in_every_table(firms):
    """A row more, by a statement past every service, in a world that holds the rows it refers to."""
    drawn = firms.drawn("rival")
    firms.recalled(due_in_days=0)
    notice = firms.notice("licensee")
    at = "'2026-01-01 00:00:00'"
    incident = f"INSERT INTO incident VALUES ('i', '{editions.DATASET}', NULL, 'other', 'reported', 'm', {at})"
    with firms.world.writing() as session:
        note(session, event())
        session.connection().execute(text(incident.replace("'i'", "'j'")))
    statements = {
        "recall": f"INSERT INTO recall VALUES ('r', 's', '{firms.release}', 'x', 'm', {at}, {at}, NULL)",
        "notice": f"INSERT INTO notice SELECT 'n', recall_id, '{drawn}', firm_id, 0, 0, 0, sent_at, due_at FROM notice"
        f" WHERE id = '{notice}'",
        "attestation": f"INSERT INTO attestation VALUES ('{notice}', 'x', 'm', 'k', 's', {at})",
        "escalation": f"INSERT INTO escalation VALUES ('{notice}', 'parent', 'x', 'm', {at})",
        "incident": incident,
        "incident_step": f"INSERT INTO incident_step VALUES ('j', 'reported', NULL, NULL, 'c', 'm', {at}, NULL)",
        "raw_source": f"INSERT INTO raw_source VALUES ('0W', '{editions.DATASET}', 'x', 1, 'm', {at}, NULL)",
    }
    assert set(statements) == {*REVISION.TABLES, "raw_source"}
    for table, statement in statements.items():
        with pytest.raises(UnwitnessedChange, match=f"^{table} changed"):
            run(firms.world, statement, told=False)
        run(firms.world, statement)
