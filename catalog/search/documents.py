"""What a dataset is found by: its words in order of weight, and its value of each facet.

Columns and profiles are those of the published release. What is not published has neither.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from catalog.describe import THEMES
from catalog.lifecycle import State
from catalog.models import Dataset, Publisher, Release
from catalog.search import facts, places
from catalog.search.lexemes import Fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A dataset as search sees it."""

    fields: Fields
    facets: Mapping[str, str]
    """A value for each of `facts.FACETS`; empty where there is none."""
    years: tuple[int, int]
    """The first and the last year covered; zeros where none is said."""
    published: bool
    since: datetime
    """When its release was published; without one, when it was entered."""

    @property
    def length(self) -> int:
        """Say how long the titles are: of two that hold a word, the shorter one says more by it."""
        return sum(len(title.split()) if title.isascii() else len(title) for title in self.fields.titles)


def documents(session: Session, dataset_ids: Sequence[str]) -> dict[str, Document]:
    """Read the documents of *dataset_ids* from the catalogue as it is now."""
    rows = session.exec(
        select(Dataset).where(col(Dataset.id).in_(dataset_ids)).execution_options(populate_existing=True)
    ).all()
    publishers = {row.id: row for row in session.exec(select(Publisher))}
    current = session.exec(
        select(Release.dataset_id, Release.evidence, Release.published_at).where(
            col(Release.dataset_id).in_(dataset_ids), Release.state == State.PUBLISHED
        )
    )
    releases = {dataset: (json.loads(evidence)["body"], at) for dataset, evidence, at in current}
    return {
        row.id: _document(row, line_of(publishers, row.publisher_id), *releases.get(row.id, (None, None)))
        for row in rows
    }


def _document(
    dataset: Dataset, publishers: Sequence[Publisher], body: Mapping[str, Any] | None, at: datetime | None
) -> Document:
    area = places.area(dataset.spatial)
    first, last = dataset.temporal_start, dataset.temporal_end
    theme = THEMES.get(dataset.theme)
    fields = Fields(
        titles=(dataset.title_zh, dataset.title_en),
        keywords=(*json.loads(dataset.keywords_zh), *json.loads(dataset.keywords_en), dataset.id),
        columns=columns_of(body or {}),
        descriptions=(
            *(name for row in publishers for name in (row.name_zh, row.name_en)),
            *((theme.zh, theme.en) if theme else ()),
            *(word for code in places.line_of(area) for word in (code, places.names().get(code, ""))),
            dataset.description_zh,
            dataset.description_en,
        ),
    )
    facets = {
        "theme": dataset.theme,
        "publisher": dataset.publisher_id,
        "spatial": area,
        "profile": ",".join(sorted((body or {}).get("editions", {}))),
        "level": dataset.level,
        "rhythm": dataset.rhythm,
    }
    return Document(
        fields=fields,
        facets=facets,
        years=(first.year, last.year if last else facts.GOES_ON) if first else (0, 0),
        published=body is not None,
        since=at or dataset.created_at,
    )


def columns_of(body: Mapping[str, Any]) -> tuple[str, ...]:
    """Name the columns that any edition of this evidence carries."""
    carried = (column["name"] for edition in body.get("editions", {}).values() for column in edition["published"])
    return tuple(dict.fromkeys(carried))


def line_of(publishers: Mapping[str, Publisher], publisher_id: str | None) -> list[Publisher]:
    """Give a publisher and all above it."""
    line: list[Publisher] = []
    while publisher_id is not None and publisher_id in publishers and len(line) < len(publishers):
        line.append(publishers[publisher_id])
        publisher_id = line[-1].parent_id
    return line
