"""Find datasets: match, correct where nothing matches, choose by facets, count, and put in order."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from sqlmodel import Session, col, select

from catalog.errors import CatalogError
from catalog.lifecycle import State
from catalog.models import Dataset, Publisher, Release
from catalog.search import corrections, facets, facts, rank, stored
from catalog.search.corrections import Correction
from catalog.search.facets import Count, Keys
from catalog.search.facts import Rows, chosen
from catalog.search.lexemes import Reach
from catalog.search.models import SearchDocument
from catalog.search.query import Query, Term
from catalog.search.stored import Group, Ids

MOST_LISTED = 100
DEEPEST = 10_000
LOOSE = 12
"""Where no document has all words, so many of them are tried one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Whose datasets may be found without a published release: nobody's, unless said otherwise."""

    everything: bool = False
    publishers: frozenset[str] = frozenset()
    """Of these and all below them."""


PUBLIC = Scope()


@dataclass(frozen=True, slots=True)
class Hit:
    """A dataset that was found."""

    dataset: str
    title_zh: str
    title_en: str
    description_zh: str
    description_en: str
    theme: str
    publisher: str
    publisher_zh: str
    publisher_en: str
    release: str | None
    published_at: datetime | None
    found_in: str
    """`phrase`, `title`, `keywords`, `columns` or `anywhere`; `some-words` where some lack; empty without words."""


@dataclass(frozen=True, slots=True)
class Found:
    """A page of hits, and what is said of all that was found."""

    total: int
    hits: tuple[Hit, ...]
    facets: dict[str, list[Count]]
    corrections: tuple[Correction, ...] = ()
    partial: bool = False
    """No dataset has all the words; these have at least half of them."""


@dataclass(frozen=True, slots=True)
class Matches:
    """All documents that match, before any order."""

    rows: Rows
    terms: tuple[Term, ...]
    keys: Keys
    corrections: tuple[Correction, ...] = ()
    scores: dict[int, int] = field(default_factory=dict)
    """How many of the words each document has, where none has all."""


def search(
    session: Session, query: Query, *, at: datetime, scope: Scope = PUBLIC, limit: int = 20, offset: int = 0
) -> Found:
    """Find the datasets that *query* asks for, the most relevant first, and count them by facets.

    Raises:
        CatalogError: a page is asked for that is not served.
    """
    if not 0 <= limit <= MOST_LISTED or not 0 <= offset <= DEEPEST:
        fix = f"List up to {MOST_LISTED} at a time, and narrow down what lies beyond {DEEPEST:,}."
        raise CatalogError("search", "asks for a page that is not served", fix=fix)
    found = matches(session, query, scope=scope)
    tier, order = _ordered(session, query, found, offset + limit)
    page = [int(position) for position in order[offset : offset + limit]]
    places = ["some-words" if found.scores else ("" if not found.terms else _place(int(tier[at]))) for at in page]
    return Found(
        total=len(found.rows),
        hits=_hits(session, [int(found.rows["docid"][at]) for at in page], places),
        facets=facets.count(found.rows, query, found.keys, at=at),
        corrections=found.corrections,
        partial=bool(found.scores),
    )


def matches(session: Session, query: Query, *, scope: Scope = PUBLIC) -> Matches:
    """Match the words, correct them where nothing matches, and choose by facets."""
    keys = Keys.read(session)
    terms = query.terms
    made: tuple[Correction, ...] = ()
    scores: dict[int, int] = {}

    shelf = facts.Shelf(session)

    def seen(rows: Rows) -> Rows:
        return chosen(rows, _in_scope(rows, scope, keys))

    def rows_with(groups: Sequence[Group]) -> Rows:
        return seen(shelf.rows(stored.matching(session, groups)) if groups else shelf.everything())

    def counted(term: Term) -> int:
        return len(rows_with((term.group(),)))

    def asked(some: Sequence[Term]) -> Rows:
        return rows_with((*(term.group() for term in some), *query.column_groups))

    if query.text.strip() and not terms:
        return Matches(np.empty(0, dtype=facts.RECORD), terms, keys)
    rows = asked(terms)
    for beside in (False, True):
        if terms and not len(rows) and not made:
            tried, made = corrections.corrected(session, terms, counted, beside=beside)
            if made:
                rows = asked(tried)
                terms, made = (tried, made) if len(rows) else (terms, ())
    if len(terms) > 1 and not len(rows):
        scores = _loosely(session, query, terms)
        rows = seen(shelf.rows(np.array(list(scores), dtype=np.int64)))
        scores = {docid: scores[docid] for docid in rows["docid"].tolist()}
    return Matches(chosen(rows, facets.within(rows, query, keys)), terms, keys, made, scores)


