"""Releases that anybody may see: what is published, what it superseded, and what was withdrawn."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from catalog.lifecycle import State
from catalog.models import Dataset, Release, Tombstone
from catalog.previews import difference_of
from catalog.releases import under_embargo

READABLE = (State.PUBLISHED, State.SUPERSEDED)
SEEN = (*READABLE, State.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Version:
    """A release in the list of its dataset."""

    number: int
    state: str
    published_at: datetime | None
    tombstone: Tombstone | None
    before: int | None
    """The number of the release it can be compared with: the newest readable one below it, if it is readable."""


def versions(session: Session, dataset_id: str) -> list[Version]:
    """List a dataset's releases, the newest first; none of one that never was published."""
    rows = session.exec(
        select(Release.number, Release.state, Release.published_at, Tombstone)
        .outerjoin(Tombstone, col(Tombstone.release_id) == Release.id)
        .where(Release.dataset_id == dataset_id, col(Release.state).in_(SEEN))
        .order_by(col(Release.number))
    ).all()
    out: list[Version] = []
    newest: int | None = None
    for number, state, at, tombstone in rows:
        readable = state in READABLE
        out.append(Version(number, state, at, tombstone, newest if readable else None))
        newest = number if readable else newest
    return out[::-1]


def current(session: Session, dataset_id: str) -> Release | None:
    """Give the published release of a dataset."""
    where = (Release.dataset_id == dataset_id, Release.state == State.PUBLISHED)
    return session.exec(select(Release).where(*where).order_by(col(Release.number).desc())).first()


def numbered(session: Session, dataset_id: str, number: int) -> Release | None:
    """Give a release by its number, if anybody may see it."""
    where = (Release.dataset_id == dataset_id, Release.number == number, col(Release.state).in_(SEEN))
    return session.exec(select(Release).where(*where)).first()


def before(session: Session, release: Release) -> Release | None:
    """Give the release that *release* can be compared with."""
    where = (
        Release.dataset_id == release.dataset_id,
        Release.number < release.number,
        col(Release.state).in_(READABLE),
    )
    return session.exec(select(Release).where(*where).order_by(col(Release.number).desc())).first()


def difference(session: Session, old: Release, new: Release, *, at: datetime) -> Mapping[str, Any] | None:
    """Compare two releases; under an embargo of either without what their previews show.

    None where one has evidence of the first format, which cannot be compared.
    """
    if not all("editions" in body_of(release) for release in (old, new)):
        return None
    found = difference_of(session, old.id, new.id)
    for which, release in (("old", old), ("new", new)):
        if under_embargo(release, at):
            hidden = {"distributions": [], "uncompared": [], "why_no_distributions": f"The {which} release is hidden."}
            found = {**found, **hidden}
            found["same"] = not any(found[section] for section in ("schema", "counts", "risk", "plan"))
    return found


def body_of(release: Release) -> dict[str, Any]:
    """Read the body of a release's evidence."""
    body: dict[str, Any] = json.loads(release.evidence)["body"]
    return body


def known(session: Session, dataset_id: str) -> tuple[Dataset, Sequence[Version]] | None:
    """Give a dataset and its releases; none where nothing of it was ever published: that is nobody's business yet."""
    dataset = session.get(Dataset, dataset_id)
    found = versions(session, dataset_id)
    return None if dataset is None or not found else (dataset, found)
