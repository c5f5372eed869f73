"""An offer may name a part of an edition; what both sides then sign, and what is served, is that part."""

import json

import pytest
from sqlmodel import select

from anonymize.cut import CutRefused
from catalog.errors import CatalogError, NotFound, NotPermitted, WrongState
from catalog.models import Cut
from market.licensing import agreements, parts
from market.licensing.models import Agreement, Offer
from policies.cut import Condition
from tests.common.editions import DATASET

COLUMNS, WHERE = ("sex", "metres"), (Condition.parse("metres between 1 and 60"),)


def prepared(world, edition, columns=COLUMNS, where=WHERE, organisation=None):
    return parts.prepare(
        world.database,
        world.store,
        edition,
        columns=columns,
        where=where,
        organisation=organisation or world.publisher,
        by=world.people["steward"],
        at=world.now(),
    )


def cut_of(world, edition, **asked):
    part = prepared(world, edition, **asked)
    with world.writing() as session:
        return parts.enter(session, part, by=world.people["steward"], at=world.now()).id


def row_of(world, kind, id):
    with world.reading() as session:
        return session.get_one(kind, id)


def test_an_agreement_on_a_cut_names_it_in_terms_text_and_policy(any_world):
    world = any_world
    release = world.published()
    cut = cut_of(world, world.edition(release))
    offer = world.offer(release, cut=cut)
    agreement = world.draw_up(world.request(offer))
    world.sign(agreement)
    row = row_of(world, Agreement, agreement)
    assert row_of(world, Offer, offer).cut_id == row.cut_id == agreements.terms_of(row).cut == cut
    words, _, rest = row.text.partition("```json")
    assert f"{cut} of that edition, evidence {row_of(world, Cut, cut).evidence_hash}" in words
    assert json.loads(rest.partition("```")[0])["permission"][0]["target"] == f"urn:sluice:cut:{cut}"


def test_a_whole_edition_is_offered_as_before(world):
    release = world.published()
    row = row_of(world, Agreement, world.agreement(release))
    assert (row.cut_id, agreements.terms_of(row).cut) == (None, None)
    assert "cut" not in json.loads(row.terms)


def test_a_part_that_was_made_is_not_made_again(world):
    edition = world.edition(world.published())
    first = cut_of(world, edition)
    again = prepared(world, edition, columns=("metres", "sex"))
    assert again.made is None
    with world.writing() as session:
        assert parts.enter(session, again, by=world.people["steward"], at=world.now()).id == first


def test_without_columns_a_part_carries_them_all(world):
    part = prepared(world, world.edition(world.published()), columns=())
    assert part.spec.columns == ("injury", "metres", "sex", "years")


def test_a_part_that_fails_its_gate_cannot_be_offered(world):
    edition = world.edition(world.published())
    with pytest.raises(CutRefused, match="Drop 'years'"):
        prepared(world, edition, columns=("years",), where=(Condition.parse("metres between 1 and 5"),))
    with world.reading() as session:
        assert session.exec(select(Cut)).all() == []


def test_nobody_cuts_another_publishers_edition(world):
    with pytest.raises(NotPermitted):
        prepared(world, world.edition(world.published()), organisation="another")


def test_an_offer_names_a_cut_of_its_own_edition(world):
    release, other = world.published(), world.published()
    cut = cut_of(world, world.edition(release))
    with pytest.raises(CatalogError, match="is not what was signed"):
        world.offer(other, cut=cut)
    with pytest.raises(NotFound):
        world.offer(other, cut="x")


def test_a_cut_that_went_is_not_offered(world):
    edition = world.edition(world.published())
    part = prepared(world, edition)
    gone = parts.Part(edition, part.spec, None)
    with world.writing() as session, pytest.raises(WrongState, match="went while it was to be offered"):
        parts.enter(session, gone, by=world.people["steward"], at=world.now())


@pytest.mark.parametrize("drawn_up", [False, True])
def test_after_its_release_is_withdrawn_an_agreement_on_a_cut_is_not_startable(world, drawn_up):
    release = world.published()
    request = world.request(world.offer(release, cut=cut_of(world, world.edition(release))))
    step, subject = (world.sign, world.draw_up(request)) if drawn_up else (world.draw_up, request)
    world.withdraw(release)
    with pytest.raises(WrongState, match="is withdrawn"):
        step(subject)


def test_a_row_that_names_another_cut_than_its_terms_is_found_out(world):
    release = world.published()
    cut = cut_of(world, world.edition(release))
    row = row_of(world, Agreement, world.agreement(release))
    row.cut_id = cut
    with pytest.raises(CatalogError, match="are not those that were signed"):
        agreements.terms_of(row)
    assert world.release(release).dataset_id == DATASET
