"""The steps of a release: propose, approve by a second person, publish, withdraw.

Bytes come first, rows last: when a row speaks of a release, everything it speaks of is on disk and verified.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, func, or_, select

from anonymize import evidence, signing
from anonymize.errors import EvidenceError
from catalog import lifecycle
from catalog.errors import CatalogError, NotFound, NotPermitted
from catalog.events import Event, note
from catalog.ids import MemberId, new_id
from catalog.lifecycle import State
from catalog.models import Dataset, Edition, EditionFile, Publisher, Release, Tombstone
from catalog.store import BlobStore
from policies.canonical import canonical_json


@dataclass(frozen=True, slots=True)
class Actor:
    """A member who acts with a key in hand."""

    id: MemberId
    signer: signing.Signer


@dataclass(frozen=True, slots=True)
class Proposal:
    """An assessed folder whose bytes are already at rest, ready to become rows."""

    document: dict[str, Any]
    evidence_hash: str
    manifest: str
    files: Sequence[dict[str, Any]]
    store: BlobStore
    """Where they are at rest."""


def register_publisher(session: Session, *, name_zh: str, name_en: str, by: MemberId, at: datetime) -> Publisher:
    """Enter a department that answers for datasets."""
    publisher = Publisher(id=new_id(at), name_zh=name_zh, name_en=name_en, created_at=at)
    session.add(publisher)
    note(session, Event(action="publisher:registered", subject=publisher.id, by=by, at=at))
    return publisher


def register_dataset(
    session: Session,
    *,
    id: str,
    publisher: Publisher,
    titles: tuple[str, str],
    descriptions: tuple[str, str],
    source: str,
    by: MemberId,
    at: datetime,
) -> Dataset:
    """Enter a dataset; titles and descriptions are given in Chinese and English, in this order."""
    if session.get(Dataset, id) is not None:
        raise CatalogError(f"dataset {id!r}", "is registered already", fix="Propose a release of it.")
    dataset = Dataset(
        id=id,
        publisher_id=publisher.id,
        title_zh=titles[0],
        title_en=titles[1],
        description_zh=descriptions[0],
        description_en=descriptions[1],
        source=source,
        created_at=at,
    )
    session.add(dataset)
    note(session, Event(action="dataset:registered", subject=id, by=by, at=at, details={"publisher": publisher.id}))
    return dataset


def store_proposal(store: BlobStore, directory: Path, author_key: str) -> Proposal:
    """Verify what `build` wrote to *directory* and put its bytes at rest; no row is touched.

    Raises:
        EvidenceError: the folder is not what its evidence says, or another key than the author's signed it.
    """
    checked = evidence.verify(directory, frozenset({author_key}))
    if not checked.ok:
        first = checked.findings[0]
        raise EvidenceError(f"{directory.name}/{first.place}", first.found, fix=first.fix)
    document = evidence.Evidence.read(directory).to_dict()
    body = document["body"]
    for file in body["files"]:
        blob = store.put(directory / file["path"])
        if blob.sha256 != file["sha256"]:
            raise CatalogError(file["path"], "changed while it was stored", fix="Build again, then propose.")
    manifest = {"evidence": evidence.evidence_hash(body), "files": body["files"]}
    stored = store.put_bytes(canonical_json(manifest))
    return Proposal(document, evidence.evidence_hash(body), stored.sha256, body["files"], store)


def propose(session: Session, proposal: Proposal, *, by: Actor, at: datetime) -> Release:
    """Enter an assessed release of the dataset that the evidence names."""
    body = proposal.document["body"]
    if proposal.document["signature"]["key"] != by.signer.public:
        raise NotPermitted("evidence", "another key than yours signed it", fix="Let its author propose it.")
    dataset = session.get(Dataset, body["dataset"])
    if dataset is None:
        raise NotFound(f"dataset {body['dataset']!r}", "is not registered", fix="Register the dataset first.")
    for sha256 in (proposal.manifest, *(file["sha256"] for file in proposal.files)):
        if not proposal.store.path(sha256).is_file():
            raise CatalogError(f"blob {sha256[:12]}", "was swept before a release spoke of it", fix="Propose it again.")
    newest = session.exec(select(func.max(Release.number)).where(Release.dataset_id == dataset.id)).one()
    release = Release(
        id=new_id(at),
        dataset_id=dataset.id,
        number=(newest or 0) + 1,
        state=lifecycle.step("release", State.DRAFT, State.ASSESSED),
        evidence=canonical_json(proposal.document).decode(),
        evidence_hash=proposal.evidence_hash,
        author_id=by.id,
        author_key=by.signer.public,
        created_at=at,
    )
    rows = sum(file["rows"] for file in proposal.files)
    edition = Edition(
        id=new_id(at), release_id=release.id, profile=body["edition"], rows=rows, manifest=proposal.manifest
    )
    session.add(release)
    session.flush()
    session.add(edition)
    session.flush()
    for position, file in enumerate(proposal.files):
        session.add(
            EditionFile(
                edition_id=edition.id,
                position=position,
                sha256=file["sha256"],
                size_bytes=file["bytes"],
                rows=file["rows"],
            )
        )
    details = {"dataset": dataset.id, "evidence": release.evidence_hash, "key": release.author_key}
    note(session, Event(action="release:proposed", subject=release.id, by=by.id, at=at, details=details))
    return release


def approval_message(release_id: str, evidence_hash: str) -> bytes:
    """What an approver signs: this evidence, for this release."""
    return canonical_json({"approve": release_id, "evidence": evidence_hash})


def approve(session: Session, release_id: str, *, by: Actor, at: datetime) -> Release:
    """Vouch for a release as a second person, by signature over its evidence."""
    release = _locked(session, release_id)
    place = f"release {release_id}"
    if by.id == release.author_id or by.signer.public == release.author_key:
        raise NotPermitted(place, "its author cannot approve it", fix="Ask an approver with a key of their own.")
    release.state = lifecycle.step(place, State(release.state), State.APPROVED)
    release.approver_id, release.approver_key = by.id, by.signer.public
    release.approval = by.signer.sign(approval_message(release.id, release.evidence_hash))
    release.approved_at = at
    details = {"evidence": release.evidence_hash, "key": release.approver_key, "signature": release.approval}
    note(session, Event(action="release:approved", subject=release.id, by=by.id, at=at, details=details))
    return release


def publish(session: Session, store: BlobStore, release_id: str, *, by: MemberId, at: datetime) -> Release:
    """Make a release visible. Its log entry commits with it or not at all.

    Raises:
        NotPermitted: there is no valid approval by a key other than the author's.
        DamagedBlob: a byte at rest is not the approved one.
    """
    release = _locked(session, release_id)
    place = f"release {release_id}"
    state = lifecycle.step(place, State(release.state), State.PUBLISHED)
    check_approval(release)
    found = []
    for edition in editions_of(session, release.id):
        store.check(edition.manifest)
        for file in files_of(session, edition.id):
            store.check(file.sha256)
            found.append(file.sha256)
    if sorted(found) != sorted(file["sha256"] for file in json.loads(release.evidence)["body"]["files"]):
        raise NotPermitted(place, "its files are not those that were approved", fix="Propose what was built again.")
    before = session.exec(
        select(Release)
        .where(Release.dataset_id == release.dataset_id, Release.state == State.PUBLISHED)
        .order_by(Release.id)
        .with_for_update()
    ).all()
    for older in before:
        older.state = lifecycle.step(f"release {older.id}", State(older.state), State.SUPERSEDED)
        note(session, Event(action="release:superseded", subject=older.id, by=by, at=at, details={"by": release.id}))
    release.state, release.published_at = state, at
    details = {
        "dataset": release.dataset_id,
        "evidence": release.evidence_hash,
        "author_key": release.author_key,
        "approver_key": release.approver_key,
        "approval": release.approval,
    }
    note(session, Event(action="release:published", subject=release.id, by=by, at=at, details=details))
    return release


def check_approval(release: Release) -> None:
    """Insist on a valid signature over the evidence by a key other than the author's."""
    message = approval_message(release.id, release.evidence_hash)
    key, signature = release.approver_key, release.approval
    try:
        intact = evidence.evidence_hash(json.loads(release.evidence)["body"]) == release.evidence_hash
    except (ValueError, KeyError, TypeError):
        intact = False
    second = key is not None and key != release.author_key and release.approver_id != release.author_id
    signed = key is not None and signature is not None and signing.verify(key, signature, message)
    if not (intact and second and signed):
        raise NotPermitted(
            f"release {release.id}",
            "it carries no valid approval by a second key",
            fix="Have an approver sign it: sluice release approve.",
        )


