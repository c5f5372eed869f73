"""Facets: which documents are chosen by them, and how many of the found ones have each value."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session, select

from catalog.describe import LEVELS, RHYTHMS, THEMES
from catalog.models import Publisher
from catalog.search import facts, places
from catalog.search.facts import Rows
from catalog.search.query import Query


@dataclass(frozen=True, slots=True)
class Count:
    """How many of the found datasets have a value of a facet."""

    value: str
    datasets: int
    zh: str = ""
    en: str = ""
    above: str | None = None
    """The value that holds this one, in a tree of publishers or places."""


@dataclass(frozen=True, slots=True)
class Keys:
    """What the numbers in the packed facts stand for, read once per search."""

    values: Mapping[int, tuple[str, str]]
    publishers: Mapping[str, tuple[str | None, str, str]]
    """Of each publisher the one above it, and its names."""

    @classmethod
    def read(cls, session: Session) -> "Keys":
        """Read them."""
        columns = select(Publisher.id, Publisher.parent_id, Publisher.name_zh, Publisher.name_en)
        publishers = {id: (above, zh, en) for id, above, zh, en in session.exec(columns).all()}
        return cls(facts.values_of(session), publishers)

    def line(self, publisher: str | None) -> tuple[str, ...]:
        """Give a publisher and all above it."""
        found: list[str] = []
        while publisher is not None and publisher in self.publishers and publisher not in found:
            found.append(publisher)
            publisher = self.publishers[publisher][0]
        return tuple(found)

    def chosen(self, facet: str, test: Callable[[str], bool]) -> NDArray[np.int64]:
        """List the numbers of a facet's values that pass a test."""
        numbers = [number for number, (name, value) in self.values.items() if name == facet and test(value)]
        return np.array(numbers, dtype=np.int64)


def within(rows: Rows, query: Query, keys: Keys) -> NDArray[np.bool_]:
    """Say which documents have the values that *query* names."""
    areas = {places.area(each) for each in query.spatial}
    tests: dict[str, Callable[[str], bool]] = {
        "theme": lambda value: value in query.theme,
        "publisher": lambda value: not set(query.publisher).isdisjoint(keys.line(value)),
        "spatial": lambda value: not areas.isdisjoint(places.line_of(value)),
        "profile": lambda value: not set(query.profile).isdisjoint(value.split(",")),
        "level": lambda value: value in query.level,
        "rhythm": lambda value: value in query.rhythm,
    }
    passing = np.ones(len(rows), dtype=np.bool_)
    for facet, test in tests.items():
        if getattr(query, facet):
            passing &= facts.among(rows[facet], keys.chosen(facet, test))
    if query.year:
        covered = np.zeros(len(rows), dtype=np.bool_)
        for year in query.year:
            covered |= (rows["first_year"] > 0) & (rows["first_year"] <= year) & (year <= rows["last_year"])
        passing &= covered
    return passing


def count(rows: Rows, query: Query, keys: Keys, *, at: datetime) -> dict[str, list[Count]]:
    """Count the documents by each value of each facet, the most frequent first; years in their order."""
    held = {facet: _held(rows, facet, keys) for facet in facts.FACETS}
    labels = {"theme": THEMES, "level": LEVELS, "rhythm": RHYTHMS}
    counted = {
        facet: [
            Count(value, number, table[value].zh, table[value].en) if value in table else Count(value, number)
            for value, number in _by_number(held[facet])
        ]
        for facet, table in labels.items()
    }
    profiles: Counter[str] = Counter()
    for value, number in held["profile"].items():
        for profile in value.split(","):
            profiles[profile] += number
    counted["profile"] = [Count(value, number) for value, number in _by_number(profiles)]
    counted["publisher"] = _publishers(held["publisher"], keys)
    counted["spatial"] = _places(held["spatial"], query)
    counted["year"] = _years(rows, at.year)
    return counted


def _held(rows: Rows, facet: str, keys: Keys) -> Counter[str]:
    numbers = np.bincount(rows[facet].astype(np.int64))
    return Counter(
        {keys.values[at][1]: int(numbers[at]) for at in np.flatnonzero(numbers).tolist() if keys.values[at][1]}
    )


def _by_number(counted: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counted.items(), key=lambda item: (-item[1], item[0]))


def _publishers(held: Mapping[str, int], keys: Keys) -> list[Count]:
    total: Counter[str] = Counter()
    for publisher, number in held.items():
        for each in keys.line(publisher):
            total[each] += number
    return [
        Count(publisher, number, zh, en, above)
        for publisher, number in _by_number(total)
        for above, zh, en in (keys.publishers[publisher],)
    ]


def _places(held: Mapping[str, int], query: Query) -> list[Count]:
    """Count provinces; and of a chosen place what lies in it, and it in."""
    chosen = [places.line_of(places.area(each)) for each in query.spatial]
    opened = {place for line in chosen for place in line}
    total: Counter[str] = Counter()
    for place, number in held.items():
        line = places.line_of(place)
        for above, each in zip((None, *line), line, strict=False):
            if above is None or above in opened:
                total[each] += number
    named = places.names()
    return [
        Count(place, number, named.get(place, ""), "", (None, *places.line_of(place))[-2] if place else None)
        for place, number in _by_number(total)
    ]


def _years(rows: Rows, now: int) -> list[Count]:
    dated = rows[rows["first_year"] > 0]
    if not len(dated):
        return []
    first = dated["first_year"].astype(np.int64)
    last = dated["last_year"].astype(np.int64)
    last = np.maximum(np.where(last == facts.GOES_ON, now, last), first)
    covered = np.cumsum(np.bincount(first, minlength=last.max() + 2) - np.bincount(last + 1, minlength=last.max() + 2))
    return [Count(str(year), int(covered[year])) for year in np.flatnonzero(covered).tolist()]
