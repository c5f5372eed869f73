"""Searches that members keep: run one again, and it says what is new since it was last run."""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from catalog.errors import CatalogError, NotFound
from catalog.ids import MemberId, new_id
from catalog.lifecycle import State
from catalog.models import Dataset, Release
from catalog.search.find import PUBLIC, Scope, matches
from catalog.search.models import SavedSearch, SearchDocument
from catalog.search.query import Query

MOST_KEPT = 100
MOST_FOUND = 10_000


@dataclass(frozen=True, slots=True)
class News:
    """What a saved search finds now, against when it was last run."""

    name: str
    total: int
    new: tuple[str, ...]
    """Datasets it did not find before."""
    released: tuple[str, ...]
    """Datasets it knew, with another release than before."""
    gone: tuple[str, ...]
    """Datasets it no longer finds: withdrawn, or described in other words."""
    since: datetime | None
    """When it was run before; never, where everything is new."""


def save(session: Session, name: str, query: Query, *, by: MemberId, at: datetime) -> SavedSearch:
    """Keep a search under a name; what it finds from the next run on is told as new.

    Raises:
        CatalogError: the name is empty, long or taken, or too many are kept.
    """
    if not 0 < len(name.strip()) <= 80 or not name.isprintable():
        raise CatalogError("saved search", "has no name, or a long one", fix="Give it a name of 1 to 80 characters.")
    kept = saved_searches(session, by)
    if any(each.name == name for each in kept):
        fix = "Choose another name, or remove it first: sluice saved remove."
        raise CatalogError(f"saved search {name!r}", "is there already", fix=fix)
    if len(kept) >= MOST_KEPT:
        raise CatalogError("saved searches", f"are {MOST_KEPT} already", fix="Remove one: sluice saved remove.")
    row = SavedSearch(id=new_id(at), member_id=by, name=name, query=query.to_json(), created_at=at)
    session.add(row)
    session.flush()
    return row


def saved_searches(session: Session, member: MemberId) -> list[SavedSearch]:
    """List the searches a member keeps, by name."""
    statement = select(SavedSearch).where(SavedSearch.member_id == member).order_by(col(SavedSearch.name))
    return list(session.exec(statement))


def remove(session: Session, name: str, *, by: MemberId) -> None:
    """Forget a search."""
    session.delete(_find(session, name, by))
    session.flush()


def run(session: Session, name: str, *, by: MemberId, at: datetime, scope: Scope = PUBLIC) -> News:
    """Search again, say what is new, and remember what was found.

    Raises:
        CatalogError: it finds too much to be remembered.
    """
    row = _find(session, name, by)
    found = matches(session, Query.from_json(row.query), scope=scope)
    if len(found.rows) > MOST_FOUND:
        fix = f"Save a narrower one: up to {MOST_FOUND:,} datasets are remembered."
        raise CatalogError(f"saved search {name!r}", f"finds {len(found.rows):,} datasets", fix=fix)
    now = _releases(session, found.rows["docid"].tolist())
    before, since = json.loads(row.seen), row.run_at
    row.seen, row.run_at = json.dumps(now), at
    session.add(row)
    session.flush()
    return News(
        name=name,
        total=len(now),
        new=tuple(sorted(now.keys() - before.keys())),
        released=tuple(sorted(name for name in now.keys() & before.keys() if now[name] != before[name])),
        gone=tuple(sorted(before.keys() - now.keys())),
        since=since,
    )


def _find(session: Session, name: str, member: MemberId) -> SavedSearch:
    statement = select(SavedSearch).where(SavedSearch.member_id == member, SavedSearch.name == name)
    row = session.exec(statement.with_for_update()).first()
    if row is None:
        raise NotFound(f"saved search {name!r}", "there is none", fix="List yours with: sluice saved list.")
    return row


def _releases(session: Session, docids: list[int]) -> dict[str, str | None]:
    """Name the published release of each found dataset."""
    statement = (
        select(Dataset.id, Release.id)
        .join(SearchDocument, col(SearchDocument.dataset_id) == Dataset.id)
        .outerjoin(Release, (col(Release.dataset_id) == Dataset.id) & (col(Release.state) == State.PUBLISHED))
    )
    found: dict[str, str | None] = {}
    for start in range(0, len(docids), 1000):
        found.update(session.exec(statement.where(col(SearchDocument.docid).in_(docids[start : start + 1000]))).all())
    return found
