"""The second detector over one text: persons and identifiers, each by its own rule."""

from collections.abc import Iterator
from typing import NamedTuple

from anonymize.residual.numbers import identifiers
from anonymize.residual.persons import persons
from anonymize.residual.plain import plain


class Left(NamedTuple):
    """What is left: a half-open span in code points, and its type."""

    start: int
    end: int
    type: str


TYPES = ("BANK_CARD", "CN_ID", "EMAIL", "LANDLINE", "MOBILE", "NUMBER", "PERSON", "PLATE", "USCC")
"""What it looks for."""


def search(text: str) -> list[Left]:
    """Find what is left in *text*, in order of place; spans of one type do not overlap."""
    seen = plain(text)
    return sorted(Left(*seen.back(start, end), kind) for start, end, kind in _found(seen.text))


def _found(text: str) -> Iterator[tuple[int, int, str]]:
    yield from identifiers(text)
    for start, end in persons(text):
        yield start, end, "PERSON"
