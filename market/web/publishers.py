"""Publishers as the tree they are: what each answers for, and what it may release."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, abort, render_template
from sqlmodel import Session, col, func, select

from catalog.lifecycle import State
from catalog.models import Dataset, Mandate, Publisher, Release
from catalog.publishers import tree
from market.home import Home
from market.web.listing import line_of, listed

MOST_LISTED = 50


@dataclass(frozen=True, slots=True)
class Branch:
    """A publisher in the tree."""

    publisher: Publisher
    depth: int
    own: int
    """Published datasets that it answers for itself."""
    all: int
    """Those of all below it as well."""


@dataclass(frozen=True, slots=True)
class Held:
    """What a publisher may release, and whose mandate says so."""

    theme: str
    profiles: tuple[str, ...]
    granted_to: Publisher


def blueprint(home: Home, clock: Callable[[], datetime]) -> Blueprint:
    """Make the pages of the publishers of *home*."""
    pages = Blueprint("publishers", __name__, url_prefix="/publishers")

    @pages.get("")
    def index() -> str:
        with home.database.reading() as session:
            return render_template("publishers/index.html", branches=branches(session))

    @pages.get("/<publisher_id>")
    def page(publisher_id: str) -> str:
        with home.database.reading() as session:
            rows = {row.id: row for row in session.exec(select(Publisher))}
            if publisher_id not in rows:
                abort(404)
            every = branches(session)
            here = next(place for place, branch in enumerate(every) if branch.publisher.id == publisher_id)
            below = []
            for branch in every[here + 1 :]:
                if branch.depth <= every[here].depth:
                    break
                below.append(branch)
            line = line_of(rows, publisher_id)
            own = _published(session, [publisher_id])
            under = _published(session, [branch.publisher.id for branch in below])
            return render_template(
                "publishers/page.html",
                publisher=rows[publisher_id],
                line=line,
                branch=every[here],
                below=below,
                own=listed(session, own, at=clock()),
                under=listed(session, under, at=clock()),
                mandates=_mandates(session, line),
            )

    return pages


def branches(session: Session) -> list[Branch]:
    """List the tree, each publisher after the one above it, with how many datasets it has published."""
    counted = select(Dataset.publisher_id, func.count(func.distinct(col(Dataset.id))))
    counted = counted.join(Release, col(Release.dataset_id) == Dataset.id)
    counted = counted.where(Release.state == State.PUBLISHED).group_by(col(Dataset.publisher_id))
    own = dict(session.exec(counted).all())
    ordered = list(tree(session))
    every: dict[str, int] = {}
    for _, row in reversed(ordered):
        every[row.id] = every.get(row.id, 0) + own.get(row.id, 0)
        if row.parent_id is not None:
            every[row.parent_id] = every.get(row.parent_id, 0) + every[row.id]
    return [Branch(row, depth, own.get(row.id, 0), every[row.id]) for depth, row in ordered]


def _published(session: Session, publishers: Sequence[str]) -> Sequence[str]:
    """Name the published datasets of these publishers, the newest first."""
    wanted = select(Dataset.id).join(Release, col(Release.dataset_id) == Dataset.id)
    wanted = wanted.where(Release.state == State.PUBLISHED, col(Dataset.publisher_id).in_(publishers))
    return session.exec(wanted.order_by(col(Release.published_at).desc(), Dataset.id).limit(MOST_LISTED)).all()


def _mandates(session: Session, line: Sequence[Publisher]) -> list[Held]:
    """List what was granted to a publisher and to those above it: it counts for all below."""
    rows = session.exec(select(Mandate).where(col(Mandate.publisher_id).in_([row.id for row in line])))
    known = {row.id: row for row in line}
    held = [Held(row.theme, tuple(row.profiles.split(",")), known[row.publisher_id]) for row in rows]
    return sorted(held, key=lambda mandate: (mandate.theme, mandate.granted_to.id))
