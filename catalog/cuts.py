"""Cuts at rest: made once per edition and part, gated on their own bytes, shared by every agreement that names them.

Bytes come first: a cut is made, measured, also with everything published, and stored before any transaction begins.
Entering it is one transaction with its event. The same part of the same edition is the same cut.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from anonymize.cut import Parent, check_cut
from anonymize.cut import make_cut as make_bytes
from anonymize.errors import EvidenceError
from anonymize.evidence import Evidence
from anonymize.linkage import Rendering
from anonymize.signing import Signer
from catalog import assessment
from catalog.actors import Actor
from catalog.assessment import Gathered, Held
from catalog.datasets import lock_series
from catalog.errors import CatalogError, NotFound, NotPermitted, WrongState
from catalog.events import Event, note
from catalog.ids import MemberId, new_id
from catalog.lifecycle import State
from catalog.models import Cut, CutFile, Edition, Release
from catalog.releases import files_of, locked
from catalog.store import BlobStore
from policies.canonical import canonical_json
from policies.cut import CutSpec

SERVABLE = (State.PUBLISHED, State.SUPERSEDED)
"""States of releases whose parts may be served."""


@dataclass(frozen=True, slots=True)
class CutSource:
    """An edition to cut from, read once, so that nothing is made inside a transaction."""

    edition_id: str
    parent: Parent
    files: tuple[Path, ...]
    together: Gathered
    """Everything published of its dataset."""


@dataclass(frozen=True, slots=True)
class MadeCut:
    """A gated cut whose bytes are at rest, ready to become rows."""

    edition_id: str
    spec: CutSpec
    document: Mapping[str, Any]
    evidence_hash: str
    manifest: str
    files: Sequence[Mapping[str, Any]]
    against: Sequence[Mapping[str, str]]
    """What it was measured together with."""
    store: BlobStore
    """Where they are at rest."""


def find_cut(session: Session, cut_id: str) -> Cut:
    """Load a cut, or say that there is none."""
    cut = session.get(Cut, cut_id)
    if cut is None:
        raise NotFound(f"cut {cut_id!r}", "there is none", fix="List the cuts with: sluice cut list.")
    return cut


def same_cut(session: Session, edition_id: str, spec: CutSpec) -> Cut | None:
    """Find the cut that is this part of this edition, where it was made before."""
    return session.exec(select(Cut).where(Cut.edition_id == edition_id, Cut.spec_hash == spec.digest)).first()


def cut_files_of(session: Session, cut_id: str) -> Sequence[CutFile]:
    """List a cut's files in order."""
    return session.exec(select(CutFile).where(CutFile.cut_id == cut_id).order_by(col(CutFile.position))).all()


def source_of(session: Session, store: BlobStore, edition_id: str) -> CutSource:
    """Read what a cut of an edition is made from.

    Raises:
        NotFound: there is no such edition.
        WrongState: its release is not served.
    """
    edition = session.get(Edition, edition_id)
    if edition is None:
        raise NotFound(f"edition {edition_id!r}", "there is none", fix="Check the identifier.")
    release = session.get_one(Release, edition.release_id)
    _insist_servable(release)
    body = json.loads(release.evidence)["body"]
    if "editions" not in body:
        found = "its evidence is of the first format, which cannot be cut from"
        raise WrongState(f"edition {edition_id}", found, fix="Build and publish a new release, and cut that.")
    files = tuple(store.verified(file.sha256) for file in files_of(session, edition.id))
    together = assessment.gather_published(session, store, release.dataset_id)
    return CutSource(edition.id, Parent.of(body, edition.profile), files, together)


def make_cut(store: BlobStore, source: CutSource, spec: CutSpec, *, signer: Signer, at: datetime) -> MadeCut:
    """Make the bytes of a cut, measure them alone and with everything published, and put them at rest.

    Raises:
        CutRefused: which rule stands against it, in which column, and what to do.
        GateFailed: the written cut, alone or joined with what is published, misses a threshold.
    """
    with store.room() as room:
        folder = room / "cut"
        made = make_bytes(spec, source.parent, source.files, folder, signer=signer, at=at)
        paths = [folder / entry["path"] for entry in made.body["files"]]
        verified = check_cut(made, paths, frozenset({signer.public}))
        if not verified.ok:
            first = verified.findings[0]
            raise EvidenceError(f"cut, {first.place}", first.found, fix=first.fix)
        measured = assessment.measure(_with(source, made, paths))
        assessment.check(measured)
        for entry, path in zip(made.body["files"], paths, strict=True):
            if store.put(path).sha256 != entry["sha256"]:
                raise CatalogError("cut", "changed while it was stored", fix="Check the disk, then make it again.")
    manifest = {
        "evidence": made.hash,
        "edition": source.edition_id,
        "spec": spec.digest,
        "files": made.body["files"],
        "joined": measured,
    }
    stored = store.put_bytes(canonical_json(manifest))
    files, known = made.body["files"], source.together.against
    return MadeCut(source.edition_id, spec, made.to_dict(), made.hash, stored.sha256, files, known, store)


