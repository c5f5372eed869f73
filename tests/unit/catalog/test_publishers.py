"""Publishers form a tree, and release what they, or somebody above them, were granted; nothing else."""

import pytest
from sqlalchemy import text

from catalog.datasets import change_dataset
from catalog.errors import CatalogError, NotFound, NotPermitted
from catalog.events import Event, note
from catalog.ids import MemberId
from catalog.lifecycle import State
from catalog.mandates import grant_mandate, profiles_granted, revoke_mandate
from catalog.publishers import PublisherKind, line_of, register_publisher, tree
from policies import profile
from tests.common import editions, words
from tests.common.clock import BEGIN

CITY, DISTRICT, DEPARTMENT = PublisherKind
BY = MemberId("m")


def enter(world, kind, parent=None, name="Name"):
    with world.writing() as session:
        row = register_publisher(session, name_zh="名", name_en=name, kind=kind, parent=parent, by=BY, at=world.now())
        return row.id


def grant(world, publisher, theme, *profiles):
    with world.writing() as session:
        grant_mandate(session, publisher, theme=theme, profiles=profiles, by=BY, at=world.now())


def revoke(world, theme="urban"):
    with world.writing() as session:
        revoke_mandate(session, world.publisher, theme=theme, by=BY, at=world.now())


def test_a_tree_is_listed_each_after_the_one_above_it(any_world):
    city = enter(any_world, CITY)
    one, other = enter(any_world, DISTRICT, city), enter(any_world, DISTRICT, city)
    under = enter(any_world, DEPARTMENT, one)
    direct = enter(any_world, DEPARTMENT, city)
    with any_world.reading() as session:
        found = [(depth, row.id) for depth, row in tree(session)]
        line = [row.id for row in line_of(session, under)]
    assert found == [(0, any_world.publisher), (0, city), (1, one), (2, under), (1, other), (1, direct)]
    assert line == [under, one, city]


LIES = [(CITY, None), (DEPARTMENT, None), (DISTRICT, CITY), (DEPARTMENT, CITY), (DEPARTMENT, DISTRICT)]


@pytest.mark.parametrize("kind", PublisherKind)
@pytest.mark.parametrize("above", [None, *PublisherKind])
def test_a_publisher_lies_where_its_kind_may_and_nowhere_else(world, kind, above):
    parents = {None: None, CITY: enter(world, CITY), DEPARTMENT: enter(world, DEPARTMENT)}
    parents[DISTRICT] = enter(world, DISTRICT, parents[CITY])
    if (kind, above) in LIES:
        assert enter(world, kind, parents[above])
    else:
        with pytest.raises(CatalogError, match=r"lies under|cannot lie under"):
            enter(world, kind, parents[above])


def test_a_publisher_lies_under_one_that_exists_and_has_a_name(world):
    with pytest.raises(NotFound, match="there is none"):
        enter(world, DISTRICT, "nobody")
    with pytest.raises(CatalogError, match="has no name"):
        enter(world, CITY, name=" ")


def test_rows_that_form_a_ring_are_found(world):
    city = enter(world, CITY)
    below = enter(world, DISTRICT, city)
    with world.writing() as session:
        session.connection().execute(text(f"UPDATE publisher SET parent_id = '{below}' WHERE id = '{city}'"))
        note(session, Event(action="test:tampered", subject="x", by=BY, at=BEGIN))
    with world.reading() as session, pytest.raises(CatalogError, match="lies under itself"):
        line_of(session, below)


def test_what_a_publisher_and_those_above_it_were_granted_adds_up(any_world):
    city = enter(any_world, CITY)
    district = enter(any_world, DISTRICT, city)
    beside = enter(any_world, DISTRICT, city)
    department = enter(any_world, DEPARTMENT, district)
    grant(any_world, city, "health", "enclave")
    grant(any_world, department, "health", "open")
    grant(any_world, department, "urban", "controlled")
    with any_world.reading() as session:
        assert profiles_granted(session, department, "health") == {"enclave", "open"}
        assert profiles_granted(session, department, "urban") == {"controlled"}
        assert profiles_granted(session, beside, "health") == {"enclave"}
        assert profiles_granted(session, city, "urban") == frozenset()


def test_a_mandate_granted_again_replaces_the_one_before(any_world):
    grant(any_world, any_world.publisher, "urban", "open")
    grant(any_world, any_world.publisher, "urban", "enclave")
    with any_world.reading() as session:
        assert profiles_granted(session, any_world.publisher, "urban") == {"enclave"}


def test_a_mandate_names_a_theme_and_profiles_that_exist(world):
    for theme, profiles in (("unheard-of", ("open",)), ("urban", ("unheard-of",)), ("urban", ())):
        with pytest.raises(CatalogError, match="Use "):
            grant(world, world.publisher, theme, *profiles)
    with pytest.raises(NotFound):
        grant(world, "nobody", "urban", "open")


def test_a_mandate_is_taken_back_once(world):
    revoke(world)
    with pytest.raises(CatalogError, match="holds no mandate"):
        revoke(world)


def test_without_a_mandate_nothing_of_a_theme_is_registered_and_the_refusal_names_who_can_grant_it(world):
    wanted = rf"Ask an administrator: sluice publisher mandate {world.publisher} --theme health"
    with pytest.raises(NotPermitted, match=wanted):
        world.register("clinic", theme="health")
    grant(world, world.publisher, "health", "open")
    world.register("clinic", theme="health")


def test_without_a_mandate_for_its_theme_a_dataset_does_not_move_to_it(world):
    with pytest.raises(NotPermitted, match="'health'"), world.writing() as session:
        change_dataset(session, editions.DATASET, {"theme": "health"}, by=BY, at=world.now())


def test_without_a_mandate_for_an_edition_nothing_is_proposed(world):
    grant(world, world.publisher, "urban", "enclave", "controlled")
    with pytest.raises(NotPermitted, match=r"for open editions of it.*--theme urban --profile open"):
        words.proposed(world, {"enclave": "fine", "open": "coarse"})
    assert words.proposed(world, {"enclave": "fine", "controlled": "coarser"})


def test_a_mandate_taken_back_before_publication_publishes_nothing(any_world):
    release = words.proposed(any_world, {"enclave": "fine"})
    any_world.approve(release)
    revoke(any_world)
    with pytest.raises(NotPermitted, match="holds no mandate"):
        any_world.publish(release)
    assert any_world.release(release).state == State.APPROVED
    grant(any_world, any_world.publisher, "urban", *profile.names())
    any_world.publish(release)
