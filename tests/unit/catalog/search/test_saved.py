"""A saved search says what is new since it was last run."""

from datetime import timedelta

import pytest

from catalog.errors import CatalogError, NotFound
from catalog.ids import MemberId
from catalog.search import saved
from catalog.search.query import Query
from tests.common.clock import BEGIN

ME, OTHER = MemberId("me"), MemberId("other")
ASKED = Query(text="cancer", theme=("health",), year=(2019,))


def keep(shelf, name="mine", query=ASKED, by=ME):
    with shelf.database.writing() as session:
        saved.save(session, name, query, by=by, at=BEGIN)


def run(shelf, name="mine", *, days=0, by=ME):
    with shelf.database.writing() as session:
        return saved.run(session, name, by=by, at=BEGIN + timedelta(days=days))


def test_the_first_run_finds_everything_new_and_the_second_nothing(shelf):
    keep(shelf)
    first = run(shelf)
    assert (first.new, first.since, first.total) == (("tumor.breast", "tumor.lung"), None, 2)
    second = run(shelf, days=1)
    assert (second.new, second.released, second.gone, second.since) == ((), (), (), BEGIN)


def test_a_run_tells_new_datasets_new_releases_and_what_is_gone(shelf):
    keep(shelf, query=Query(text="cancer"))
    run(shelf)
    shelf.enter("new", title_en="Cancer screening")
    shelf.publish("tumor.lung", ["sex"], ["open"], days=2)
    shelf.withdraw("tumor.breast")
    news = run(shelf, days=3)
    assert (news.new, news.released, news.gone, news.total) == (("new",), ("tumor.lung",), ("tumor.breast",), 3)


def test_a_saved_search_is_its_members_alone(shelf):
    keep(shelf)
    keep(shelf, by=OTHER)
    with shelf.database.writing() as session:
        saved.remove(session, "mine", by=OTHER)
        assert saved.saved_searches(session, OTHER) == []
        assert [row.name for row in saved.saved_searches(session, ME)] == ["mine"]
    with pytest.raises(NotFound):
        run(shelf, by=OTHER)


def test_a_name_is_taken_once_and_sensible(shelf):
    keep(shelf)
    for name, said in (("mine", "is there already"), ("", "no name"), ("x" * 81, "no name"), ("a\nb", "no name")):
        with pytest.raises(CatalogError, match=said):
            keep(shelf, name)


def test_only_so_many_are_kept(shelf):
    for number in range(saved.MOST_KEPT):
        keep(shelf, f"s{number}")
    with pytest.raises(CatalogError, match="are 100 already"):
        keep(shelf)


def test_what_finds_too_much_is_not_remembered(shelf, monkeypatch):
    monkeypatch.setattr(saved, "MOST_FOUND", 1)
    keep(shelf)
    with pytest.raises(CatalogError, match="finds 2 datasets"):
        run(shelf)


def test_a_query_is_kept_as_it_was_asked():
    asked = Query.parse("肿瘤 column:Stage registry", theme=("health",), spatial=("50",), year=(2019, 2020))
    assert asked.columns == ("Stage",)
    assert asked.text == "肿瘤 registry"
    assert Query.from_json(asked.to_json()) == asked
