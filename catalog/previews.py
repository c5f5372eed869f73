"""Previews: what anybody may see of a release before signing anything, and what two releases differ in.

Bytes come first, rows last, as with a proposal: `make_preview` runs outside any transaction, `enter_preview` inside.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, or_, select

from anonymize.previews.differences import Version, differences
from anonymize.previews.first_rows import first_rows
from anonymize.previews.mock import mock, to_parquet
from anonymize.previews.statistics import statistics
from catalog.errors import CatalogError, NotFound
from catalog.events import Event, note
from catalog.ids import MemberId
from catalog.lifecycle import State
from catalog.models import Preview, Release
from catalog.store import BlobStore
from policies.canonical import canonical_json


@dataclass(frozen=True, slots=True)
class PreviewBytes:
    """A preview whose mock table is at rest, ready to become a row."""

    evidence_hash: str
    statistics: str
    first_rows: str
    mock: str
    """The blob of the mock table of the finest edition."""
    store: BlobStore
    """Where it is at rest."""


def make_preview(store: BlobStore, body: Mapping[str, Any], files_of: Mapping[str, Sequence[Path]]) -> PreviewBytes:
    """Describe a release from its evidence *body* and the files of its editions, and put its mock table at rest.

    Raises:
        SourceError: an edition has no rows, or not the columns that its evidence names.
    """
    shown = statistics(body, files_of)
    # all are drawn, so that one that cannot be is found out now; see `mock_of`
    finest, *_ = [mock(shown, body["trees"], entry["profile"]) for entry in shown["editions"]]
    blob = store.put_bytes(to_parquet(finest, shown["evidence"]))
    rows = canonical_json(first_rows(files_of, shown)).decode()
    return PreviewBytes(shown["evidence"], canonical_json(shown).decode(), rows, blob.sha256, store)


def enter_preview(session: Session, release_id: str, made: PreviewBytes, *, at: datetime, by: MemberId) -> Preview:
    """Enter the preview of a release.

    Raises:
        CatalogError: it is of other evidence, was entered already, or its bytes were swept.
        NotFound: there is no such release.
    """
    place = f"release {release_id}"
    release = session.get(Release, release_id)
    if release is None:
        raise NotFound(place, "there is none", fix="List the releases with: sluice release list.")
    if release.evidence_hash != made.evidence_hash:
        raise CatalogError(place, "has other evidence than the preview", fix="Make the preview of this release.")
    if release.state == State.WITHDRAWN:
        raise CatalogError(place, "is withdrawn", fix="Preview the release that follows it.")
    if session.get(Preview, release_id) is not None:
        raise CatalogError(place, "has its preview already", fix="A release never changes, nor does its preview.")
    if not made.store.path(made.mock).is_file():
        raise CatalogError(f"blob {made.mock[:12]}", "was swept before a preview spoke of it", fix="Make it again.")
    preview = Preview(
        release_id=release_id,
        statistics=made.statistics,
        first_rows=made.first_rows,
        mock=made.mock,
        created_at=at,
    )
    session.add(preview)
    details = {"dataset": release.dataset_id, "evidence": made.evidence_hash, "mock": made.mock}
    note(session, Event(action="preview:made", subject=release_id, by=by, at=at, details=details))
    return preview


def preview_of(session: Session, dataset_id: str, *, at: datetime) -> Preview | None:
    """Give the preview of a dataset's published release; none while it is under embargo at the moment *at*."""
    statement = (
        select(Preview)
        .join(Release, col(Release.id) == Preview.release_id)
        .where(
            Release.dataset_id == dataset_id,
            Release.state == State.PUBLISHED,
            or_(col(Release.embargo_until).is_(None), col(Release.embargo_until) <= at),
        )
        .order_by(col(Release.number).desc())
        .limit(1)
    )
    return session.exec(statement).first()


def mock_of(session: Session, store: BlobStore, preview: Preview, profile: str | None = None) -> bytes:
    """Give the mock table of the edition *profile*, of the finest where none is named, as Parquet.

    That of the finest rests in the store. The others are drawn again, from what the catalogue holds anyway: the same
    release gives the same table.

    Raises:
        NotFound: the release has no such edition, or its bytes are gone.
        DamagedBlob: the bytes at rest are not those that were stored.
    """
    shown = json.loads(preview.statistics)
    profiles = [entry["profile"] for entry in shown["editions"]]
    name = profile or profiles[0]
    if name not in profiles:
        raise NotFound(f"edition {name!r}", "there is none", fix=f"Name one of: {', '.join(profiles)}.")
    if name == profiles[0] and preview.mock is not None:
        store.check(preview.mock)
        return store.open_path(preview.mock).read_bytes()
    release = session.get_one(Release, preview.release_id)
    return to_parquet(mock(shown, json.loads(release.evidence)["body"]["trees"], name), shown["evidence"])


def difference_of(session: Session, old_id: str, new_id: str) -> dict[str, Any]:
    """Compare two releases of one dataset by their evidence, and by their previews as far as these are there.

    Raises:
        NotFound: there is no such release.
        CatalogError: the two are of different datasets.
    """
    releases = []
    for release_id in (old_id, new_id):
        release = session.get(Release, release_id)
        if release is None:
            fix = "List the releases with: sluice release list."
            raise NotFound(f"release {release_id!r}", "there is none", fix=fix)
        releases.append(release)
    old, new = releases
    if old.dataset_id != new.dataset_id:
        raise CatalogError("releases", "are of different datasets", fix="Compare two releases of one dataset.")
    return differences(_version(session, old), _version(session, new))


def _version(session: Session, release: Release) -> Version:
    preview = session.get(Preview, release.id)
    return Version(json.loads(release.evidence)["body"], json.loads(preview.statistics) if preview else None)
