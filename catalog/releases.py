"""Releases as they are: found, locked, and what they consist of."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from catalog.errors import NotFound
from catalog.models import Edition, EditionFile, Release


def find_release(session: Session, release_id: str) -> Release:
    """Load a release, or say that there is none."""
    release = session.get(Release, release_id)
    if release is None:
        raise NotFound(f"release {release_id!r}", "there is none", fix="List the releases with: sluice release list.")
    return release


def locked(session: Session, release_id: str) -> Release:
    """Load a release whose state no other transaction changes before this one ends, or say that there is none."""
    find_release(session, release_id)
    return session.get_one(Release, release_id, with_for_update=True, populate_existing=True)


def editions_of(session: Session, release_id: str) -> Sequence[Edition]:
    """List a release's editions."""
    return session.exec(select(Edition).where(Edition.release_id == release_id).order_by(Edition.profile)).all()


def files_of(session: Session, edition_id: str) -> Sequence[EditionFile]:
    """List an edition's files in order."""
    statement = select(EditionFile).where(EditionFile.edition_id == edition_id).order_by(col(EditionFile.position))
    return session.exec(statement).all()


def under_embargo(release: Release, at: datetime) -> bool:
    """Say whether a release is published but may not be offered or queried yet."""
    return release.embargo_until is not None and at < release.embargo_until


def joined_hash(release: Release) -> str | None:
    """Hash the risk measured together with everything published of the dataset; none where nothing was measured."""
    return None if release.joined == "{}" else hashlib.sha256(release.joined.encode()).hexdigest()


def files_in(body: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Give the files of each edition that the evidence *body* speaks of; those of its first format had one edition."""
    if "editions" not in body:
        return {body["edition"]: body["files"]}
    return {profile: edition["files"] for profile, edition in body["editions"].items()}
