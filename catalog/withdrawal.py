"""Withdrawing a release, and erasing its bytes and all that was made of them."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import delete, true
from sqlmodel import Session, col, select

from catalog import lifecycle
from catalog.alone import alone
from catalog.errors import CatalogError
from catalog.events import Event, note
from catalog.holdings import LIVING, proofs, records
from catalog.ids import MemberId
from catalog.lifecycle import State
from catalog.models import ClassTable, Edition, Preview, Release, Tombstone
from catalog.releases import locked
from catalog.search.index import index_dataset
from catalog.store import BlobStore

GRACE = timedelta(hours=1)
"""How long a blob may rest before a row speaks of it: far longer than a proposal takes."""

PLAUSIBLE = timedelta(days=3650)
"""What is older was not written then."""


def withdraw(
    session: Session, release_id: str, *, reason: str, by: MemberId, at: datetime, legal_hold: str | None = None
) -> Tombstone:
    """Make a release unreachable from this commit on; a tombstone with the reason stays."""
    release = locked(session, release_id)
    if not reason.strip():
        raise CatalogError(f"release {release_id}", "no reason is given", fix="Say why: licensees will read it.")
    release.state = lifecycle.step(f"release {release_id}", State(release.state), State.WITHDRAWN)
    tombstone = Tombstone(
        release_id=release.id,
        reason=reason,
        withdrawn_by=by,
        withdrawn_at=at,
        evidence_hash=release.evidence_hash,
        legal_hold=legal_hold,
    )
    session.add(tombstone)
    details = {"evidence": release.evidence_hash, "held": legal_hold is not None}
    words = {"reason": reason} if legal_hold is None else {"reason": reason, "legal_hold": legal_hold}
    note(session, Event(action="release:withdrawn", subject=release.id, by=by, at=at, details=details, personal=words))
    index_dataset(session, release.dataset_id)
    return tombstone


def erase_withdrawn(
    session: Session,
    store: BlobStore,
    *,
    at: datetime,
    by: MemberId | None = None,
    unreadable: Collection[str] = (),
) -> list[str]:
    """Erase the bytes of withdrawn releases that no legal hold keeps and no other release shares; gives their ids.

    With the files of its editions go those of their cuts, and the preview with its mock table. The class tables stay,
    for the risk of later releases is measured against them: a release waits until `catalog.classes` has kept those of
    its editions, but for the editions in *unreadable*, of which nothing can be counted. A release shares bytes for as
    long as it is not withdrawn, or is held itself.

    A crash between the erasing and the commit leaves a tombstone without a date, and the next call finishes it, for
    whoever withdrew the release where nobody else is named in *by*.
    """
    alone(session, "dataset")  # a release or a cut might be entered at this moment, and speak of the same bytes
    withdrawn = session.exec(
        select(Tombstone).where(col(Tombstone.erased_at).is_(None), col(Tombstone.legal_hold).is_(None))
    ).all()
    uncounted = (
        select(Edition.release_id)
        .outerjoin(ClassTable, col(ClassTable.edition_id) == Edition.id)
        .where(col(ClassTable.edition_id).is_(None), col(Edition.id).not_in(unreadable))
    )
    early = set(session.exec(uncounted))
    waiting = [tombstone for tombstone in withdrawn if tombstone.release_id not in early]
    kept = {holding.sha256 for holding in (*records(session, LIVING), *proofs(session))}
    for tombstone in waiting:
        own = [holding.sha256 for holding in records(session, col(Release.id) == tombstone.release_id)]
        erased = [sha256 for sha256 in own if sha256 not in kept]
        store.erase(*erased)
        session.execute(delete(Preview).where(col(Preview.release_id) == tombstone.release_id))
        tombstone.erased_at = at
        who = by or MemberId(tombstone.withdrawn_by)
        details = {"files": erased}
        note(session, Event(action="release:erased", subject=tombstone.release_id, by=who, at=at, details=details))
    return [tombstone.release_id for tombstone in waiting]


def sweep(session: Session, store: BlobStore, *, at: datetime, older_than: timedelta = GRACE) -> int:
    """Remove blobs that no row speaks of and that are *older_than* that; gives how many.

    A proposal stores its blobs first and enters its rows afterwards, insisting then, with its dataset locked, that
    they are still there; the time is a courtesy to it. A blob from the future, or from long before there could be
    any, says that a clock was wrong: it stays.
    """
    alone(session, "dataset")
    known = {holding.sha256 for holding in (*records(session, true()), *proofs(session))}
    orphans = [
        sha256
        for sha256 in store.all()
        if sha256 not in known
        and (written := store.written_at(sha256)) is not None
        and older_than <= at - written <= PLAUSIBLE
    ]
    store.erase(*orphans)
    return len(orphans)
