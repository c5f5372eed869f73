"""An overdue notice climbs: the steward, the publisher above, the operator; each once, and no faster than agreed."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from catalog.events import Event, note
from catalog.ids import MemberId
from catalog.models import Publisher
from market.parties.models import Role
from market.recall.escalation import escalate
from tests.unit.market.recall.firms import Firms, meanwhile


def under(firms: Firms) -> str:
    """Put a city above the world's publisher; gives its identifier."""
    world = firms.world
    with world.writing() as session:
        city = Publisher(id="0CITY", name_zh="市", name_en="City", kind="city", created_at=world.now())
        session.add(city)
        session.flush()
        session.get_one(Publisher, world.publisher).parent_id = city.id
        event = Event(action="test:placed", subject=city.id, by=MemberId("m"), at=world.now())
        note(session, event)
    return "0CITY"


def test_an_overdue_notice_climbs_one_level_at_a_time_and_each_once(firms):
    city = under(firms)
    firms.recalled(due_in_days=10)
    notice = firms.notice("rival")
    firms.attest("licensee")
    assert firms.escalate(days=9) == []
    climbed = [firms.escalate(days=days) for days in (11, 12, 19, 20, 27, 90)]
    assert climbed == [
        [(notice, "steward", firms.world.publisher)],
        [],
        [(notice, "parent", city)],
        [],
        [(notice, "operator", "operator")],
        [],
    ]
    told = [(entry["details"]["level"], entry["details"]["to"]) for entry in firms.entries("notice:escalated")]
    assert told == [("steward", firms.world.publisher), ("parent", city), ("operator", "operator")]


def test_a_publisher_with_none_above_it_goes_to_the_operator_next(one_database):
    firms = one_database
    firms.recalled(due_in_days=0)
    notice = firms.notice("rival")
    firms.attest("licensee")
    climbed = [firms.escalate(days=days, patience_days=0) for days in (1, 2, 3)]
    assert [[level for _, level, _ in step] for step in climbed] == [["steward"], ["operator"], []]
    assert {step[0][0] for step in climbed if step} == {notice}


def test_what_was_attested_climbs_no_further(one_database):
    firms = one_database
    firms.recalled(due_in_days=0)
    assert len(firms.escalate(days=1)) == 2
    firms.attest("licensee")
    firms.attest("rival")
    assert firms.escalate(days=100) == []


def test_a_steward_escalates_what_is_their_publishers_alone(one_database):
    firms = one_database
    world = firms.world
    with world.writing() as session:
        other = Publisher(id="0OTHER", name_zh="它", name_en="Other", created_at=world.now())
        session.add(other)
        note(session, Event(action="test:placed", subject=other.id, by=MemberId("m"), at=world.now()))
    firms.enter("stranger", Role.STEWARD, "0OTHER")
    firms.recalled(due_in_days=0)
    assert firms.escalate("stranger", days=1) == []
    assert len(firms.escalate("steward", days=1)) == 2


def test_two_who_escalate_at_once_bring_a_notice_up_one_level(firms):
    firms.recalled(due_in_days=0)
    by, at = firms.viewer("administrator"), firms.world.now() + timedelta(days=1)
    assert meanwhile(firms.world, *[lambda session: escalate(session, by=by, at=at)] * 2) == []
    assert len(firms.entries("notice:escalated")) == 2


def test_an_attestation_that_comes_first_is_not_escalated(firms):
    firms.recalled(due_in_days=0)
    by, at = firms.viewer("administrator"), firms.world.now() + timedelta(days=1)
    waiting, done = firms.notice("rival"), firms.notice("licensee")
    made = meanwhile(firms.world, firms.attesting("licensee", done), lambda session: escalate(session, by=by, at=at))
    assert [entry["subject"] for entry in firms.entries("notice:escalated")] == [waiting]
    assert len(made) == 1


def test_a_level_is_told_once_whatever_a_program_does(firms):
    firms.recalled(due_in_days=0)
    firms.escalate(days=1)

    def again() -> None:
        with firms.world.writing() as session:
            note(session, Event(action="test:tried", subject="x", by=MemberId("m"), at=firms.world.now()))
            session.connection().execute(text("INSERT INTO escalation SELECT * FROM escalation"))

    with pytest.raises(IntegrityError):
        again()
