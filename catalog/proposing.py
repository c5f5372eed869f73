"""Proposing a release: bytes come first, rows last. When a row speaks of them, all of them are on disk and verified."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, func, select

from anonymize import evidence
from anonymize.errors import EvidenceError
from catalog import lifecycle
from catalog.actors import Actor
from catalog.datasets import find_dataset
from catalog.errors import CatalogError, NotPermitted, WrongState
from catalog.events import Event, note
from catalog.ids import new_id
from catalog.lifecycle import State
from catalog.mandates import check_mandate
from catalog.models import Dataset, Edition, EditionFile, Release
from catalog.releases import files_in, joined_hash
from catalog.store import BlobStore
from policies.canonical import canonical_json

OUT_THERE = (State.PUBLISHED, State.SUPERSEDED, State.WITHDRAWN)
"""States of releases whose bytes have left: a withdrawn one is recalled, never called gone."""


@dataclass(frozen=True, slots=True)
class Rendering:
    """One edition's bytes at rest: its manifest, and its files as the evidence lists them."""

    manifest: str
    files: Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Proposal:
    """An assessed folder whose bytes are already at rest, ready to become rows."""

    document: dict[str, Any]
    evidence_hash: str
    editions: Mapping[str, Rendering]
    """By the name of their profile."""
    store: BlobStore
    """Where they are at rest."""


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
    digest = evidence.evidence_hash(document["body"])
    editions = {}
    for profile, files in files_in(document["body"]).items():
        for file in files:
            if store.put(directory / file["path"]).sha256 != file["sha256"]:
                raise CatalogError(file["path"], "changed while it was stored", fix="Build again, then propose.")
        manifest = {"evidence": digest, "edition": profile, "files": files}
        editions[profile] = Rendering(store.put_bytes(canonical_json(manifest)).sha256, files)
    return Proposal(document, digest, editions, store)


def propose(
    session: Session, proposal: Proposal, *, by: Actor, at: datetime, joined: Mapping[str, Any] | None = None
) -> Release:
    """Enter an assessed release of the dataset that the evidence names.

    *joined* is the risk measured together with everything published of the dataset; approval will sign it as well.

    Raises:
        NotPermitted: another key signed the evidence, or its publisher may not release such editions.
        WrongState: it was built without the release published before it.
        CatalogError: it is of another series than its dataset.
    """
    body = proposal.document["body"]
    if proposal.document["signature"]["key"] != by.signer.public:
        raise NotPermitted("evidence", "another key than yours signed it", fix="Let its author propose it.")
    dataset = find_dataset(session, body["dataset"], locked=True)
    check_mandate(session, dataset.publisher_id, dataset.theme, tuple(proposal.editions))
    check_follows(session, dataset.id, body)
    _check_series(dataset, body)
    _check_bytes(proposal)
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
        joined=canonical_json(dict(joined or {})).decode(),
    )
    session.add(release)
    session.flush()
    for profile, rendering in sorted(proposal.editions.items()):
        _enter(session, release, profile, rendering, at=at)
    details = {
        "dataset": dataset.id,
        "evidence": release.evidence_hash,
        "joined": joined_hash(release),
        "editions": sorted(proposal.editions),
        "key": release.author_key,
    }
    note(session, Event(action="release:proposed", subject=release.id, by=by.id, at=at, details=details))
    return release


def release_before(session: Session, dataset_id: str) -> Release | None:
    """Find the release that the next one of a dataset follows: what is published, else the newest that ever was."""
    out = select(Release).where(Release.dataset_id == dataset_id, col(Release.state).in_(OUT_THERE))
    newest_first = (col(Release.state) != State.PUBLISHED, col(Release.published_at).desc(), col(Release.number).desc())
    return session.exec(out.order_by(*newest_first).limit(1)).first()


def check_follows(session: Session, dataset_id: str, body: Mapping[str, Any]) -> None:
    """Insist that a build knew the release published before it: who was added to each class, and who waits.

    Raises:
        WrongState: it knew none, or another one.
    """
    before = release_before(session, dataset_id)
    if before is not None and (body.get("previous") or {}).get("evidence") != before.evidence_hash:
        raise WrongState(
            f"release of {dataset_id}",
            f"was built without the release before it, {before.id}",
            fix=f"Build again with --previous and the folder whose evidence is {before.evidence_hash[:12]}….",
        )


def _check_series(dataset: Dataset, body: Mapping[str, Any]) -> None:
    series = (body.get("series") or {}).get("name")
    if series is not None and series != dataset.series:
        raise CatalogError(
            f"dataset {dataset.id!r}",
            f"is not in the plan's series {series!r}",
            fix="Register the dataset with the plan's series, or mend the plan.",
        )


def _check_bytes(proposal: Proposal) -> None:
    for rendering in proposal.editions.values():
        for sha256 in (rendering.manifest, *(file["sha256"] for file in rendering.files)):
            if not proposal.store.path(sha256).is_file():
                found = "was swept before a release spoke of it"
                raise CatalogError(f"blob {sha256[:12]}", found, fix="Propose it again.")


def _enter(session: Session, release: Release, profile: str, rendering: Rendering, *, at: datetime) -> None:
    rows = sum(file["rows"] for file in rendering.files)
    edition = Edition(id=new_id(at), release_id=release.id, profile=profile, rows=rows, manifest=rendering.manifest)
    session.add(edition)
    session.flush()
    for position, file in enumerate(rendering.files):
        session.add(
            EditionFile(
                edition_id=edition.id,
                position=position,
                sha256=file["sha256"],
                size_bytes=file["bytes"],
                rows=file["rows"],
            )
        )
