"""What is said of a dataset is checked before it is a row, and what was said before stays in the log."""

from dataclasses import replace
from datetime import date

import pytest

from catalog.datasets import change_dataset, find_dataset
from catalog.describe import LEVELS, LISTS, REQUIRED, RHYTHMS, THEMES, Description
from catalog.errors import CatalogError, NotFound
from catalog.ids import MemberId
from market.audit import log
from tests.common import editions
from tests.common.world import WORKS

BY = MemberId("m")


def change(world, **changes):
    with world.writing() as session:
        change_dataset(session, editions.DATASET, changes, by=BY, at=world.now())


def said(world):
    with world.reading() as session:
        return Description.of(find_dataset(session, editions.DATASET))


def last_entry(world):
    with world.reading() as session:
        return log.entry_body(session, log.size(session) - 1)


FULL = {
    "keywords_zh": ("道路", "工人"),
    "keywords_en": ("roads",),
    "spatial": "500112",
    "temporal_start": date(2020, 1, 1),
    "temporal_end": date(2025, 12, 31),
    "level": "important",
    "rhythm": "annual",
    "citation": "Example Works Department (2026)",
    "series": "works.all",
}


def test_what_is_said_comes_back_as_it_was_said(any_world):
    change(any_world, **FULL)
    assert said(any_world) == replace(WORKS, **FULL)
    told = last_entry(any_world)
    assert told["action"] == "dataset:changed"
    assert told["details"]["changed"]["rhythm"] == ["irregular", "annual"]
    assert told["details"]["changed"]["temporal_start"] == [None, "2020-01-01"]
    assert told["details"]["changed"]["keywords_zh"] == [[], ["道路", "工人"]]


def test_a_contact_may_name_a_person_so_the_log_says_only_that_it_changed(world):
    change(world, contact="somebody@example.org")
    assert last_entry(world)["details"]["changed"] == {"contact": None}


REFUSED = [
    ({"theme": "unheard-of"}, "theme"),
    ({"level": "secret"}, "level"),
    ({"rhythm": "sometimes"}, "rhythm"),
    ({"level": "core"}, "never be released|can never be released"),
    ({"spatial": "999999"}, "GB/T 2260"),
    ({"temporal_start": date(2026, 1, 1), "temporal_end": date(2025, 1, 1)}, "before the start"),
    ({"keywords_en": ("roads", "roads")}, "twice"),
    ({"keywords_zh": (" ",)}, "empty word"),
    ({"series": "a series"}, "no identifier"),
    ({"title_en": "a" * 201}, "longer than 200"),
    ({"title_en": "two\nlines"}, "control character"),
    *(({name: " "}, "is empty") for name in REQUIRED),
]


@pytest.mark.parametrize(("changes", "why"), REFUSED)
def test_what_cannot_be_said_is_refused_with_its_place(changes, why):
    with pytest.raises(CatalogError, match=why):
        replace(WORKS, **changes)


@pytest.mark.parametrize("spatial", ["50", "5001", "500112", "500000", "500100", "示范市", "Example City", ""])
def test_an_area_is_a_code_at_any_depth_or_a_name(spatial):
    assert replace(WORKS, spatial=spatial).spatial == spatial


def test_every_code_has_a_name_in_both_languages():
    for table in (THEMES, LEVELS, RHYTHMS):
        for code, label in table.items():
            assert code.islower()
            assert label.zh
            assert label.en
        assert len({label.zh for label in table.values()}) == len(table)


def test_a_change_of_nothing_is_refused(world):
    with pytest.raises(CatalogError, match="says so already"):
        change(world, rhythm="irregular")


def test_a_series_stands_once_something_of_it_is_out(world):
    """Its risk was measured together with the other datasets of the series."""
    world.published()
    with pytest.raises(CatalogError, match="its series stands"):
        change(world, series="other")


def test_lists_are_stored_as_json_and_nothing_else_is_lost(world):
    columns = replace(WORKS, **FULL).columns()
    assert {name: columns[name] for name in LISTS} == {"keywords_zh": '["道路", "工人"]', "keywords_en": '["roads"]'}


def test_a_dataset_is_registered_once_and_found_by_its_identifier_alone(world):
    with pytest.raises(CatalogError, match="is registered already"):
        world.register(editions.DATASET)
    with pytest.raises(NotFound, match="is not registered"), world.reading() as session:
        find_dataset(session, "unknown")


@pytest.mark.parametrize("identifier", ["", "a/b", "a b", ".hidden", "道路", "a" * 101, "a\n", "../x"])
def test_an_identifier_stands_in_an_address(world, identifier):
    with pytest.raises(CatalogError, match="cannot stand in an address"):
        world.register(identifier)
