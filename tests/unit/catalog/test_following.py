"""A release follows the one published before it, whatever became of that; its series is that of its dataset."""

import pytest

from catalog import proposing
from catalog.errors import CatalogError, WrongState
from tests.common import editions, words

WORDS = {"controlled": "a word"}


def proposed(world, folder):
    steward = world.people["steward"]
    proposal = proposing.store_proposal(world.store, folder, steward.signer.public)
    with world.writing() as session:
        return proposing.propose(session, proposal, by=steward, at=world.now()).id


def refused(world, folder):
    with pytest.raises(WrongState, match=r"built without the release before it.*--previous"):
        proposed(world, folder)


def test_a_build_that_knew_of_no_release_is_not_proposed_after_one(any_world):
    proposed(any_world, editions.built(2)[0])
    any_world.published(1)
    refused(any_world, editions.built(1)[0])
    refused(any_world, editions.built(2)[0])
    proposed(any_world, editions.built(2, any_world.before())[0])


def test_a_release_that_is_only_approved_need_not_be_followed(world):
    world.approve(world.propose(1))
    proposed(world, editions.built(2)[0])


def test_the_release_before_is_the_one_published_now(world):
    world.published(1)
    first = world.before()
    world.published(2)
    refused(world, editions.built(1, first)[0])
    proposed(world, editions.built(1, world.before())[0])


@pytest.mark.parametrize("erased", [False, True])
def test_a_withdrawn_release_is_still_followed(any_world, erased):
    """Its copies are recalled, never called gone."""
    release = any_world.published(1)
    after = editions.built(2, any_world.before())[0]
    any_world.withdraw(release)
    if erased:
        any_world.erase()
    refused(any_world, editions.built(2)[0])
    proposed(any_world, after)


def test_after_a_withdrawal_the_newest_that_was_published_is_followed(world):
    world.published(1)
    first = world.before()
    second = world.published(2)
    newest = world.before()
    world.withdraw(second)
    assert world.before() == newest != first
    refused(world, editions.built(1, first)[0])
    proposed(world, editions.built(1, newest)[0])


def test_withdrawing_an_old_release_changes_nothing(world):
    old = world.published(1)
    world.published(2)
    newest = world.before()
    world.withdraw(old)
    assert world.before() == newest


def test_another_dataset_begins_anew(world):
    world.published(1)
    world.register("other")
    made = words.proposal(world, WORDS, dataset="other")
    assert "previous" not in made.document["body"]
    with world.writing() as session:
        proposing.propose(session, made, by=world.people["steward"], at=world.now())


@pytest.mark.parametrize("registered", [None, "cohort", "other"])
def test_the_series_of_a_build_is_that_of_its_dataset(world, registered):
    world.register("linked", **({} if registered is None else {"series": registered}))
    made = words.proposal(world, WORDS, dataset="linked", series={"name": "cohort"})
    with world.writing() as session:
        if registered == "cohort":
            proposing.propose(session, made, by=world.people["steward"], at=world.now())
            return
        with pytest.raises(CatalogError, match="not in the plan's series 'cohort'"):
            proposing.propose(session, made, by=world.people["steward"], at=world.now())
