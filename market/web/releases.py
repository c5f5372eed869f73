"""A release's own page: its risk and its signatures, what it changed, or why it is gone."""

import json
from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, Response, abort, render_template
from sqlmodel import Session

from catalog.lifecycle import State
from catalog.models import Dataset, Release, Tombstone
from catalog.releases import under_embargo
from market.home import Home
from market.web import released
from market.web.language import words
from market.web.views import risk
from market.web.views.changes import changes, moved, why_not

LARGEST = 2**31 - 1
"""No database of ours counts releases further."""


def blueprint(home: Home, clock: Callable[[], datetime]) -> Blueprint:
    """Make the pages of the releases of *home*."""
    pages = Blueprint("releases", __name__, url_prefix="/datasets/<dataset_id>/releases/<int:number>")

    @pages.get("")
    def page(dataset_id: str, number: int) -> str | tuple[str, int]:
        with home.database.reading() as session:
            dataset, release = _found(session, dataset_id, number)
            if release.state == State.WITHDRAWN:
                return _gone(session, dataset, release)
            return render_template(
                "releases/page.html",
                dataset=dataset,
                release=release,
                body=released.body_of(release),
                risks=risk.risks(released.body_of(release)),
                joined=risk.joined(json.loads(release.joined)),
                older=released.before(session, release),
                embargo=release.embargo_until if under_embargo(release, clock()) else None,
                current=released.current(session, dataset_id),
            )

    @pages.get("/changes")
    def differences(dataset_id: str, number: int) -> str | tuple[str, int]:
        with home.database.reading() as session:
            dataset, release = _found(session, dataset_id, number)
            if release.state == State.WITHDRAWN:
                return _gone(session, dataset, release)
            older = released.before(session, release)
            diff = released.difference(session, older, release, at=clock()) if older else None
            if older is None or diff is None:
                abort(404)
            return render_template(
                "releases/changes.html",
                dataset=dataset,
                release=release,
                older=older,
                diff=diff,
                changes=changes(diff, words()),
                moved=moved(diff, words()),
                why_not=why_not(diff),
            )

    @pages.get("/evidence.json")
    def evidence(dataset_id: str, number: int) -> Response:
        with home.database.reading() as session:
            _, release = _found(session, dataset_id, number)
            if release.state == State.WITHDRAWN:
                abort(410)
            return Response(release.evidence, mimetype="application/json")

    return pages


def _found(session: Session, dataset_id: str, number: int) -> tuple[Dataset, Release]:
    if number > LARGEST:
        abort(404)
    dataset = session.get(Dataset, dataset_id)
    release = released.numbered(session, dataset_id, number)
    if dataset is None or release is None:
        abort(404)
    return dataset, release


def _gone(session: Session, dataset: Dataset, release: Release) -> tuple[str, int]:
    stone = session.get_one(Tombstone, release.id)
    now = released.current(session, dataset.id)
    return render_template("releases/gone.html", dataset=dataset, release=release, stone=stone, current=now), 410
