"""Keep the index as the catalogue is: one dataset in the transaction that changes it, or all of them anew."""

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import text
from sqlmodel import Session, col, select

from catalog.models import Dataset
from catalog.search import facts, stored
from catalog.search.documents import Document, documents
from catalog.search.lexemes import lexemes
from catalog.search.models import SearchWord
from catalog.search.typos import kept_spellings

BATCH = 500

_LOCK = text(
    "INSERT INTO search_document (dataset_id, title, keywords, columns, description) VALUES (:dataset, '', '', '', '')"
    " ON CONFLICT (dataset_id) DO UPDATE SET dataset_id = excluded.dataset_id RETURNING docid"
)
_WORDS = text(
    "UPDATE search_document SET title = :title, keywords = :keywords, columns = :columns, description = :description"
    " WHERE docid = :docid"
)
_FACTS = text(
    "INSERT INTO search_facts (docid, packed) VALUES (:docid, :packed)"
    " ON CONFLICT (docid) DO UPDATE SET packed = excluded.packed"
)
_DERIVED = ("search_facts", "search_word", "search_value", "search_document")


def index_dataset(session: Session, dataset_id: str) -> None:
    """Write what *dataset_id* is found by now, in place of what it was found by; commits with the caller."""
    index_datasets(session, (dataset_id,))


def index_datasets(session: Session, dataset_ids: Sequence[str]) -> None:
    """Write what each dataset is found by now. Its document is locked first and the catalogue read after it.

    So of two transactions that change a dataset at once, the later one writes what both have said.
    """
    session.flush()
    connection = session.connection()
    docids = {name: connection.execute(_LOCK, {"dataset": name}).scalar_one() for name in sorted(set(dataset_ids))}
    found = {docids[name]: document for name, document in documents(session, list(docids)).items()}
    if not found:
        return
    tokenised = {docid: document.fields.tokenised() for docid, document in found.items()}
    words = [
        {"docid": docid, **{name: " ".join(said) for name, said in each.items()}} for docid, each in tokenised.items()
    ]
    connection.execute(_WORDS, words)
    stored.put(session, {docid: lexemes(document.fields, tokenised[docid]) for docid, document in found.items()})
    _write_facts(session, found)
    _write_spellings(session, {word for document in found.values() for word in document.fields.words()})


def reindex(session: Session, progress: Callable[[int, int], None] | None = None) -> int:
    """Make the whole index again from the catalogue, in a transaction of its own; gives how many datasets it holds."""
    for table in _DERIVED:
        session.connection().execute(text(f"DELETE FROM {table}"))  # noqa: S608  # our names
    names = session.exec(select(Dataset.id).order_by(Dataset.id)).all()
    with stored.anew(session):
        for start in range(0, len(names), BATCH):
            index_datasets(session, names[start : start + BATCH])
            if progress is not None:
                progress(min(start + BATCH, len(names)), len(names))
    return len(names)


def _write_facts(session: Session, found: Mapping[int, Document]) -> None:
    numbers = facts.numbers_of(session, {pair for document in found.values() for pair in document.facets.items()})
    packed = [
        {
            "docid": docid,
            "packed": facts.pack(
                docid,
                {facet: numbers[facet, value] for facet, value in document.facets.items()},
                visible=document.published,
                years=document.years,
                length=document.length,
                minute=max(int(document.since.timestamp()) // 60, 0),
            ),
        }
        for docid, document in found.items()
    ]
    session.connection().execute(_FACTS, packed)


def _write_spellings(session: Session, words: set[str]) -> None:
    ordered = sorted(words)
    for start in range(0, len(ordered), BATCH):
        some = ordered[start : start + BATCH]
        known = set(session.exec(select(SearchWord.word).where(col(SearchWord.word).in_(some)).distinct()))
        new = [word for word in some if word not in known]
        rows = [(spelling, word) for word in new for spelling in sorted(kept_spellings(word))]
        if rows:
            stored.put_spellings(session, rows)