def enter_cut(session: Session, made: MadeCut, *, by: Actor, at: datetime) -> Cut:
    """Enter a cut that was made; where the same was entered meanwhile, that one is given.

    Raises:
        NotPermitted: another key signed it.
        WrongState: its release is not served any more, or something was published since it was measured.
    """
    if made.document["signature"]["key"] != by.signer.public:
        raise NotPermitted("cut", "another key than yours signed it", fix="Make it with your own key.")
    edition = session.get_one(Edition, made.edition_id)
    dataset = lock_series(session, session.get_one(Release, edition.release_id).dataset_id)
    _insist_servable(locked(session, edition.release_id))
    known = same_cut(session, made.edition_id, made.spec)
    if known is not None:
        return known
    if list(made.against) != assessment.against(session, dataset.id):
        found = "was not measured together with what is published of its dataset now"
        raise WrongState("cut", found, fix="Make it again: it is then measured with all that was published since.")
    for sha256 in (made.manifest, *(str(entry["sha256"]) for entry in made.files)):
        if not made.store.path(sha256).is_file():
            raise CatalogError(f"blob {sha256[:12]}", "was swept before a cut spoke of it", fix="Make it again.")
    row = Cut(
        id=new_id(at),
        edition_id=edition.id,
        spec=canonical_json(made.spec.to_dict()).decode(),
        spec_hash=made.spec.digest,
        evidence=canonical_json(dict(made.document)).decode(),
        evidence_hash=made.evidence_hash,
        rows=sum(entry["rows"] for entry in made.files),
        manifest=made.manifest,
        created_by=by.id,
        created_at=at,
    )
    session.add(row)
    session.flush()
    for position, entry in enumerate(made.files):
        sha256, size, rows = entry["sha256"], entry["bytes"], entry["rows"]
        session.add(CutFile(cut_id=row.id, position=position, sha256=sha256, size_bytes=size, rows=rows))
    details = {
        "edition": edition.id,
        "spec": row.spec_hash,
        "evidence": row.evidence_hash,
        "manifest": row.manifest,
        "key": by.signer.public,
    }
    note(session, Event(action="cut:made", subject=row.id, by=by.id, at=at, details=details))
    return row


def collect_cut(session: Session, cut: Cut, *, by: MemberId, at: datetime) -> None:
    """Give up the bytes of a cut that nobody uses: from this commit on no row speaks of them, and a sweep erases them.

    The row stays, with its spec, its evidence and the hashes of its files. The same part may be made anew, as another
    cut: its hash is free again.
    """
    files = [file.sha256 for file in cut_files_of(session, cut.id)]
    details = {"edition": cut.edition_id, "spec": cut.spec_hash, "evidence": cut.evidence_hash, "files": files}
    cut.collected_at, cut.spec_hash = at, f"collected:{cut.id}"
    session.add(cut)
    note(session, Event(action="cut:collected", subject=cut.id, by=by, at=at, details=details))


def check_servable(session: Session, cut_id: str, edition_id: str) -> Cut:
    """Insist that a cut is part of that edition, is the one that was signed, and that its release is served.

    Raises:
        CatalogError: it is not.
    """
    cut = find_cut(session, cut_id)
    if cut.collected_at is not None:
        found = f"was collected on {cut.collected_at:%Y-%m-%d}, as nobody used it"
        raise WrongState(f"cut {cut_id}", found, fix="Offer the part again: it is made anew.")
    document = json.loads(cut.evidence)
    spec = CutSpec.from_dict(json.loads(cut.spec))
    told = Evidence(document["body"], document["signature"]["key"], document["signature"]["value"])
    if cut.edition_id != edition_id or told.hash != cut.evidence_hash or spec.digest != cut.spec_hash:
        raise CatalogError(f"cut {cut_id}", "is not what was signed", fix="Offer the edition again.")
    _insist_servable(session.get_one(Release, session.get_one(Edition, edition_id).release_id))
    return cut


def _insist_servable(release: Release) -> None:
    if release.state not in SERVABLE:
        raise WrongState(f"release {release.id}", f"is {release.state}", fix="Cut an edition of a published release.")


def _with(source: CutSource, made: Evidence, paths: Sequence[Path]) -> Gathered:
    """Put the new cut beside everything published."""
    held = next(held for held in source.together.others if held.rendering.files == source.files)
    rendering = Rendering(
        name="the new cut",
        files=tuple(paths),
        published=made.body["published"],
        trees=held.rendering.trees,
        minimum_class_size=held.rendering.minimum_class_size,
    )
    together = source.together
    new = Held(rendering, False, held.records, held.dataset)
    return Gathered(together.dataset, (new,), together.others, together.against, together.unmeasured, together.series)
