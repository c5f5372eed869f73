"""First, changes and corrections, cancellation: acts that stay, and without which nothing is published."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from catalog.errors import CatalogError, NotPermitted, WrongState
from catalog.events import Event, note
from catalog.ids import MemberId
from catalog.lifecycle import State
from catalog.registration import Act, amend, history, register, standing
from market.audit import log
from tests.common import editions, words
from tests.common.clock import BEGIN

BY = MemberId("m")


def enter(world, act, reason="because", dataset=editions.DATASET):
    with world.writing() as session:
        return amend(session, dataset, act, reason=reason, by=BY, at=world.now())


def first(world, number, dataset=editions.DATASET):
    with world.writing() as session:
        return register(session, dataset, number=number, by=BY, at=world.now())


def test_the_acts_of_a_registration_carry_its_number_and_an_event_each(any_world):
    for act in (Act.CHANGE, Act.CORRECTION, Act.CHANGE, Act.CANCELLATION):
        enter(any_world, act)
    with any_world.reading() as session:
        acts = [(row.kind, row.number) for row in history(session, editions.DATASET)]
        told = [log.entry_body(session, seq) for seq in range(log.size(session))]
        assert standing(session, editions.DATASET) is None
    assert acts == [(kind, "TEST-1") for kind in ("first", "change", "correction", "change", "cancellation")]
    actions = [entry["action"] for entry in told if entry["action"].startswith("registration:")]
    assert actions == [f"registration:{kind}" for kind in ("entered", "changed", "corrected", "changed", "cancelled")]


def test_a_dataset_stands_under_one_number(world):
    with pytest.raises(WrongState, match="is registered as TEST-1"):
        first(world, "TEST-2")


def test_a_number_is_given_once(world):
    enter(world, Act.CANCELLATION)
    with pytest.raises(CatalogError, match="was given before"):
        first(world, "TEST-1")
    first(world, "TEST-2")
    with world.reading() as session:
        assert standing(session, editions.DATASET).number == "TEST-2"
    with pytest.raises(CatalogError, match="was given before"):
        world.register("other", number="TEST-2")


def test_what_is_not_registered_is_not_amended(world):
    enter(world, Act.CANCELLATION)
    for act in (Act.CHANGE, Act.CORRECTION, Act.CANCELLATION):
        with pytest.raises(WrongState, match="is not registered"):
            enter(world, act)


@pytest.mark.parametrize("number", ["", "  ", "a\nb", "9" * 101])
def test_a_number_is_something_that_can_be_read(world, number):
    enter(world, Act.CANCELLATION)
    with pytest.raises(CatalogError, match="is none"):
        first(world, number)


def test_an_act_has_a_reason(world):
    with pytest.raises(CatalogError, match="no reason is given"):
        enter(world, Act.CHANGE, " ")
    with pytest.raises(CatalogError, match="has a number"):
        enter(world, Act.FIRST)


def test_a_release_is_published_only_while_the_registration_stands(any_world):
    release = words.proposed(any_world, {"open": "word"})
    any_world.approve(release)
    enter(any_world, Act.CANCELLATION)
    with pytest.raises(NotPermitted, match=r"has no registration that stands.*sluice dataset register"):
        any_world.publish(release)
    assert any_world.release(release).state == State.APPROVED
    first(any_world, "TEST-2")
    any_world.publish(release)


def test_a_registration_is_not_cancelled_while_a_release_is_out(any_world):
    """A superseded release too: agreements may still read it."""
    old, new = words.published(any_world, {"open": "one"}), words.published(any_world, {"open": "two"})
    for release in (new, old):
        with pytest.raises(WrongState, match="has releases that are not withdrawn"):
            enter(any_world, Act.CANCELLATION)
        any_world.withdraw(release)
    enter(any_world, Act.CANCELLATION)


@pytest.mark.parametrize("statement", ["UPDATE registration SET reason = 'x'", "DELETE FROM registration"])
def test_an_act_is_kept_for_good(any_world, statement):
    def run():
        with any_world.writing() as session:
            note(session, Event(action="test:tried", subject="x", by=BY, at=BEGIN))
            session.connection().execute(text(statement))

    with pytest.raises(DBAPIError, match="this is final"):
        run()
