"""The risk of a release, or of a cut, in the hands of somebody who holds everything published of its dataset.

Two steps, so that nothing is measured inside a transaction: *gather* reads from the database what is out there,
*measure* joins the bytes. The result is stored with the release, is signed by its approver, and names what it was
measured against; publishing insists that this is still all there is.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from anonymize.errors import GateFailed
from anonymize.linkage import Rendering, by_token, finest, joined
from catalog.errors import WrongState
from catalog.models import ClassTable, Cut, CutFile, Dataset, Edition, Release
from catalog.proposing import OUT_THERE, Proposal
from catalog.releases import editions_of, files_of
from catalog.store import BlobStore
from policies.disclosure import Failure
from policies.profile import Mode


@dataclass(frozen=True, slots=True)
class Held:
    """One rendering that an attacker may hold, and how it may be seen."""

    rendering: Rendering
    whole: bool
    """An edition with all its rows, from which one may look at the others."""
    records: bool
    """Rows of it are served, with their tokens where it has any."""
    dataset: str


@dataclass(frozen=True, slots=True)
class Gathered:
    """What is to be measured together."""

    dataset: str
    own: tuple[Held, ...]
    """What is new: the editions of a proposal."""
    others: tuple[Held, ...]
    against: tuple[Mapping[str, str], ...]
    unmeasured: tuple[str, ...]
    """Editions whose bytes are erased and whose classes were not kept."""
    series: str | None


def assess(session: Session, store: BlobStore, proposal: Proposal) -> dict[str, Any]:
    """Measure *proposal* together with everything published of its dataset; `check` judges what it gives.

    Raises:
        LinkageError: hierarchies contradict what is published.
    """
    return measure(gather(session, store, proposal))


def gather(session: Session, store: BlobStore, proposal: Proposal) -> Gathered:
    """Find all that a proposal must be measured with."""
    body = proposal.document["body"]
    own = tuple(
        _held(body, profile, [store.path(file["sha256"]) for file in made.files], f"{profile}, proposed")
        for profile, made in sorted(proposal.editions.items())
    )
    return replace(gather_published(session, store, body["dataset"]), own=own)


def gather_published(session: Session, store: BlobStore, dataset_id: str) -> Gathered:
    """Find everything published of a dataset, and of the datasets of its series."""
    dataset = session.get_one(Dataset, dataset_id)
    others: list[Held] = []
    unmeasured: list[str] = []
    for release in _releases(session, dataset):
        body = json.loads(release.evidence)["body"]
        for edition in editions_of(session, release.id):
            name = f"{edition.profile} of {release.dataset_id} #{release.number}"
            held = _edition(session, store, edition, body, name)
            if held is None:
                unmeasured.append(edition.id)
            else:
                others.append(held)
            others += _cuts(session, store, edition, body, name)
    return Gathered(
        dataset_id, (), tuple(others), tuple(against(session, dataset_id)), tuple(unmeasured), dataset.series
    )


def against(session: Session, dataset_id: str) -> list[dict[str, str]]:
    """Name the editions and cuts published of a dataset and its series, with the hash of their manifests."""
    out = []
    for release in _releases(session, session.get_one(Dataset, dataset_id)):
        for edition in editions_of(session, release.id):
            out.append({"edition": edition.id, "hash": edition.manifest})
            cuts = session.exec(select(Cut).where(Cut.edition_id == edition.id).order_by(Cut.id))
            out += [{"cut": cut.id, "hash": cut.manifest} for cut in cuts]
    return out


def measure(gathered: Gathered) -> dict[str, Any]:
    """Join what was gathered; give the figures and what they were measured against, as plain JSON.

    k counts tokens where the finest edition publishes one, else rows.
    """
    everything = [*gathered.own, *gathered.others]
    here = [held for held in everything if held.dataset == gathered.dataset]
    whole = [held for held in here if held.whole]
    view = finest([held.rendering for held in whole])
    (seen,) = (held for held in whole if held.rendering is view)
    found = joined(
        view,
        [held.rendering for held in here if held.rendering is not view],
        whole_sets=seen.records and view.token is not None,
        floor=view.minimum_class_size,
    )
    return {
        **found.to_dict(),
        "floor": view.minimum_class_size,
        "counted": "rows" if view.token is None else "tokens",
        "against": [dict(entry) for entry in gathered.against],
        "unmeasured": list(gathered.unmeasured),
        "series": _series(gathered, everything),
    }


def check(result: Mapping[str, Any]) -> None:
    """Insist that no join leaves a class smaller than the finest edition's profile asks for.

    Raises:
        GateFailed: the smallest class found, and what would mend it.
    """
    failures = []
    if result["minimum"] < result["floor"]:
        links = f" {', '.join(map(repr, result['weakest']))} link its rows." if result["weakest"] else ""
        teachers = ", ".join(result["taught_by"]) or "the edition itself"
        fix = f"Coarsen what is finer elsewhere ({teachers}), or do not publish again the column that links.{links}"
        failures.append(Failure(f"joined k of {result['finest']}", result["floor"], result["minimum"], fix))
    series = result["series"]
    if series is not None and series["k"] < series["floor"]:
        fix = "Coarsen the quasi-identifiers, or leave the token out of one of the editions that are joined by it."
        failures.append(Failure("joined k of the series", series["floor"], series["k"], fix))
    if failures:
        raise GateFailed(tuple(failures))


def check_still(session: Session, release: Release) -> None:
    """Insist that a release was measured against exactly what is published now.

    Raises:
        WrongState: something was published since, so that it must be measured again.
    """
    measured = json.loads(release.joined).get("against")
    if measured != against(session, release.dataset_id):
        raise WrongState(
            f"release {release.id}",
            "was not measured together with what is published of its dataset now",
            fix="Propose what was built again: it is then measured with all that was published since.",
        )


def _releases(session: Session, dataset: Dataset) -> Sequence[Release]:
    related = [dataset.id]
    if dataset.series is not None:
        related = list(session.exec(select(Dataset.id).where(Dataset.series == dataset.series)))
    statement = select(Release).where(col(Release.dataset_id).in_(related), col(Release.state).in_(OUT_THERE))
    return session.exec(statement.order_by(Release.id)).all()


def _told(body: Mapping[str, Any], profile: str) -> Mapping[str, Any]:
    """Give what evidence tells of one edition; the first format told of one alone."""
    told: Mapping[str, Any] = body["editions"][profile] if "editions" in body else body
    return told


def _held(body: Mapping[str, Any], profile: str, files: Iterable[Path], name: str) -> Held:
    told = _told(body, profile)
    rendering = Rendering(
        name=name,
        files=tuple(files),
        published=told["published"],
        trees=body.get("trees", {}),
        minimum_class_size=int(told["profile"]["minimum_class_size"]),
    )
    return Held(rendering, True, Mode.RECORDS.value in told["profile"]["modes"], body["dataset"])


def _edition(session: Session, store: BlobStore, edition: Edition, body: Mapping[str, Any], name: str) -> Held | None:
    """Give an edition by its bytes, or by its classes where they are erased; None where those were not kept."""
    held = _held(body, edition.profile, [store.path(file.sha256) for file in files_of(session, edition.id)], name)
    if all(path.is_file() for path in held.rendering.files):
        return held
    kept = session.get(ClassTable, edition.id)
    if kept is None:
        return None
    quasi = [entry for entry in held.rendering.published if entry["role"] == "quasi_identifier"]
    classes = replace(held.rendering, files=(store.open_path(kept.sha256),), published=quasi)
    return replace(held, rendering=classes, whole=False, records=False)


def _cuts(session: Session, store: BlobStore, edition: Edition, body: Mapping[str, Any], name: str) -> Iterable[Held]:
    """Give the cuts of an edition whose bytes are there; an erased one told no more than the edition it was part of."""
    for cut in session.exec(select(Cut).where(Cut.edition_id == edition.id).order_by(Cut.id)):
        listed = select(CutFile).where(CutFile.cut_id == cut.id).order_by(col(CutFile.position))
        paths = tuple(store.path(file.sha256) for file in session.exec(listed))
        if all(path.is_file() for path in paths):
            held = _held(body, edition.profile, paths, f"cut {cut.id} of {name}")
            carried = json.loads(cut.evidence)["body"]["published"]
            yield replace(held, rendering=replace(held.rendering, published=carried), whole=False)


def _series(gathered: Gathered, everything: Sequence[Held]) -> dict[str, Any] | None:
    """Join by token what is served as rows with a token, over all datasets of the series."""
    if gathered.series is None:
        return None
    # a cut shows no tuple that its edition does not show; whether a subject is in it depends on the filter alone
    tokened = [h.rendering for h in everything if h.whole and h.records and h.rendering.token is not None]
    if not tokened:
        return None
    floor = min(rendering.minimum_class_size for rendering in tokened)
    return {**by_token(tokened).to_dict(), "floor": floor, "name": gathered.series}
