"""What is asked for is found, in the promised order, and nothing else is."""

import pytest
from sqlmodel import select

from catalog.errors import CatalogError
from catalog.search.find import Scope
from catalog.search.models import SearchDocument
from catalog.search.query import Query

HOSTILE = (
    *("'", '"', "''\"\"", "*", "tum*", "a NEAR/2 b", "NOT cancer", "cancer OR", "OR", "AND AND", "{title} : x"),
    *("^cancer", "lexemes:cancer", "(", ")", "((", "cancer)", "x & y", "!x", "a <-> b", "x:*", "\\", "\\'", "'; DROP"),
    *("TABLE dataset; --", "%", "_", "-cancer", "+", "t=cancer", "n=stage", "p=a+b", "\0", "\ud800", ":asked", "$1"),
    *(
        "%s",
        "\u200b",
        "a\tb\nc",
        "cancer\0lung",
        "肿' OR '瘤",
        "登记*",
        '"肿瘤" -登记',
        "stage+work",
        "﹡",
        "＂cancer＂",
    ),
)


def test_any_part_of_a_chinese_title_finds_it(shelf):
    for part in ("瘤登", "肿瘤", "登记", "肿瘤登记", "乳腺癌肿瘤登记"):
        assert shelf.ids(part)[0] == "tumor.breast"


def test_a_single_character_finds_what_holds_it_wherever_it_stands(shelf):
    for character in "乳瘤记":
        assert shelf.ids(character)[0] == "tumor.breast"


def test_characters_in_another_order_are_not_found(shelf):
    found = shelf.search("登瘤")
    assert found.total == 0
    assert found.hits == ()


def test_width_case_accents_plurals_and_little_words_do_not_matter(shelf):
    for words in ("CANCER registries", "ｃａｎｃｅｒ registry", "Cáncer Registry", "the registry of cancers"):
        assert shelf.ids(words) == ["tumor.breast", "tumor.lung"]


def test_codes_are_found_whole_and_by_their_parts(shelf):
    for code in ("C50.9", "c50.9", "C50", "tumor.breast"):
        assert shelf.ids(code) == ["tumor.breast"]


def test_a_code_is_not_found_by_pieces_of_another(shelf):
    shelf.enter("other", title_en="Room C50", description_en="9 chairs")
    assert shelf.ids("C50.9") == ["tumor.breast"]


def test_places_and_publishers_are_found_by_name(shelf):
    assert shelf.ids("渝中区") == ["tumor.lung"]
    assert shelf.ids("500103") == ["tumor.lung"]
    assert shelf.ids("Roads Office") == ["urban.roads"]
    assert set(shelf.ids("Example City")) == {"tumor.breast", "tumor.lung", "urban.roads"}


def test_who_has_a_column_is_answered(shelf):
    assert shelf.ids("column:age_at_diagnosis") == ["tumor.breast"]
    assert shelf.ids("column:年龄") == ["tumor.breast"]
    assert set(shelf.ids("column:age")) == {"tumor.breast", "tumor.lung"}
    assert shelf.ids("column:patientage") == ["tumor.lung"]
    assert set(shelf.ids("column:stage")) == {"tumor.breast", "urban.roads"}
    assert shelf.ids("road column:stage") == ["urban.roads"]
    assert shelf.ids("column:cancer") == []


def test_the_title_ranks_before_keywords_columns_and_description(shelf):
    shelf.enter("d", title_en="Four", description_en="zebra")
    shelf.enter("c", title_en="Three", columns=["zebra"])
    shelf.enter("k", title_en="Two", keywords_en=["zebra"])
    shelf.enter("t", title_en="One zebra with a title that goes on and on for very long")
    found = shelf.search("zebra")
    assert [(hit.dataset, hit.found_in) for hit in found.hits] == [
        ("t", "title"),
        ("k", "keywords"),
        ("c", "columns"),
        ("d", "anywhere"),
    ]


def test_a_phrase_in_the_title_ranks_first(shelf):
    shelf.enter("apart", title_en="Water in the main")
    shelf.enter("phrase", title_en="A much longer title about the water mains of the whole city and its districts")
    shelf.enter("swapped", title_en="Mains water")
    found = shelf.search("water main")
    assert {hit.dataset: hit.found_in for hit in found.hits} == {
        "phrase": "phrase",
        "apart": "phrase",
        "swapped": "title",
    }
    shelf.enter("between", title_en="Water leaving mains")
    assert shelf.ids("water mains")[-2:] == ["swapped", "between"]


def test_a_word_said_more_often_ranks_first_within_a_field(shelf):
    shelf.enter("once", title_en="Same", description_en="zebra lion lion lion")
    shelf.enter("often", title_en="Same", description_en="zebra zebra zebra lion")
    assert shelf.ids("zebra") == ["often", "once"]
    assert shelf.ids("lion") == ["once", "often"]


