"""The index follows the catalogue: in the same transaction, and again from nothing."""

import threading
import time

import pytest
from sqlalchemy import text

from catalog.events import Event, note
from catalog.models import Dataset
from catalog.search.index import index_dataset, reindex
from catalog.search.models import SearchDocument
from tests.common.clock import BEGIN
from tests.unit.catalog.search.shelf import BY

QUESTIONS = ("", "cancer", "肿瘤登记", "registy", "column:stage", "影", "Example City")


def test_reindexing_finds_the_same_as_before(shelf):
    before = [shelf.search(words) for words in QUESTIONS]
    told = []
    with shelf.database.writing() as session:
        assert reindex(session, lambda done, of: told.append((done, of))) == 3
    assert told == [(3, 3)]
    assert [shelf.search(words) for words in QUESTIONS] == before


def test_reindexing_mends_an_index_that_was_lost(shelf):
    before = [shelf.search(words) for words in QUESTIONS]
    with shelf.database.writing() as session:
        for table in ("search_text", "search_facts", "search_word", "search_value", "search_document"):
            session.connection().execute(text(f"DELETE FROM {table}"))
    assert shelf.search().total == 0
    with shelf.database.writing() as session:
        reindex(session)
    assert [shelf.search(words) for words in QUESTIONS] == before


def test_reindexing_forgets_words_that_no_dataset_says_any_more(shelf):
    shelf.change("urban.roads", title_en="Zebra")
    shelf.change("urban.roads", title_en="Crossing")
    count = text("SELECT count(*) FROM search_word WHERE word = 'zebra'")
    with shelf.database.reading() as session:
        assert session.connection().execute(count).scalar_one() > 0
    with shelf.database.writing() as session:
        reindex(session)
        assert session.connection().execute(count).scalar_one() == 0


def test_indexing_is_undone_with_the_transaction(shelf):
    with pytest.raises(RuntimeError), shelf.database.writing() as session:  # noqa: PT012  # the change and its end
        session.get_one(Dataset, "urban.roads").title_en = "Zebra"
        index_dataset(session, "urban.roads")
        raise RuntimeError
    assert shelf.ids("zebra") == []
    assert shelf.ids("road works") == ["urban.roads"]


def test_indexing_twice_leaves_one_document(shelf):
    with shelf.database.writing() as session:
        index_dataset(session, "urban.roads")
        index_dataset(session, "urban.roads")
    with shelf.database.reading() as session:
        for table in ("search_document", "search_facts", "search_text"):
            assert session.connection().execute(text(f"SELECT count(*) FROM {table}")).scalar_one() == 3


def test_of_two_changes_at_once_the_later_one_indexes_both(shelf):
    """On PostgreSQL the second waits for the document's lock and then reads what the first has committed."""

    def change(column: str, word: str, wait: float) -> None:
        with shelf.database.writing() as session:
            row = session.get_one(Dataset, "urban.roads")
            setattr(row, column, word)
            note(session, Event(action="test:happened", subject=row.id, by=BY, at=BEGIN))
            index_dataset(session, row.id)
            time.sleep(wait)

    second = threading.Timer(0.1, change, ("description_zh", "斑马", 0))
    second.start()
    change("description_en", "zebra", 0.4)
    second.join()
    assert shelf.ids("zebra 斑马") == ["urban.roads"]


def test_an_index_entry_holds_no_more_than_words(shelf):
    with shelf.database.reading() as session:
        row = session.get_one(SearchDocument, 1)
        assert row.title == "乳腺 腺癌 癌肿 肿瘤 瘤登 登记 记 breast cancer registry"
        assert row.keywords == "肿瘤 瘤 登记 记 oncology tumor.breast tumor breast"
