"""Datasets as lists show them: whose they are, what is published of them, and how risky it was measured."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from catalog.lifecycle import State
from catalog.models import Dataset, Publisher, Release
from catalog.releases import under_embargo
from market.web.views.bodies import bytes_of, rows_of
from market.web.views.risk import Risk, risks


@dataclass(frozen=True, slots=True)
class Listed:
    """A dataset with a published release."""

    dataset: Dataset
    line: tuple[Publisher, ...]
    """Its publisher and all above it, the root first."""
    number: int
    published_at: datetime | None
    embargo_until: datetime | None
    """None where there is none, or it has passed."""
    risks: tuple[Risk, ...]
    rows: int
    columns: int
    size: int

    @property
    def highest(self) -> Risk:
        """The edition with the highest measured risk."""
        return max(self.risks, key=lambda risk: risk.highest)


def listed(session: Session, dataset_ids: Sequence[str], *, at: datetime) -> list[Listed]:
    """Describe these datasets in their order; those without a published release are left out."""
    datasets = {row.id: row for row in session.exec(select(Dataset).where(col(Dataset.id).in_(dataset_ids)))}
    releases = {
        row.dataset_id: row
        for row in session.exec(
            select(Release)
            .where(col(Release.dataset_id).in_(dataset_ids), Release.state == State.PUBLISHED)
            .order_by(col(Release.number))
        )
    }
    publishers = {row.id: row for row in session.exec(select(Publisher))}
    return [
        _listed(datasets[name], releases[name], publishers, at)
        for name in dataset_ids
        if name in datasets and name in releases
    ]


def _listed(dataset: Dataset, release: Release, publishers: Mapping[str, Publisher], at: datetime) -> Listed:
    body = json.loads(release.evidence)["body"]
    editions = list(body["editions"].values()) if "editions" in body else [body]
    names = {column["name"] for edition in editions for column in edition["published"]}
    return Listed(
        dataset=dataset,
        line=line_of(publishers, dataset.publisher_id),
        number=release.number,
        published_at=release.published_at,
        embargo_until=release.embargo_until if under_embargo(release, at) else None,
        risks=tuple(risks(body)),
        rows=max(map(rows_of, editions)),
        columns=len(names),
        size=sum(map(bytes_of, editions)),
    )


def line_of(publishers: Mapping[str, Publisher], publisher_id: str) -> tuple[Publisher, ...]:
    """Give a publisher and all above it, the root first."""
    line: list[Publisher] = []
    above: str | None = publisher_id
    while above is not None and above in publishers and len(line) < len(publishers):
        line.append(publishers[above])
        above = publishers[above].parent_id
    return tuple(reversed(line))
