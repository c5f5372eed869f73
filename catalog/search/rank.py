"""The order of what is found: the words as a phrase in the title, all in the title, then keywords, columns, anywhere.

Within such a tier the shorter titles come first, then the newer releases; the first documents are then weighed by how
often each field says the words. All of it is computed here, from exact look-ups, so that both databases give the same
order, and so that it costs little however many documents match: `bm25()` and `ts_rank` weigh each of them.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session, col, select

from catalog.search.facts import Rows, among
from catalog.search.lexemes import Reach
from catalog.search.models import SearchDocument
from catalog.search.query import Term
from catalog.search.stored import Ids

TIERS = (Reach.PHRASE, Reach.TITLE, Reach.KEYWORDS, Reach.COLUMNS)
WEIGHED = 100
"""So many of the first documents are weighed by their words."""

WEIGHTS = {"title": (8.0, 12), "keywords": (4.0, 8), "columns": (2.0, 40), "description": (1.0, 80)}
"""Of each field, and its usual length in tokens: in a longer one, each word counts for less."""


def tiers(rows: Rows, found: Callable[[Reach], Ids | None], enough: int) -> NDArray[np.int64]:
    """Number the tier of each document; exact for as many of the first as are *enough*."""
    tier = np.full(len(rows), len(TIERS), dtype=np.int64)
    for number, reach in enumerate(TIERS):
        ids = found(reach)
        if ids is not None:
            tier[(tier == len(TIERS)) & among(rows["docid"], ids)] = number
        if np.count_nonzero(tier <= number) >= enough:
            break
    return tier


def first(rows: Rows, tier: NDArray[np.int64], wanted: int, *, by_length: bool) -> NDArray[np.int64]:
    """Give the positions of the first *wanted* documents, in order."""
    newness = np.clip(rows["minute"].astype(np.uint64) // 1440, 0, 0xFFFF)
    key = tier.astype(np.uint64) << np.uint64(56)
    if by_length:
        key |= rows["length"].astype(np.uint64) << np.uint64(48)
    key |= (np.uint64(0xFFFF) - newness) << np.uint64(32)
    key |= np.uint64(0xFFFFFFFF) - rows["docid"].astype(np.uint64)
    if wanted < len(rows):
        chosen = np.argpartition(key, wanted)[:wanted]
        return chosen[np.argsort(key[chosen])]
    return np.argsort(key)


def weighed(session: Session, docids: Sequence[int], tier: Sequence[int], terms: Sequence[Term]) -> list[int]:
    """Put the first documents of each tier in the order of their relevance; gives their positions."""
    head = docids[:WEIGHED]
    said = (SearchDocument.docid, *(getattr(SearchDocument, field) for field in WEIGHTS))
    rows = session.connection().execute(select(*said).where(col(SearchDocument.docid).in_(head)))
    score = {docid: relevance(fields, terms) for docid, *fields in rows.all()}
    order = sorted(range(len(head)), key=lambda at: (tier[at], -score[head[at]], at))
    return [*order, *range(len(head), len(docids))]


def relevance(fields: Sequence[str], terms: Sequence[Term]) -> float:
    """Weigh how often each field says each term, a further time counting for less (BM25F without document counts)."""
    total = 0.0
    for field, (weight, usual) in zip(fields, WEIGHTS.values(), strict=True):
        said = f" {field} "
        length = 0.25 + 0.75 * said.count(" ") / usual
        for term in terms:
            times = sum(said.count(f" {token}" if term.starts else f" {token} ") for token in term.tokens)
            total += weight * times / (times + 1.2 * length)
    return round(total, 9)