def test_of_two_that_say_the_same_the_newer_release_ranks_first(shelf):
    for days, name in ((1, "older"), (9, "newest"), (5, "newer")):
        shelf.enter(name, title_en="Zebra", publish=False)
        shelf.publish(name, ["sex"], ["open"], days=days)
    assert shelf.ids("zebra") == ["newest", "newer", "older"]


def test_without_words_everything_is_listed_the_newest_first(shelf):
    shelf.publish("urban.roads", ["sex"], ["open"], days=3)
    found = shelf.search()
    assert found.total == 3
    assert found.hits[0].dataset == "urban.roads"
    assert found.hits[0].release == "urban.roads-2"
    assert found.hits[0].found_in == ""


def test_pages_hold_everything_once(shelf):
    for number in range(30):
        shelf.enter(f"z{number}", title_en="Zebra", description_en="zebra " * (number % 5))
    whole = shelf.ids("zebra", limit=100)
    assert len(set(whole)) == 30
    assert [id for at in range(0, 30, 7) for id in shelf.ids("zebra", limit=7, offset=at)] == whole


def test_what_is_not_published_or_withdrawn_is_not_found(shelf):
    shelf.enter("draft", title_en="Zebra", publish=False)
    assert shelf.ids("zebra") == []
    assert shelf.ids("zebra", scope=Scope(everything=True)) == ["draft"]
    shelf.publish("draft", ["stripes"], ["open"])
    assert shelf.ids("zebra column:stripes") == ["draft"]
    shelf.withdraw("draft")
    assert shelf.ids("zebra") == []
    assert shelf.ids("column:stripes", scope=Scope(everything=True)) == []


def test_a_steward_finds_what_is_unpublished_below_their_publisher_alone(shelf):
    shelf.enter("draft", publisher_id="roads", title_en="Zebra", publish=False)
    for publisher, found in (("roads", ["draft"]), ("city", ["draft"]), ("health", [])):
        assert shelf.ids("zebra", scope=Scope(publishers=frozenset((publisher,)))) == found


def test_a_new_description_replaces_the_old_one(shelf):
    shelf.change("urban.roads", title_en="Zebra crossings", description_en="", theme="transport")
    assert shelf.ids("zebra") == ["urban.roads"]
    assert shelf.ids("workers") == []
    assert [each.value for each in shelf.search("zebra").facets["theme"]] == ["transport"]


def test_columns_are_those_of_the_newest_release(shelf):
    shelf.publish("tumor.lung", ["slices"], ["open"])
    assert shelf.ids("column:slices") == ["tumor.lung"]
    assert shelf.ids("column:modality") == []


def test_where_no_dataset_has_all_words_those_with_most_of_them_are_shown(shelf):
    found = shelf.search("oncology registry zebra")
    assert found.partial
    assert [(hit.dataset, hit.found_in) for hit in found.hits] == [("tumor.breast", "some-words")]
    assert not shelf.search("oncology registry").partial


def test_what_looks_like_query_syntax_is_text(shelf):
    """Whatever is typed finds what a plain reading of its words in each document finds."""
    with shelf.database.reading() as session:
        said = {
            row.dataset_id: f"{row.title} {row.keywords} {row.columns} {row.description}".split()
            for row in session.exec(select(SearchDocument))
        }
    for words in HOSTILE:
        found = shelf.search(words)
        if found.partial or found.corrections:
            continue
        terms = Query.parse(words).terms

        def holds(tokens, term):
            return any(token in term.tokens or (term.starts and token.startswith(term.tokens)) for token in tokens)

        plainly = {name for name, tokens in said.items() if all(holds(tokens, term) for term in terms)}
        assert {hit.dataset for hit in found.hits} == (plainly if terms else set()), words
    assert shelf.search("cancer").total == 3


def test_operators_are_looked_for_as_words(shelf):
    for words in ("NOT cancer", "lexemes:cancer", "t=cancer", "n=stage"):
        assert not any(hit.found_in == "title" for hit in shelf.search(words).hits)
    assert shelf.ids("*") == []
    shelf.enter("near", title_en="Near misses")
    assert shelf.ids("NEAR") == ["near"]


def test_a_question_too_long_or_a_page_too_far_is_refused(shelf):
    with pytest.raises(CatalogError, match="longer than 200"):
        Query(text="肿" * 201)
    with pytest.raises(CatalogError, match="page"):
        shelf.search("cancer", offset=10_001)
    assert shelf.search("肿瘤" * 100).partial in (True, False)


def test_both_databases_give_the_same_in_the_same_order(both_shelves):
    sqlite, postgresql = both_shelves
    questions = (
        *(
            "",
            "cancer",
            "肿瘤",
            "肿",
            "登记 registry",
            "registy",
            "cancre registri",
            "C50.9",
            "column:stage",
            "road cancer",
        ),
        *("road cancer", "oncology zebra registry", "urban governance", "Example City", "𠀀", "影像 imaging"),
    )
    for words in (*questions, *HOSTILE):
        assert sqlite.search(words) == postgresql.search(words), words
