"""The front page: what is published, found by words and facets, a page at a time."""

from collections.abc import Callable
from datetime import datetime
from math import ceil

import numpy as np
from flask import Blueprint, abort, render_template, request
from sqlmodel import Session, col, select

from catalog.errors import CatalogError
from catalog.models import Dataset
from catalog.search.find import DEEPEST, Found, matches, search
from catalog.search.models import SearchDocument
from market.home import Home
from market.web.asking import SORTS, Asked
from market.web.language import words
from market.web.listing import listed
from market.web.views.facets import facets, label
from market.web.views.marks import Marker
from market.web.words import Words

ROWS = 20
MOST_SORTED = 1000
"""Up to so many found datasets are put in the order of their titles."""


def blueprint(home: Home, clock: Callable[[], datetime]) -> Blueprint:
    """Make the front page of *home*."""
    pages = Blueprint("catalogue", __name__)

    @pages.get("/")
    def index() -> str | tuple[str, int]:
        t, at, asked = words(), clock(), Asked.read(request.args)
        offset = ROWS * (asked.page - 1)
        if offset > DEEPEST:
            abort(404)
        with home.database.reading() as session:
            try:
                found, ids = _found(session, asked, t, offset, at)
            except CatalogError:
                return render_template("catalogue/too_long.html", asked=asked), 400
            if not ids and asked.page > 1:
                abort(404)
            return render_template(
                "catalogue/index.html",
                asked=asked,
                found=found,
                rows=listed(session, ids, at=at),
                reasons={hit.dataset: hit.found_in for hit in found.hits},
                facets=facets(found.facets, asked, t),
                chosen=_chosen(found, asked, t),
                sorts=[sort for sort in SORTS if _offered(sort, asked, found)],
                pages=ceil(min(found.total, DEEPEST + ROWS) / ROWS),
                first=offset + 1,
                mark=Marker.of(" ".join((asked.query.text, *asked.query.columns)), found.corrections),
            )

    return pages


def _offered(sort: str, asked: Asked, found: Found) -> bool:
    """Say whether an order makes sense here: nothing is relevant to no words."""
    if sort == "title":
        return found.total <= MOST_SORTED
    return sort != "relevance" or bool(asked.words)


def _found(session: Session, asked: Asked, t: Words, offset: int, at: datetime) -> tuple[Found, list[str]]:
    """Find, and name the datasets of this page in their order."""
    found = search(session, asked.query, at=at, limit=ROWS, offset=offset)
    own = asked.sort == "relevance" or (asked.sort == "newest" and not asked.words)
    if own or not _offered(asked.sort, asked, found):
        return found, [hit.dataset for hit in found.hits]
    rows = matches(session, asked.query).rows
    newest = np.lexsort((rows["docid"], -rows["minute"].astype(np.int64)))
    docids = rows["docid"][newest].tolist()
    if asked.sort == "newest":
        docids = docids[offset : offset + ROWS]
    wanted = select(SearchDocument.docid, Dataset.id, Dataset.title_zh, Dataset.title_en)
    wanted = wanted.join(Dataset, col(Dataset.id) == SearchDocument.dataset_id)
    known = {docid: rest for docid, *rest in session.exec(wanted.where(col(SearchDocument.docid).in_(docids)))}
    if asked.sort == "title":
        titles = {docid: zh if t.language == "zh" else en.casefold() for docid, (_, zh, en) in known.items()}
        # GB 18030 keeps common characters in the order of their sound
        docids = sorted(known, key=lambda docid: (titles[docid].encode("gb18030", "replace"), docid))
        docids = docids[offset : offset + ROWS]
    return found, [known[docid][0] for docid in docids]


def _chosen(found: Found, asked: Asked, t: Words) -> list[tuple[str, str, Asked]]:
    """List the chosen values: facet, name, and the question without it."""
    names = {(facet, count.value): label(facet, count, t) for facet, counts in found.facets.items() for count in counts}
    out = []
    for facet, value in asked.chosen:
        name = names.get((facet, value)) or t.code(facet, value)
        out.append((facet, name, asked.turned(facet, value)))
    return out
