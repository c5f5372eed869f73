"""Each entry says of itself what it can; what it leaves to others is looked up, and what nothing tells is none."""

import pytest

from market.auditing.entries import UNREADABLE, Outcome, Reader
from market.parties.models import Role
from market.query import runs
from tests.common import questions
from tests.common.world import PURPOSE, World
from tests.unit.market.auditing.writing import append, event, read

CHARGE = {"agreement": "a", "firm": "f", "edition": "e", "release": "r", "dataset": "d", "purpose": "DUO:0000006"}


def test_a_delivery_is_told_with_what_the_charge_of_its_question_says(database):
    first = append(
        database,
        event("query:answered", "q", "m", **CHARGE, amount_fen=15),
        event("query:delivered", "q", "m", rows=3, bytes=120, status="complete"),
    )
    answered, delivered = read(database, first)
    for entry in (answered, delivered):
        assert (entry.firm, entry.dataset, entry.release, entry.agreement) == ("f", "d", "r", "a")
        assert entry.purpose == "DUO:0000006"
    assert (answered.outcome, answered.amount_fen, answered.bytes) == (Outcome.ANSWERED, 15, None)
    assert (delivered.outcome, delivered.rows, delivered.bytes) == (Outcome.DELIVERED, 3, 120)


def test_a_charge_outside_of_what_is_read_is_found_in_the_log(any_database):
    charged = append(any_database, event("query:answered", "q", **CHARGE))
    append(any_database, event("query:refunded", "q", reason="not fetched in time"))
    (refunded,) = read(any_database, charged + 1)
    assert (refunded.firm, refunded.outcome, refunded.reason) == ("f", Outcome.REFUNDED, "not fetched in time")


def test_an_answer_that_was_stopped_is_partial_and_says_why(database):
    append(database, event("query:delivered", "q", rows=1, bytes=9, status="row_limit"))
    (partial,) = read(database)
    assert (partial.outcome, partial.reason, partial.firm) == (Outcome.PARTIAL, "row_limit", None)


def test_an_entry_of_before_names_were_kept_is_resolved_by_the_catalogue(any_world: World):
    release = any_world.published()
    agreement = any_world.agreement(release)
    at = append(
        any_world.database, event("query:answered", "q", agreement=agreement, edition=any_world.edition(release))
    )
    quoted = append(any_world.database, event("query:quoted", agreement, "stranger"))
    for entry in (read(any_world.database, at)[0], read(any_world.database, quoted)[0]):
        assert (entry.firm, entry.release, entry.dataset) == (any_world.firm, release, "road-works")


def test_what_the_catalogue_does_not_know_stays_empty(database):
    append(database, event("query:answered", "q", "m", agreement="gone", edition="gone"))
    (entry,) = read(database)
    assert (entry.agreement, entry.firm, entry.release, entry.dataset) == ("gone", None, None, None)


def test_a_question_that_was_never_charged_is_known_by_its_row(any_world: World):
    release = any_world.published()
    agreement = any_world.agreement(release)
    any_world.account(amount=1000)
    run = questions.reserve(any_world, questions.assessed(any_world, agreement))
    with any_world.writing() as session:
        by = any_world.people["licensee"].id
        runs.give_up(session, run, reason="timeout", by=by, epoch=questions.EPOCH, at=any_world.now())
    failed = read(any_world.database)[-1]
    assert (failed.action, failed.outcome, failed.reason) == ("query:failed", Outcome.FAILED, "timeout")
    assert (failed.agreement, failed.firm, failed.dataset, failed.purpose) == (
        agreement,
        any_world.firm,
        "road-works",
        PURPOSE,
    )


def test_who_knocks_at_anothers_agreement_is_told_under_their_own_firm(world: World):
    agreement = world.agreement(world.published())
    other = world.enter("other", Role.LICENSEE, "another-firm")
    at = append(world.database, event("query:refused", agreement, other.id, reason="not-found"))
    (entry,) = read(world.database, at)
    assert (entry.agreement, entry.firm, entry.outcome) == (agreement, "another-firm", Outcome.REFUSED)


@pytest.mark.parametrize(
    "body",
    [
        b"nonsense",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b'{"action":"a:b","at":"yesterday","by":"m","details":{},"subject":"s"}',
        b'{"action":"a:b","at":"2026-01-01T00:00:00Z","by":"m","details":[],"subject":"s"}',
        b'{"action":1,"at":"2026-01-01T00:00:00Z","by":"m","details":{},"subject":"s"}',
    ],
)
def test_an_entry_that_cannot_be_read_hides_no_other(database, body):
    good = b'{"action":"a:b","at":"2026-01-01T00:00:00Z","by":"m","details":{"rows":1},"subject":"s"}'
    with database.reading() as session:
        found = Reader.begin(session).flat([(0, body), (1, good)])
    assert [entry.action for entry in found] == [UNREADABLE, "a:b"]
    assert (found[0].at, found[1].rows) == (None, 1)


@pytest.mark.parametrize("value", ["9", True, 1.5, 2**63, None, [9]])
def test_a_figure_of_another_type_is_none(database, value):
    append(database, event("query:delivered", "q", bytes=value, rows=value, status="complete"))
    (entry,) = read(database)
    assert (entry.bytes, entry.rows) == (None, None)


def test_entries_come_once_each_and_in_their_order_whatever_the_batch(any_database):
    append(any_database, *(event("query:quoted", str(number)) for number in range(11)))
    for batch in (1, 3, 11, 12):
        found = [entry.seq for entry in read(any_database, 2, before=9, batch=batch)]
        assert found == list(range(2, 9)), batch
