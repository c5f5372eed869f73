"""What a column of text looks like as a whole: its type, how much is missing, and which of its values name somebody."""

import math
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from anonymize.detect.findings import merge
from anonymize.detect.identifiers.checksums import PROVINCES
from anonymize.detect.persons.surnames import COMPOUND, SINGLE
from anonymize.distincts import Distincts

CATEGORIES = 30
"""Distinct values up to which a column is a list of categories, given that they repeat."""
NEARLY = 0.95
"""Share of the distinct values that fit a type, from which on the few that do not are worth a word."""
LONG_TEXT = 16
"""Characters of the median value from which a column is running text rather than a label."""
HARMLESS = frozenset({"NUMBER", "DATE", "AGE", "LOCATION", "ORGANIZATION"})
"""Types that alone do not make a cell a direct identifier: a whole column of them is judged by its type."""

_DATE = re.compile(r"(?:1[89]|20)\d\d(?P<s>[-/.]?)(?:1[0-2]|0?[1-9])(?P=s)(?:3[01]|[12]\d|0?[1-9])(?:[ T]\d\d:\d\d.*)?")
_INTEGER = re.compile(r"[+-]?\d{1,15}")
_NAME = re.compile(r"[\u3400-\u9fff\U00020000-\U000323af·]{2,5}")
_PLACE = re.compile(r"\d{6}")
_SITE = re.compile(r"C\d\d(?:\.?\d)?")
_MORPHOLOGY = re.compile(r"[89]\d{3}/?[012369]")
SHAPES: Mapping[str, Callable[[str], bool]] = {
    "name": lambda v: _NAME.fullmatch(v) is not None and (v[0] in SINGLE or v[:2] in COMPOUND),
    "place": lambda v: _PLACE.fullmatch(v) is not None and v[:2] in PROVINCES,
    "topography": lambda v: _SITE.fullmatch(v) is not None,
    "morphology": lambda v: _MORPHOLOGY.fullmatch(v) is not None,
}


@dataclass(frozen=True, slots=True)
class Shape:
    """A column without its values."""

    name: str
    type: str
    """`integer`, `number`, `date`, `category`, `text`, or `empty`."""
    rows: int
    missing: int
    distincts: int
    findings: Mapping[str, int]
    """Distinct values in which the detectors find each type."""
    wholly: Mapping[str, float]
    """Share of distinct values that are nothing but one finding of each type."""
    looks: Mapping[str, float]
    """Share of distinct values that have the shape of a name, a place code, a site, a morphology."""
    median_length: int
    quantiles: tuple[float, ...]
    """The 5 %, 50 % and 95 % points of a column of numbers."""
    doubt: str = ""
    """What speaks against the type."""

    @property
    def unique(self) -> bool:
        """Whether no two rows share a value and none lacks one."""
        return self.rows > 1 and self.distincts == self.rows

    @property
    def mostly_different(self) -> bool:
        """Whether values repeat so little that one of them points to few rows."""
        return self.distincts > max(CATEGORIES, (self.rows - self.missing) // 2)


def shape_of(
    name: str,
    column: int,
    cells: Distincts,
    *,
    pinned: str | None = None,
    progress: Callable[[str], None] | None = None,
) -> Shape:
    """Look at every distinct value of the column *name*, which stands at *column*; *pinned* is a type that is known."""
    from anonymize.detect.analyzer import find_all  # Presidio takes a second to import

    findings, wholly, looks, fits = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    lengths = Counter[int]()
    for values in cells.values(column):
        for value, found in zip(values, find_all(values, progress=progress), strict=True):
            surest = merge(found)
            findings.update({finding.type for finding in surest})
            wholly.update({finding.type for finding in surest if finding.end - finding.start >= len(value.strip())})
        looks.update({key: sum(map(like, values)) for key, like in SHAPES.items()})
        fits.update({key: sum(map(fit, values)) for key, fit in TYPES.items()})
        lengths.update(map(len, values))
    distincts, present = lengths.total(), cells.present(column)
    kind = pinned or _type(distincts, present, fits, max(lengths, default=0))
    count = distincts or 1
    return Shape(
        name=name,
        type=kind,
        rows=cells.rows,
        missing=cells.rows - present,
        distincts=distincts,
        findings=dict(sorted(findings.items())),
        wholly={key: number / count for key, number in sorted(wholly.items())},
        looks={key: looks[key] / count for key in SHAPES},
        median_length=_median(lengths),
        quantiles=cells.quantiles(column, (0.05, 0.5, 0.95)) if kind in ("integer", "number") else (),
        doubt=_doubt(kind, fits, distincts, pinned=pinned is not None),
    )


def _type(distincts: int, present: int, fits: Mapping[str, int], longest: int) -> str:
    if not distincts:
        return "empty"
    for kind in TYPES:
        if fits[kind] == distincts:
            return kind
    few = distincts <= CATEGORIES and 2 * distincts <= present
    return "category" if few and longest <= 2 * LONG_TEXT else "text"


def _doubt(kind: str, fits: Mapping[str, int], distincts: int, *, pinned: bool) -> str:
    """Say what speaks against a type: values that do not fit one pinned, or nearly all that fit another."""
    if pinned:
        others = distincts - fits[kind] if kind in TYPES else 0
        return f"pinned as {kind}; {others:,} distinct values are not" if others else ""
    for other in TYPES:
        if kind not in TYPES and NEARLY * distincts <= fits[other] < distincts:
            share = math.floor(1000 * fits[other] / distincts) / 10
            plural = f"{other}s" if distincts > 1 else other
            return f"{share:.1f} % {plural}, {distincts - fits[other]:,} other values; read as {kind}"
    return ""


def _median(lengths: Counter[int]) -> int:
    """Give the length in the middle, the longer one where the middle lies between two."""
    left = lengths.total() // 2
    for length in sorted(lengths):
        left -= lengths[length]
        if left < 0:
            return length
    return 0


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


TYPES: Mapping[str, Callable[[str], bool]] = {
    "date": lambda v: _DATE.fullmatch(v) is not None,
    "integer": lambda v: _INTEGER.fullmatch(v) is not None,
    "number": _is_number,
}
"""The types that every value must fit, in the order in which they are tried."""
