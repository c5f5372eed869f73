"""Which blobs the rows speak of, and what each of them is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, or_, select

from catalog.lifecycle import State
from catalog.models import ClassTable, Cut, CutFile, Edition, EditionFile, Preview, Release, Tombstone

LIVING = or_(Release.state != State.WITHDRAWN, col(Tombstone.legal_hold).is_not(None))
"""Releases whose bytes stay: those not withdrawn, and those under a legal hold."""

_BESIDE: Any = (Release.dataset_id, Release.number, Release.id)


@dataclass(frozen=True, slots=True)
class Holding:
    """A blob that a row speaks of."""

    sha256: str
    kind: str
    """`file`, `cut`, `mock`, `manifest`, `cut manifest` or `class table`."""
    dataset: str
    number: int
    release: str
    edition: str
    """The profile of the edition; empty for what belongs to the whole release."""

    @property
    def place(self) -> str:
        """Say where it belongs, for people."""
        edition = f", edition {self.edition}" if self.edition else ""
        return f"{self.kind} of {self.dataset} #{self.number} (release {self.release}{edition})"


def records(session: Session, which: ColumnElement[bool]) -> list[Holding]:
    """List what holds records, or was made of them, of the releases for which *which* holds; in a fixed order."""
    edition, cut, mock = (
        select(EditionFile.sha256, *_BESIDE, Edition.profile)  # type: ignore[call-overload]
        .join(Edition, col(Edition.id) == EditionFile.edition_id)
        .join(Release, col(Release.id) == Edition.release_id)
        .order_by(Edition.profile, col(EditionFile.position)),
        select(CutFile.sha256, *_BESIDE, Edition.profile)  # type: ignore[call-overload]
        .join(Cut, col(Cut.id) == CutFile.cut_id)
        .join(Edition, col(Edition.id) == Cut.edition_id)
        .join(Release, col(Release.id) == Edition.release_id)
        .where(col(Cut.collected_at).is_(None))
        .order_by(Cut.id, col(CutFile.position)),
        select(Preview.mock, *_BESIDE)
        .join(Release, col(Release.id) == Preview.release_id)
        .where(col(Preview.mock).is_not(None))
        .order_by(Release.id),
    )
    return [
        holding
        for kind, statement in (("file", edition), ("cut", cut), ("mock", mock))
        for holding in _read(
            session, kind, statement.outerjoin(Tombstone, col(Tombstone.release_id) == Release.id).where(which)
        )
    ]


def proofs(session: Session) -> list[Holding]:
    """List what stays for good, of withdrawn releases as well: manifests, and the class tables."""
    manifest, cut, table = (
        select(Edition.manifest, *_BESIDE, Edition.profile).join(Release, col(Release.id) == Edition.release_id),  # type: ignore[call-overload]
        select(Cut.manifest, *_BESIDE, Edition.profile)  # type: ignore[call-overload]
        .join(Edition, col(Edition.id) == Cut.edition_id)
        .join(Release, col(Release.id) == Edition.release_id),
        select(ClassTable.sha256, *_BESIDE, Edition.profile)  # type: ignore[call-overload]
        .join(Edition, col(Edition.id) == ClassTable.edition_id)
        .join(Release, col(Release.id) == Edition.release_id),
    )
    listed = (("manifest", manifest), ("cut manifest", cut), ("class table", table))
    return [holding for kind, statement in listed for holding in _read(session, kind, statement.order_by(Release.id))]


def due(session: Session, *, waiting: bool = False) -> dict[str, Sequence[Holding]]:
    """Give, by its hash, each blob that must be at rest and what it is; with those *waiting* to be erased, or not."""
    found: dict[str, list[Holding]] = {}
    which = or_(LIVING, col(Tombstone.erased_at).is_(None)) if waiting else LIVING
    for holding in (*records(session, which), *proofs(session)):
        found.setdefault(holding.sha256, []).append(holding)
    return dict(sorted(found.items()))


def _read(session: Session, kind: str, statement: Any) -> Iterator[Holding]:
    for sha256, dataset, number, release, *edition in session.exec(statement):
        yield Holding(str(sha256), kind, dataset, number, release, *(edition or [""]))
