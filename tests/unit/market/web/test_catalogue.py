"""The front page finds what is published, counts it, orders it, and helps where nothing is found."""

from datetime import timedelta

import pytest
from sqlmodel import select
from werkzeug.datastructures import MultiDict

from catalog.datasets import change_dataset
from catalog.events import Event, note
from catalog.ids import MemberId
from catalog.models import Release
from catalog.search.corrections import Correction
from catalog.search.index import index_dataset
from market.web import catalogue
from market.web.asking import Asked
from market.web.views.marks import Marker
from tests.common import editions
from tests.unit.market.web.reading import Page
from tests.unit.market.web.site import SCRIPT, TUMOR

BY = MemberId("M")


def titles(page):
    return [element.text for element in Page(page).all("h3") if element.inside("article")]


def test_everything_published_is_listed_with_its_risk_and_its_publishers(visitor):
    page = Page(visitor.get("/?lang=en").text)
    assert sorted(titles(visitor.get("/?lang=en").text)) == ["Road works", "Tumour registry cases"]
    first = next(article for article in page.all("article") if "Tumour" in article.text)
    for words in ("Example City › Example District › Example Health Office", "Highest risk", "1,700 rows", "release 2"):
        assert words in first.text


def test_words_in_either_language_find_and_are_marked(visitor):
    assert titles(visitor.get("/?q=肿瘤登记").text) == ["肿瘤登记病例"]
    found = visitor.get("/?q=tumour&lang=en").text
    assert titles(found) == ["Tumour registry cases"]
    assert "<mark>Tumour</mark>" in found


def test_a_slip_is_corrected_and_the_page_says_so(visitor):
    page = Page(visitor.get("/?q=tumuor&lang=en").text)
    assert titles(visitor.get("/?q=tumuor&lang=en").text) == ["Tumour registry cases"]
    assert any(
        "“tumuor” was not found. Searched instead for: tumor, tumour." in element.text for element in page.all("p")
    )


def test_a_column_is_found_by_its_name(visitor):
    assert titles(visitor.get("/?q=column:size_mm&lang=en").text) == ["Tumour registry cases"]
    assert titles(visitor.get("/?q=column:metres&lang=en").text) == ["Road works"]


def test_a_facet_is_a_link_with_its_count_and_can_be_taken_back(visitor):
    page = Page(visitor.get("/?lang=en").text)
    health = next(element for element in page.all("li") if element.text.startswith("Health"))
    assert health.text == "Healthdatasets: 1"
    chosen = visitor.get(health.below[0].attributes["href"])
    assert titles(chosen.text) == ["Tumour registry cases"]
    back = Page(chosen.text).links()["Theme: Health ×, remove"]
    assert len(titles(visitor.get(back).text)) == 2


def test_a_publisher_counts_for_all_above_it_in_their_order(visitor, shared):
    page = Page(visitor.get("/?lang=en").text)
    facet = next(element for element in page.all("section") if element.text.startswith("Publisher"))
    names = [item.below[0].text for item in facet.below[1].below]
    at = names.index("Example City")
    assert names[at : at + 3] == ["Example City", "Example District", "Example Health Office"]
    assert titles(visitor.get(f"/?lang=en&publisher={shared.city}").text) == ["Tumour registry cases"]


@pytest.mark.parametrize(
    ("facet", "found"),
    [
        ("spatial=50", ["Tumour registry cases"]),
        ("year=2019", ["Tumour registry cases"]),
        ("year=1999", []),
        ("year=abc", ["Road works", "Tumour registry cases"]),
        ("profile=open", ["Tumour registry cases"]),
        ("profile=open&profile=controlled", ["Road works", "Tumour registry cases"]),
        ("theme=health&theme=urban", ["Road works", "Tumour registry cases"]),
        ("theme=health&profile=nothing", []),
        ("rhythm=annual", ["Tumour registry cases"]),
        ("level=core", []),
    ],
)
def test_facets_narrow_down(visitor, facet, found):
    assert sorted(titles(visitor.get(f"/?lang=en&{facet}").text)) == found


def test_finding_nothing_comes_with_ways_out(visitor):
    page = Page(visitor.get("/?q=qqqq&theme=health&level=general&lang=en").text)
    links = page.links()
    assert "Nothing found" in page.one("main").text
    assert links["Search for “qqqq” without filters"] == "/?q=qqqq&lang=en"
    assert links["Without “Health”"] == "/?level=general&q=qqqq&lang=en"
    assert "All datasets" in links