def withdraw(
    session: Session, release_id: str, *, reason: str, by: MemberId, at: datetime, legal_hold: str | None = None
) -> Tombstone:
    """Make a release unreachable from this commit on; a tombstone with the reason stays."""
    release = _locked(session, release_id)
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
    note(session, Event(action="release:withdrawn", subject=release.id, by=by, at=at, details=details))
    return tombstone


def erase_withdrawn(session: Session, store: BlobStore, *, at: datetime, by: MemberId | None = None) -> list[str]:
    """Erase the bytes of withdrawn releases that no legal hold keeps and no other release shares; gives their ids.

    A release shares bytes for as long as it is not withdrawn, or is held itself.

    A crash between the erasing and the commit leaves a tombstone without a date, and the next call finishes it, for
    whoever withdrew the release where nobody else is named in *by*.
    """
    waiting = session.exec(
        select(Tombstone).where(col(Tombstone.erased_at).is_(None), col(Tombstone.legal_hold).is_(None))
    ).all()
    living = (
        select(EditionFile.sha256)
        .join(Edition, col(Edition.id) == EditionFile.edition_id)
        .join(Release, col(Release.id) == Edition.release_id)
        .outerjoin(Tombstone, col(Tombstone.release_id) == Release.id)
        .where(or_(Release.state != State.WITHDRAWN, col(Tombstone.legal_hold).is_not(None)))
    )
    kept = set(session.exec(living).all())
    for tombstone in waiting:
        erased = []
        for edition in editions_of(session, tombstone.release_id):
            for file in files_of(session, edition.id):
                if file.sha256 not in kept:
                    store.erase(file.sha256)
                    erased.append(file.sha256)
        tombstone.erased_at = at
        details = {"files": erased}
        who = by or MemberId(tombstone.withdrawn_by)
        note(session, Event(action="release:erased", subject=tombstone.release_id, by=who, at=at, details=details))
    return [tombstone.release_id for tombstone in waiting]


def sweep(session: Session, store: BlobStore) -> int:
    """Remove temporary files of dead writers and blobs no row speaks of; gives how many.

    Call it while holding the writer: a proposal stores its blobs first and enters its rows afterwards.
    """
    known = set(session.exec(select(EditionFile.sha256)).all()) | set(session.exec(select(Edition.manifest)).all())
    orphans = [sha256 for sha256 in store.all() if sha256 not in known]
    for sha256 in orphans:
        store.erase(sha256)
    return len(orphans) + store.sweep_temporaries()


def find_release(session: Session, release_id: str) -> Release:
    """Load a release, or say that there is none."""
    release = session.get(Release, release_id)
    if release is None:
        raise NotFound(f"release {release_id!r}", "there is none", fix="List the releases with: sluice release list.")
    return release


def _locked(session: Session, release_id: str) -> Release:
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
