"""Under an embargo a release is in the catalogue, but nobody is offered or answered anything of it."""

from datetime import timedelta

import pytest

from catalog.errors import CatalogError, WrongState
from catalog.releases import under_embargo
from market.audit import log
from market.licensing import agreements
from market.licensing.models import Agreement
from market.query.assess import check_states
from market.query.verdicts import Denied
from policies.decide import Reason
from tests.common import words
from tests.common.clock import BEGIN
from tests.common.world import PURPOSE

UNTIL = BEGIN + timedelta(days=30)


@pytest.fixture
def held(any_world):
    release = words.proposed(any_world, {"controlled": "word"})
    any_world.approve(release)
    any_world.publish(release, embargo_until=UNTIL)
    return release


def test_it_is_published_and_says_until_when(any_world, held):
    row = any_world.release(held)
    assert (row.state, row.embargo_until) == ("published", UNTIL)
    assert under_embargo(row, UNTIL - timedelta(seconds=1))
    assert not under_embargo(row, UNTIL)
    with any_world.reading() as session:
        told = log.entry_body(session, log.size(session) - 1)["details"]
    assert told["embargo_until"] == UNTIL.isoformat().replace("+00:00", "Z")


def test_it_is_not_offered_before_its_end_and_is_from_then_on(any_world, held):
    with pytest.raises(WrongState, match="is under embargo until"):
        any_world.offer(held)
    any_world._now = UNTIL
    any_world.offer(held)


def test_it_is_not_queried_before_its_end_and_is_from_then_on(any_world, held):
    now, any_world._now = any_world._now, UNTIL
    agreement = any_world.agreement(held)
    any_world._now = now
    with any_world.reading() as session:
        terms = agreements.terms_of(session.get_one(Agreement, agreement))
        with pytest.raises(Denied) as denied:
            check_states(session, agreement, terms, PURPOSE, at=UNTIL - timedelta(seconds=1))
        assert check_states(session, agreement, terms, PURPOSE, at=UNTIL + timedelta(days=1)) == PURPOSE
    assert denied.value.reason == Reason.UNDER_EMBARGO
    assert "Wait until" in denied.value.fix


def test_the_next_release_does_not_inherit_it(any_world, held):
    after = words.published(any_world, {"controlled": "other"})
    assert any_world.release(after).embargo_until is None
    any_world.offer(after)


def test_an_embargo_ends_after_publication(world):
    release = words.proposed(world, {"controlled": "word"})
    world.approve(release)
    with pytest.raises(CatalogError, match="ends before the release is published"):
        world.publish(release, embargo_until=BEGIN)
