"""Typed filters over the log: a value made of options, and the entries for which it holds."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from typing import Any, Self

from sqlalchemy import ColumnElement
from sqlmodel import Session

from catalog.errors import CatalogError
from market.audit.log import ENTRIES
from market.auditing.entries import OUTCOMES, FlatEntry, Outcome, Reader

ACTION = re.compile(r"[a-z]+:[a-z-]+")


class FilterError(CatalogError):
    """A filter is not one; the place is the option, the fix what to give instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What entries must say to be found. Limits include their own value, but *to*, which is the first moment after."""

    action: str | None = None
    subject: str | None = None
    actor: str | None = None
    firm: str | None = None
    dataset: str | None = None
    release: str | None = None
    agreement: str | None = None
    purpose: str | None = None
    outcome: Outcome | None = None
    from_seq: int | None = None
    from_: datetime | None = None
    to: datetime | None = None
    min_bytes: int | None = None
    max_bytes: int | None = None
    min_rows: int | None = None
    max_rows: int | None = None
    min_fen: int | None = None
    max_fen: int | None = None

    def __post_init__(self) -> None:
        if self.action is not None and not ACTION.fullmatch(self.action):
            raise FilterError("action", f"{self.action!r} is none", fix="Name one such as release:published.")
        for name in ("subject", "actor", "firm", "dataset", "release", "agreement", "purpose"):
            if getattr(self, name) == "":
                raise FilterError(name, "is empty", fix="Leave it out, or name one.")
        if self.from_ is not None and self.to is not None and self.from_ >= self.to:
            raise FilterError("to", "is not after from", fix="Give a later moment: it is the first one left out.")
        if self.from_seq is not None and self.from_seq < 0:
            raise FilterError("from-seq", "is below 0", fix="Entries count from 0.")
        for unit in ("bytes", "rows", "fen"):
            least, most = getattr(self, f"min_{unit}"), getattr(self, f"max_{unit}")
            if least is not None and most is not None and least > most:
                raise FilterError(f"max-{unit}", f"{most} is below min-{unit} {least}", fix="No entry can be both.")
        possible = {outcome for action, outcome in OUTCOMES.items() if self.action in (None, action)}
        possible |= {Outcome.PARTIAL} if Outcome.DELIVERED in possible else set()
        if self.outcome is not None and self.outcome not in possible:
            found = f"{self.action} never has {self.outcome}"
            raise FilterError("outcome", found, fix="Leave the action out, or ask for another outcome.")

    @classmethod
    def parse(cls, **given: str | int | None) -> Self:
        """Make a filter of what came as text.

        Raises:
            FilterError: which option is wrong, and what it takes.
        """
        values: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        if "outcome" in values:
            values["outcome"] = _outcome(values["outcome"])
        for name in ("from_", "to"):
            if name in values:
                values[name] = moment(name.strip("_"), values[name])
        return cls(**values)

    def said(self) -> dict[str, Any]:
        """Give what was asked for, as the log keeps it."""
        told = {field.name.strip("_"): getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in told.items() if value is not None}

    def where(self) -> list[ColumnElement[bool]]:
        """Give the conditions that the columns of the log can answer."""
        columns, conditions = ENTRIES.c, []
        for name, column in (("action", columns.action), ("subject", columns.subject), ("actor", columns.by)):
            if (value := getattr(self, name)) is not None:
                conditions.append(column == value)
        if self.outcome is not None:
            sought = Outcome.DELIVERED if self.outcome is Outcome.PARTIAL else self.outcome
            conditions.append(columns.action.in_([action for action, one in OUTCOMES.items() if one is sought]))
        if self.from_ is not None:
            conditions.append(columns.at >= self.from_)
        if self.to is not None:
            conditions.append(columns.at < self.to)
        return conditions

    def matches(self, entry: FlatEntry) -> bool:
        """Say whether *entry* says what it must; what the columns answered is not asked again."""
        for name in ("firm", "dataset", "release", "agreement", "purpose", "outcome"):
            wanted = getattr(self, name)
            if wanted is not None and getattr(entry, name) != wanted:
                return False
        return all(
            _within(value, least, most)
            for value, least, most in (
                (entry.bytes, self.min_bytes, self.max_bytes),
                (entry.rows, self.min_rows, self.max_rows),
                (entry.amount_fen, self.min_fen, self.max_fen),
            )
        )


def find(session: Session, wanted: Filter) -> Iterator[list[FlatEntry]]:
    """Give the entries that *wanted* describes in the order of the log, a batch at a time."""
    for entries in Reader.begin(session).batches(*wanted.where(), first=wanted.from_seq or 0):
        yield [entry for entry in entries if wanted.matches(entry)]


def moment(place: str, text: str) -> datetime:
    """Read a moment with its time zone, or a day, which begins at midnight UTC.

    Raises:
        FilterError: it is neither.
    """
    fix = "Give a day such as 2026-01-31, or a moment with its time zone, such as 2026-01-31T08:00:00+08:00."
    try:
        if len(text) == len("2026-01-31"):
            day = date.fromisoformat(text)
            return datetime(day.year, day.month, day.day, tzinfo=UTC)
        found = datetime.fromisoformat(text)
    except ValueError:
        raise FilterError(place, f"{text!r} is no moment", fix=fix) from None
    if found.tzinfo is None:
        raise FilterError(place, f"{text!r} has no time zone", fix=fix)
    return found


def _outcome(text: str) -> Outcome:
    try:
        return Outcome(text)
    except ValueError:
        raise FilterError("outcome", f"{text!r} is none", fix=f"Give one of: {', '.join(Outcome)}.") from None


def _within(value: int | None, least: int | None, most: int | None) -> bool:
    """Say whether *value* is within its limits; one that is not there is within none."""
    if least is None and most is None:
        return True
    return value is not None and (least is None or value >= least) and (most is None or value <= most)
