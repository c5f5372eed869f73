"""Publishers: a tree of city, districts and departments."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum

from sqlmodel import Session, select

from catalog.errors import CatalogError, NotFound
from catalog.events import Event, note
from catalog.ids import MemberId, new_id
from catalog.models import Publisher


class PublisherKind(StrEnum):
    """What a publisher is; each lies under one of those above it."""

    CITY = "city"
    DISTRICT = "district"
    DEPARTMENT = "department"


ABOVE = {
    PublisherKind.CITY: (),
    PublisherKind.DISTRICT: (PublisherKind.CITY,),
    PublisherKind.DEPARTMENT: (PublisherKind.CITY, PublisherKind.DISTRICT),
}


def register_publisher(
    session: Session,
    *,
    name_zh: str,
    name_en: str,
    by: MemberId,
    at: datetime,
    kind: PublisherKind = PublisherKind.DEPARTMENT,
    parent: str | None = None,
) -> Publisher:
    """Enter who answers for datasets: under a *parent*, or as the root of a tree of its own.

    Raises:
        CatalogError: this kind cannot lie there.
    """
    if not name_zh.strip() or not name_en.strip():
        raise CatalogError("publisher", "has no name", fix="Give its name in Chinese and in English.")
    _check_place(kind, None if parent is None else find_publisher(session, parent))
    publisher = Publisher(id=new_id(at), name_zh=name_zh, name_en=name_en, kind=kind, parent_id=parent, created_at=at)
    session.add(publisher)
    session.flush()
    details = {"kind": kind, "parent": parent}
    note(session, Event(action="publisher:registered", subject=publisher.id, by=by, at=at, details=details))
    return publisher


def _check_place(kind: PublisherKind, above: Publisher | None) -> None:
    if above is None:
        if kind is PublisherKind.DISTRICT:
            raise CatalogError("district", "lies under no city", fix="Name its city with --parent.")
    elif above.kind not in ABOVE[kind]:
        allowed = " or a ".join(ABOVE[kind])
        fix = f"A {kind} lies under a {allowed}." if allowed else "A city is the root of its tree."
        raise CatalogError(kind, f"cannot lie under a {above.kind}", fix=fix)


def find_publisher(session: Session, publisher_id: str) -> Publisher:
    """Load a publisher, or say that there is none."""
    row = session.get(Publisher, publisher_id)
    if row is None:
        raise NotFound(f"publisher {publisher_id!r}", "there is none", fix="List them with: sluice publisher list.")
    return row


def line_of(session: Session, publisher_id: str) -> list[Publisher]:
    """Give a publisher and all above it, up to the root.

    Raises:
        CatalogError: the rows form a ring, which no command of ours makes.
    """
    line = [find_publisher(session, publisher_id)]
    while line[-1].parent_id is not None:
        above = find_publisher(session, line[-1].parent_id)
        if any(above.id == row.id for row in line):
            raise CatalogError(f"publisher {publisher_id}", "lies under itself", fix="Restore it from a backup.")
        line.append(above)
    return line


def tree(session: Session) -> Iterator[tuple[int, Publisher]]:
    """Give every publisher with its depth, each after the one above it."""
    below = defaultdict(list)
    for row in session.exec(select(Publisher).order_by(Publisher.id)):
        below[row.parent_id].append(row)
    waiting = [(0, row) for row in reversed(below[None])]
    while waiting:
        depth, row = waiting.pop()
        yield depth, row
        waiting += [(depth + 1, under) for under in reversed(below[row.id])]
