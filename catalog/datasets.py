"""Datasets: entered and changed, for the publisher that answers for them."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from catalog.describe import Description
from catalog.errors import CatalogError, NotFound
from catalog.events import Event, note
from catalog.ids import MemberId
from catalog.lifecycle import State
from catalog.mandates import check_mandate
from catalog.models import Dataset, Edition, Publisher, Release
from catalog.search.index import index_dataset
from policies.canonical import plain

UNTOLD = ("contact",)
"""What may name a person: the log says that it changed, not to what."""


def register_dataset(
    session: Session, *, id: str, publisher: Publisher, description: Description, by: MemberId, at: datetime
) -> Dataset:
    """Enter a dataset of a theme that its publisher may release.

    Raises:
        NotPermitted: the publisher holds no mandate for the theme.
    """
    if not re.fullmatch(r"[A-Za-z0-9][\w.-]{0,99}", id, re.ASCII):
        fix = "Use up to 100 letters, digits, '.', '-' and '_', a letter or digit first."
        raise CatalogError("dataset", "its identifier cannot stand in an address", fix=fix)
    if session.get(Dataset, id) is not None:
        raise CatalogError(f"dataset {id!r}", "is registered already", fix="Propose a release of it.")
    check_mandate(session, publisher.id, description.theme)
    dataset = Dataset(id=id, publisher_id=publisher.id, created_at=at, **description.columns())
    session.add(dataset)
    session.flush()
    details = {"publisher": publisher.id, "theme": description.theme, "level": description.level}
    note(session, Event(action="dataset:registered", subject=id, by=by, at=at, details=details))
    index_dataset(session, id)
    return dataset


def change_dataset(
    session: Session, dataset_id: str, changes: Mapping[str, Any], *, by: MemberId, at: datetime
) -> Dataset:
    """Say something else of a dataset; the log keeps what was said before.

    Raises:
        CatalogError: nothing would change, or a release that is out was made under what would.
        NotPermitted: the publisher holds no mandate for the new theme.
    """
    row = find_dataset(session, dataset_id, locked=True)
    before = Description.of(row)
    after = replace(before, **changes)
    changed = {name: (getattr(before, name), getattr(after, name)) for name in changes}
    changed = {name: (old, new) for name, (old, new) in changed.items() if old != new}
    if not changed:
        raise CatalogError(f"dataset {dataset_id!r}", "says so already", fix="Name what is to change.")
    if "theme" in changed:
        check_mandate(session, row.publisher_id, after.theme, profiles_out(session, dataset_id))
    if "series" in changed and profiles_out(session, dataset_id):
        fix = "Withdraw its releases first: their risk was measured without the other datasets of the series."
        raise CatalogError(f"dataset {dataset_id!r}", "has published releases, so its series stands", fix=fix)
    for name, value in after.columns().items():
        setattr(row, name, value)
    session.add(row)
    told = {name: None if name in UNTOLD else [plain(old), plain(new)] for name, (old, new) in changed.items()}
    note(session, Event(action="dataset:changed", subject=row.id, by=by, at=at, details={"changed": told}))
    index_dataset(session, row.id)
    return row


def find_dataset(session: Session, dataset_id: str, *, locked: bool = False) -> Dataset:
    """Load a dataset, or say that there is none; *locked*, nobody else changes it before the transaction ends."""
    row = session.get(Dataset, dataset_id, with_for_update=locked or None, populate_existing=locked)
    if row is None:
        raise NotFound(f"dataset {dataset_id!r}", "is not registered", fix="Register the dataset first.")
    return row


def lock_series(session: Session, dataset_id: str) -> Dataset:
    """Load a dataset, locked together with all of its series: what is published of one is measured with the others."""
    series = find_dataset(session, dataset_id).series
    if series is not None:
        related = select(Dataset.id).where(Dataset.series == series).order_by(Dataset.id)
        session.exec(related.with_for_update()).all()
    return find_dataset(session, dataset_id, locked=True)


def profiles_out(session: Session, dataset_id: str) -> tuple[str, ...]:
    """Name the profiles of a dataset's editions that somebody may be reading."""
    out = (State.PUBLISHED, State.SUPERSEDED)
    wanted = select(Edition.profile).join(Release).where(Release.dataset_id == dataset_id, col(Release.state).in_(out))
    return tuple(sorted(set(session.exec(wanted))))
