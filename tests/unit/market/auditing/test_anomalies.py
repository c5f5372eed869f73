"""A month of normal life with anomalies planted in it: all are found, and next to nothing else."""

from datetime import timedelta

import pytest

from market.audit.models import LogCheckpoint
from market.auditing import rules
from market.auditing.anomalies import scan
from tests.common.clock import BEGIN
from tests.common.month import END, FIRST, Life
from tests.common.planted import plant
from tests.unit.market.auditing.writing import DAY, MINUTE, append, event

RULES = rules.load()
SECOND = timedelta(seconds=1)


def test_all_that_is_planted_is_found_and_one_in_ten_thousand_entries_is_told_of_wrongly(database):
    life = Life.lived(seed=2)
    planted = plant(life)
    entries = life.enter(database)
    with database.reading() as session:
        alerts = list(scan(session, RULES, at=END, from_=FIRST))
    missed = [one for one in planted if not any(one.found_by(alert) for alert in alerts)]
    wrong = [alert for alert in alerts if not any(one.found_by(alert) for one in planted)]
    print(f"{entries} entries, {len(planted)} planted, {len(missed)} missed, {len(wrong)} told of wrongly")
    assert missed == []
    assert entries >= 30_000
    assert len(wrong) <= entries / 10_000


def signed(database, *moments):
    """Enter checkpoints: each the size and the moment."""
    with database.writing() as session:
        session.add_all(LogCheckpoint(size=size, at=at, note="") for size, at in moments)


def found(database, at, **period):
    with database.reading() as session:
        return [alert for alert in scan(session, RULES, at=at, **period) if alert.rule == "checkpoint"]


def test_entries_made_under_an_old_checkpoint_are_told_of(any_database):
    append(any_database, *(event("query:quoted", at=BEGIN + n * MINUTE) for n in range(8)))
    signed(any_database, (1, BEGIN), (8, BEGIN + 7 * MINUTE))
    (alert,) = found(any_database, BEGIN + 8 * MINUTE)
    assert alert.entries == (4, 6)  # the eighth brought its checkpoint with it
    assert alert.figures == {"late": 3, "oldest_s": 420, "signed": True}


def test_an_entry_that_finds_an_old_checkpoint_and_brings_a_new_one_is_not_told_of(database):
    append(database, event("query:quoted", at=BEGIN), event("query:quoted", at=BEGIN + DAY))
    signed(database, (1, BEGIN), (2, BEGIN + DAY))
    assert found(database, BEGIN + 2 * DAY) == []


def test_a_log_in_which_nothing_happens_needs_no_checkpoint(database):
    append(database, event("query:quoted", at=BEGIN), event("query:quoted", at=BEGIN + 30 * SECOND))
    signed(database, (1, BEGIN))
    assert found(database, BEGIN + 9 * DAY) == []


def test_a_log_that_is_not_signed_any_more_is_told_of_once(database):
    append(database, *(event("query:quoted", at=BEGIN + n * MINUTE) for n in range(60)))
    signed(database, (1, BEGIN))
    (alert,) = found(database, BEGIN + 61 * MINUTE)
    assert (alert.entries, alert.figures["late"], alert.figures["signed"]) == ((4, 59), 56, False)
    assert (alert.from_, alert.to) == (BEGIN, BEGIN + 61 * MINUTE)


def test_late_checkpoints_in_a_row_are_one_alert(database):
    append(database, *(event("query:quoted", at=BEGIN + n * MINUTE) for n in range(40)))
    late = [(n, BEGIN + (n - 1) * MINUTE) for n in (1, 11, 21)]
    signed(database, *late, *((n, BEGIN + (n - 1) * MINUTE) for n in range(22, 41)))
    (alert,) = found(database, BEGIN + 40 * MINUTE)
    assert (alert.entries, alert.figures["late"]) == ((4, 19), 12)


def test_a_log_that_was_never_signed_is_told_of(database):
    append(database, event("query:quoted", at=BEGIN), event("query:quoted", at=BEGIN + 4 * MINUTE))
    assert found(database, BEGIN + 2 * MINUTE) == []
    assert len(found(database, BEGIN + 5 * MINUTE)) == 1


def test_an_empty_log_has_nothing_to_tell(database):
    with database.reading() as session:
        assert list(scan(session, RULES, at=BEGIN)) == []


@pytest.mark.parametrize(("from_", "to", "number"), [(None, None, 2), (1, None, 1), (None, 1, 1), (1, 2, 0)])
def test_only_what_lies_in_the_period_is_told_of_and_what_was_before_is_remembered(database, from_, to, number):
    burst = [event("query:refused", by="one", at=BEGIN + n * SECOND, reason="syntax") for n in range(25)]
    usual = [
        event("query:delivered", "q", "two", BEGIN + n * SECOND, bytes=100, rows=1, status="complete")
        for n in range(30, 50)
    ]
    export = event("query:delivered", "q", "two", BEGIN + 3 * DAY, bytes=9000, rows=1, status="complete")
    append(database, *burst, *usual, export)
    signed(database, (46, BEGIN + 3 * DAY))
    period = {name: BEGIN + days * DAY for name, days in (("from_", from_), ("to", to)) if days is not None}
    with database.reading() as session:
        alerts = list(scan(session, RULES, at=BEGIN + 3 * DAY, **period))
    assert len(alerts) == number
