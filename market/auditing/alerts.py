"""What an auditor is told: an alert with its entries and figures, one for each burst."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from market.auditing.entries import FlatEntry

SHOWN = 20
"""Entries that an alert names; a longer burst names its first ones and its last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """Something that a rule found."""

    rule: str
    entries: tuple[int, ...]
    """Their numbers: the first ones and the last."""
    from_: datetime
    to: datetime
    actor: str | None
    firm: str | None
    dataset: str | None
    figures: Mapping[str, Any]


@dataclass(slots=True)
class Burst:
    """An alert that may still grow."""

    entries: list[int]
    from_: datetime
    to: datetime
    actor: str | None
    firm: str | None
    dataset: str | None
    figures: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Bursts:
    """The open alerts of one rule: what comes within *quiet* of the last belongs to the same."""

    rule: str
    quiet: timedelta
    _open: OrderedDict[str, Burst] = field(default_factory=OrderedDict)

    def grow(self, key: str, entry: FlatEntry, at: datetime) -> Burst:
        """Put *entry* into the burst of *key*, which begins with it where there is none."""
        burst = self._open.get(key)
        if burst is None:
            burst = self._open[key] = Burst([entry.seq], at, at, entry.actor, entry.firm, entry.dataset)
        else:
            if len(burst.entries) >= SHOWN:
                burst.entries.pop()
            burst.entries.append(entry.seq)
            burst.to = max(burst.to, at)
            if burst.actor != entry.actor:
                burst.actor = None
            if burst.dataset != entry.dataset:
                burst.dataset = None
        self._open.move_to_end(key)
        return burst

    def last(self, key: str) -> int:
        """Give the number of the last entry in the burst of *key*; -1 where there is none."""
        burst = self._open.get(key)
        return -1 if burst is None else burst.entries[-1]

    def over(self, at: datetime | None = None) -> Iterator[Alert]:
        """Give the bursts that are over at a moment; without one, all."""
        while self._open:
            key, burst = next(iter(self._open.items()))
            if at is not None and at - burst.to <= self.quiet:
                return
            del self._open[key]
            yield alert(self.rule, burst)


def alert(rule: str, burst: Burst) -> Alert:
    """Close a burst."""
    return Alert(
        rule=rule,
        entries=tuple(burst.entries),
        from_=burst.from_,
        to=burst.to,
        actor=burst.actor,
        firm=burst.firm,
        dataset=burst.dataset,
        figures=burst.figures,
    )


def within(alerts: Iterable[Alert], from_: datetime | None, to: datetime | None) -> Iterator[Alert]:
    """Leave out the alerts that were over before *from_*, or began at *to* or later."""
    for one in alerts:
        if (from_ is None or one.to >= from_) and (to is None or one.from_ < to):
            yield one
