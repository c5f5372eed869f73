"""Approving a release as a second person, and publishing what was approved."""

import json
from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, select

from anonymize import evidence, signing
from catalog import lifecycle
from catalog.actors import Actor
from catalog.assessment import check_still
from catalog.datasets import lock_series
from catalog.errors import CatalogError, NotPermitted
from catalog.events import Event, note
from catalog.ids import MemberId
from catalog.lifecycle import State
from catalog.mandates import check_mandate
from catalog.models import Release
from catalog.registration import check_standing
from catalog.releases import editions_of, files_in, files_of, find_release, joined_hash, locked
from catalog.search.index import index_dataset
from catalog.store import BlobStore
from policies.canonical import canonical_json


def approval_message(release_id: str, evidence_hash: str, joined: str | None = None) -> bytes:
    """What an approver signs: this evidence, for this release, and the hash of what was measured with the rest."""
    message = {"approve": release_id, "evidence": evidence_hash}
    return canonical_json(message if joined is None else {**message, "joined": joined})


def approve(session: Session, release_id: str, *, by: Actor, at: datetime) -> Release:
    """Vouch for a release as a second person, by signature over its evidence."""
    release = locked(session, release_id)
    place = f"release {release_id}"
    if by.id == release.author_id or by.signer.public == release.author_key:
        raise NotPermitted(place, "its author cannot approve it", fix="Ask an approver with a key of their own.")
    release.state = lifecycle.step(place, State(release.state), State.APPROVED)
    release.approver_id, release.approver_key = by.id, by.signer.public
    release.approval = by.signer.sign(_message(release))
    release.approved_at = at
    details = {
        "evidence": release.evidence_hash,
        "joined": joined_hash(release),
        "key": release.approver_key,
        "signature": release.approval,
    }
    note(session, Event(action="release:approved", subject=release.id, by=by.id, at=at, details=details))
    return release


def publish(
    session: Session,
    store: BlobStore,
    release_id: str,
    *,
    by: MemberId,
    at: datetime,
    embargo_until: datetime | None = None,
) -> Release:
    """Make a release visible; under an embargo it is neither offered nor queried before that moment.

    Its log entry commits with it or not at all.

    Raises:
        NotPermitted: there is no valid approval by a key other than the author's, no mandate, or no registration.
        WrongState: it is not approved, or was not measured with all that is published of the dataset now.
        DamagedBlob: a byte at rest is not the approved one.
    """
    found = find_release(session, release_id)
    place = f"release {release_id}"
    dataset = lock_series(session, found.dataset_id)
    release = locked(session, release_id)
    state = lifecycle.step(place, State(release.state), State.PUBLISHED)
    if embargo_until is not None and embargo_until <= at:
        raise CatalogError("embargo", "ends before the release is published", fix="Give a later moment, or none.")
    check_approval(release)
    check_still(session, release)
    editions = [edition.profile for edition in editions_of(session, release.id)]
    check_mandate(session, dataset.publisher_id, dataset.theme, editions)
    registration = check_standing(session, dataset.id)
    _check_bytes(session, store, release)
    previous = _supersede(session, release, by=by, at=at)
    release.state, release.published_at, release.embargo_until = state, at, embargo_until
    details = {
        "dataset": release.dataset_id,
        "editions": editions,
        "previous": previous,
        "registration": registration.number,
        "embargo_until": embargo_until,
        "evidence": release.evidence_hash,
        "joined": joined_hash(release),
        "author_key": release.author_key,
        "approver_key": release.approver_key,
        "approval": release.approval,
    }
    note(session, Event(action="release:published", subject=release.id, by=by, at=at, details=details))
    index_dataset(session, dataset.id)
    return release


def check_approval(release: Release) -> None:
    """Insist on a valid signature, over the evidence and what was measured with the rest, by a second key."""
    key, signature = release.approver_key, release.approval
    try:
        intact = evidence.evidence_hash(json.loads(release.evidence)["body"]) == release.evidence_hash
    except (ValueError, KeyError, TypeError):
        intact = False
    second = key is not None and key != release.author_key and release.approver_id != release.author_id
    signed = key is not None and signature is not None and signing.verify(key, signature, _message(release))
    if not (intact and second and signed):
        raise NotPermitted(
            f"release {release.id}",
            "it carries no valid approval by a second key",
            fix="Have an approver sign it: sluice release approve.",
        )


def _message(release: Release) -> bytes:
    return approval_message(release.id, release.evidence_hash, joined_hash(release))


def _check_bytes(session: Session, store: BlobStore, release: Release) -> None:
    """Insist that every byte at rest is there, and is one that was approved, in the edition it was approved for."""
    found = {}
    for edition in editions_of(session, release.id):
        store.check(edition.manifest)
        files = files_of(session, edition.id)
        for file in files:
            store.check(file.sha256)
        found[edition.profile] = sorted(file.sha256 for file in files)
    approved = {
        profile: sorted(file["sha256"] for file in files)
        for profile, files in files_in(json.loads(release.evidence)["body"]).items()
    }
    if found != approved:
        raise NotPermitted(
            f"release {release.id}",
            "its files are not those that were approved",
            fix="Propose what was built again.",
        )


def _supersede(session: Session, release: Release, *, by: MemberId, at: datetime) -> Sequence[str]:
    """Let *release* take the place of what was published of its dataset before; gives what that was."""
    before = session.exec(
        select(Release)
        .where(Release.dataset_id == release.dataset_id, Release.state == State.PUBLISHED)
        .order_by(Release.id)
        .with_for_update()
    ).all()
    for older in before:
        older.state = lifecycle.step(f"release {older.id}", State(older.state), State.SUPERSEDED)
        note(session, Event(action="release:superseded", subject=older.id, by=by, at=at, details={"by": release.id}))
    return [older.id for older in before]