def test_orders_are_offered_where_they_make_sense(visitor):
    assert "Sort by newest title" in Page(visitor.get("/?lang=en").text).one("main").text
    assert titles(visitor.get("/?lang=en&sort=title").text) == ["Road works", "Tumour registry cases"]
    by_newest = titles(visitor.get("/?lang=en&sort=newest&q=w*").text)
    assert by_newest == []
    both = "/?lang=en&q=road tumour"  # no dataset has both: those with half of them
    assert "No dataset has all of these words" in visitor.get(both).text
    assert len(titles(visitor.get(f"{both}&sort=newest").text)) == 2
    assert titles(visitor.get(f"{both}&sort=title").text) == ["Road works", "Tumour registry cases"]


@pytest.mark.parametrize("sort", ["relevance", "newest", "title"])
def test_pages_follow_each_other_without_gap_or_repeat(visitor, monkeypatch, sort):
    monkeypatch.setattr(catalogue, "ROWS", 1)
    first = Page(visitor.get(f"/?lang=en&q=example&sort={sort}").text)
    assert "1–1 of 2" in first.one("main").text
    second = visitor.get(first.links()["Next"])
    assert "Previous" in Page(second.text).links()
    assert "Next" not in Page(second.text).links()
    whole = {element.text for element in first.all("h3") if element.inside("article")} | set(titles(second.text))
    assert whole == {"Road works", "Tumour registry cases"}


def test_a_search_that_is_too_long_is_refused_in_words(visitor):
    answer = visitor.get("/?lang=en&q=" + "x" * 201)
    assert answer.status_code == 400
    assert "That search is too long" in answer.text
    assert visitor.get("/?q=column:%20x").status_code == 200
    assert visitor.get("/?q=column:--").status_code == 400


def test_a_title_is_shown_as_text_and_not_as_markup(client, site):
    with site.home.database.writing() as session:
        said = {"title_en": SCRIPT, "title_zh": SCRIPT, "description_en": f"script {SCRIPT}", "keywords_en": (SCRIPT,)}
        change_dataset(session, TUMOR, said, by=BY, at=site.at)
        index_dataset(session, TUMOR)
    for path in (
        "/",
        "/?q=script",
        f"/?q={SCRIPT}",
        f"/datasets/{TUMOR}",
        f"/datasets/{TUMOR}/releases/1",
        "/publishers",
    ):
        page = client.get(path, headers={"Accept-Language": "en"}).text
        assert "<script" not in page
        assert Page(page).faults() == []
    assert "&lt;script&gt;" in client.get(f"/datasets/{TUMOR}").text
    assert "<mark>script</mark>" in client.get("/?q=script").text


def test_a_release_under_embargo_is_listed_with_its_day(client, site):
    with site.home.database.writing() as session:
        release = session.exec(select(Release).where(Release.dataset_id == editions.DATASET)).one()
        release.embargo_until = site.at + timedelta(days=400)
        note(session, Event(action="test:happened", subject=release.id, by=BY, at=site.at))
    day = (site.at + timedelta(days=400)).date()
    assert f"embargo until {day}" in client.get("/?lang=en").text
    assert f"{day}前暂不开放" in client.get("/").text


def test_what_was_asked_is_read_forgivingly_and_written_back():
    asked = Asked.read(MultiDict([("q", "  a  b "), ("year", "x"), ("year", "2019"), ("sort", "?"), ("page", "0")]))
    assert (asked.words, asked.facets, asked.sort, asked.page) == ("a b", {"year": ("2019",)}, "relevance", 1)
    assert asked.query.year == (2019,)
    turned = asked.turned("theme", "health").turned("year", "2019")
    assert turned.arguments() == {"theme": ["health"], "q": "a b"}
    assert Asked.read(MultiDict([("page", "²")])).page == 1


def test_words_are_marked_where_they_begin_whatever_their_case():
    assert Marker.of("")("any text") == [("any text", False)]
    assert Marker.of("age")("Age, page") == [("Age", True), (", page", False)]
    assert Marker.of("肿瘤登记")("肿瘤的登记") == [("肿瘤", True), ("的", False), ("登记", True)]
    assert Marker.of("brest", [Correction("brest", ("breast",))])("Breast") == [("Breast", True)]
    assert Marker.of("of the")("of the") == [("of the", False)]
