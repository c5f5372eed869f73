"""What happened, noted by the use case that made it happen; the log takes it in the same transaction."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session, SessionTransaction

from catalog.ids import MemberId


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A past fact: `release:published`. It names things, never values from cells."""

    action: str
    subject: str
    by: MemberId
    at: datetime
    details: Mapping[str, Any] = field(default_factory=dict)
    personal: Mapping[str, str] = field(default_factory=dict)
    """Names and words of people: the log keeps them apart, so that they can be erased, and only commits to them."""


@dataclass(slots=True)
class Noted:
    """An event and the (nested) transaction it was noted in, so that a savepoint rolled back takes its events along."""

    event: Event
    within: SessionTransaction | None


def note(session: Session, event: Event) -> None:
    """Record that *event* happens with this transaction, or not at all."""
    within = session.get_nested_transaction() or session.get_transaction() or session.begin()
    session.info.setdefault("events", []).append(Noted(event, within))


def take(session: Session) -> Iterator[Event]:
    """Hand over the events noted since the last commit, in their order."""
    for noted in session.info.pop("events", []):
        yield noted.event


def forget(session: Session, within: SessionTransaction) -> None:
    """Drop what was noted within a transaction that was rolled back."""
    kept = [noted for noted in session.info.get("events", []) if not _inside(noted.within, within)]
    session.info["events"] = kept


def _inside(inner: SessionTransaction | None, outer: SessionTransaction) -> bool:
    while inner is not None and inner is not outer:
        inner = inner.parent
    return inner is outer
