"""A dataset's page: whose it is, how risky it was measured, what is in it, and how it came about."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, abort, render_template, request
from sqlmodel import Session, select

from anonymize.data import facts
from catalog.ceilings import ceilings_of
from catalog.errors import NotFound
from catalog.models import Ceiling, Dataset, Publisher, Release
from catalog.previews import mock_of, preview_of
from catalog.registration import history, standing
from catalog.releases import under_embargo
from catalog.search.places import area
from catalog.search.places import line_of as places_of
from market.home import Home
from market.web import released
from market.web.language import words
from market.web.listing import line_of
from market.web.views import charts, columns, quality, risk
from market.web.views.bodies import bytes_of, editions_in, rows_of
from market.web.views.changes import changes, moved, why_not
from policies.calendar import day_of

FIRST_CHANGES = 8
PARQUET = "application/vnd.apache.parquet"


def blueprint(home: Home, clock: Callable[[], datetime]) -> Blueprint:
    """Make the pages of the datasets of *home*."""
    pages = Blueprint("datasets", __name__, url_prefix="/datasets")

    @pages.get("/<dataset_id>")
    def page(dataset_id: str) -> str:
        at = clock()
        with home.database.reading() as session:
            known = released.known(session, dataset_id)
            if known is None:
                abort(404)
            dataset, versions = known
            release = released.current(session, dataset_id)
            preview = preview_of(session, dataset_id, at=at)
            statistics = json.loads(preview.statistics) if preview else None
            publishers = {row.id: row for row in session.exec(select(Publisher))}
            return render_template(
                "datasets/page.html",
                dataset=dataset,
                line=line_of(publishers, dataset.publisher_id),
                place=_place(dataset),
                keywords=json.loads(getattr(dataset, f"keywords_{words().language}")),
                registration=standing(session, dataset_id),
                acts=history(session, dataset_id),
                ceiling=_ceiling(session, dataset_id, at),
                release=release,
                embargo=release.embargo_until if release and under_embargo(release, at) else None,
                versions=versions,
                statistics=statistics,
                shown=charts.shown(statistics) if statistics else [],
                rows=json.loads(preview.first_rows) if preview else [],
                has_mock=preview is not None,
                **(_told(session, release, statistics, at) if release else {}),
            )

    @pages.get("/<dataset_id>/evidence.json")
    def evidence(dataset_id: str) -> Response:
        with home.database.reading() as session:
            release = released.current(session, dataset_id)
            if release is None:
                abort(404)
            return Response(release.evidence, mimetype="application/json")

    @pages.get("/<dataset_id>/mock.parquet")
    def mock(dataset_id: str) -> Response:
        name = request.args.get("edition") or None
        with home.database.reading() as session:
            preview = preview_of(session, dataset_id, at=clock())
            if preview is None:
                abort(404)
            try:
                content = mock_of(session, home.store, preview, name)
            except NotFound:
                abort(404)
        file = f"{dataset_id}-{name or 'finest'}-mock.parquet"  # both are codes, safe in a header
        return Response(content, mimetype=PARQUET, headers={"Content-Disposition": f'attachment; filename="{file}"'})

    return pages


def _told(session: Session, release: Release, statistics: Mapping[str, Any] | None, at: datetime) -> dict[str, Any]:
    """Give what the evidence of a release tells."""
    body, t = released.body_of(release), words()
    editions = editions_in(body)
    older = released.before(session, release)
    diff = released.difference(session, older, release, at=at) if older else None
    return {
        "body": body,
        "risks": risk.risks(body),
        "joined": risk.joined(json.loads(release.joined)),
        "columns": columns.columns(body, statistics),
        "quality": quality.quality(body),
        "standardised": quality.standardised(body),
        "profiles": list(editions),
        "most_rows": max(map(rows_of, editions.values())),
        "size_bytes": sum(map(bytes_of, editions.values())),
        "older": older,
        "diff": diff,
        "changes": changes(diff, t)[:FIRST_CHANGES] if diff else [],
        "more_changes": max(0, len(changes(diff, t)) - FIRST_CHANGES) if diff else 0,
        "moved": moved(diff, t)[:3] if diff else [],
        "why_not": why_not(diff) if diff else None,
    }


def _ceiling(session: Session, dataset_id: str, at: datetime) -> Ceiling | None:
    """Give the price ceiling of the period that *at* lies in."""
    day = day_of(at)
    return next((row for row in ceilings_of(session, dataset_id) if row.starts_on <= day < row.ends_on), None)


def _place(dataset: Dataset) -> list[tuple[str, str]]:
    """Name the area covered and what it lies in: codes with their Chinese names."""
    named = {row["code"]: row["name"] for row in facts("gbt2260.csv")}
    line = places_of(area(dataset.spatial))
    if not line or line[0] not in named:
        return [("", dataset.spatial)] if dataset.spatial else []
    return [(code, named.get(code, code)) for code in line]