def _loosely(session: Session, query: Query, terms: Sequence[Term]) -> dict[int, int]:
    """Count how many of the terms each document has, of those that have at least half of them."""
    some = terms[:LOOSE]
    found = [stored.matching(session, (term.group(), *query.column_groups)) for term in some]
    docids, times = np.unique(np.concatenate(found), return_counts=True)
    enough = times * 2 >= len(some)
    return dict(zip(docids[enough].tolist(), times[enough].tolist(), strict=True))


def _in_scope(rows: Rows, scope: Scope, keys: Keys) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    if scope.everything:
        return np.ones(len(rows), dtype=np.bool_)
    visible: np.ndarray[tuple[int], np.dtype[np.bool_]] = rows["visible"] == 1
    if scope.publishers:
        own = keys.chosen("publisher", lambda value: not scope.publishers.isdisjoint(keys.line(value)))
        visible = visible | facts.among(rows["publisher"], own)
    return visible


def _ordered(session: Session, query: Query, found: Matches, wanted: int) -> tuple[Ids, Ids]:
    """Give each document's tier, and the positions of the first *wanted* in order."""
    rows = found.rows
    block = max(wanted, rank.WEIGHED)

    def within(reach: Reach) -> Ids | None:
        groups = query.phrase if reach is Reach.PHRASE else tuple(term.group(reach) for term in found.terms)
        if not groups or (reach is Reach.PHRASE and found.corrections):
            return None
        return stored.matching(session, (*groups, *query.column_groups))

    if found.scores:
        tier = len(found.terms) - np.array([found.scores[int(docid)] for docid in rows["docid"]], dtype=np.int64)
    elif found.terms and len(rows):
        tier = rank.tiers(rows, within, wanted)
    else:
        tier = np.zeros(len(rows), dtype=np.int64)
    order = rank.first(rows, tier, block, by_length=bool(found.terms))
    if found.terms and wanted:
        docids = rows["docid"][order].tolist()
        order = order[rank.weighed(session, docids, tier[order].tolist(), found.terms)]
    return tier, order


def _place(tier: int) -> str:
    return (*(reach.name.lower() for reach in rank.TIERS), "anywhere")[tier]


def _hits(session: Session, docids: Sequence[int], found_in: Sequence[str]) -> tuple[Hit, ...]:
    rows = session.exec(
        select(SearchDocument.docid, Dataset, Publisher)
        .join(Dataset, col(Dataset.id) == SearchDocument.dataset_id)
        .join(Publisher, col(Publisher.id) == Dataset.publisher_id)
        .where(col(SearchDocument.docid).in_(docids))
    )
    known = {docid: (dataset, publisher) for docid, dataset, publisher in rows}
    names = [dataset.id for dataset, _ in known.values()]
    current = session.exec(
        select(Release.dataset_id, Release.id, Release.published_at).where(
            col(Release.dataset_id).in_(names), Release.state == State.PUBLISHED
        )
    )
    releases = {dataset: (release, at) for dataset, release, at in current}
    return tuple(
        Hit(
            dataset.id,
            dataset.title_zh,
            dataset.title_en,
            dataset.description_zh,
            dataset.description_en,
            dataset.theme,
            publisher.id,
            publisher.name_zh,
            publisher.name_en,
            releases[dataset.id][0] if dataset.id in releases else None,
            releases[dataset.id][1] if dataset.id in releases else None,
            place,
        )
        for docid, place in zip(docids, found_in, strict=True)
        for dataset, publisher in (known[docid],)
    )
