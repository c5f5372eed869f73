"""What a column of text looks like as a whole: its type, how much is missing, and which of its values name somebody."""

import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from anonymize.detect.checksums import PROVINCES
from anonymize.detect.findings import merge
from anonymize.detect.surnames import COMPOUND, SINGLE

CATEGORIES = 30
"""Distinct values up to which a column is a list of categories, given that they repeat."""
LONG_TEXT = 16
"""Characters of the median value from which a column is running text rather than a label."""
HARMLESS = frozenset({"NUMBER", "DATE", "AGE"})
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

    @property
    def unique(self) -> bool:
        """Whether no two rows share a value and none lacks one."""
        return self.rows > 1 and self.distincts == self.rows

    @property
    def mostly_different(self) -> bool:
        """Whether values repeat so little that one of them points to few rows."""
        return self.distincts > max(CATEGORIES, (self.rows - self.missing) // 2)


def shape_of(name: str, values: pa.ChunkedArray, *, progress: Callable[[str], None] | None = None) -> Shape:
    """Look at every distinct value of the column *name*."""
    from anonymize.detect.analyzer import find_all  # Presidio takes a second to import

    distinct: list[str] = [value for value in pc.unique(values).to_pylist() if value is not None]
    findings: Counter[str] = Counter()
    wholly: Counter[str] = Counter()
    for value, found in zip(distinct, find_all(distinct, progress=progress), strict=True):
        surest = merge(found)
        findings.update({finding.type for finding in surest})
        wholly.update({finding.type for finding in surest if finding.end - finding.start >= len(value.strip())})
    count = len(distinct) or 1
    kind = _type(distinct, len(values) - values.null_count)
    return Shape(
        name=name,
        type=kind,
        rows=len(values),
        missing=values.null_count,
        distincts=len(distinct),
        findings=dict(sorted(findings.items())),
        wholly={key: number / count for key, number in sorted(wholly.items())},
        looks={key: sum(map(fits, distinct)) / count for key, fits in SHAPES.items()},
        median_length=sorted(map(len, distinct))[len(distinct) // 2] if distinct else 0,
        quantiles=_quantiles(values) if kind in ("integer", "number") else (),
    )


def _type(distinct: Sequence[str], present: int) -> str:
    if not distinct:
        return "empty"
    if all(_DATE.fullmatch(value) for value in distinct):
        return "date"
    if all(_INTEGER.fullmatch(value) for value in distinct):
        return "integer"
    if all(_is_number(value) for value in distinct):
        return "number"
    few = len(distinct) <= CATEGORIES and 2 * len(distinct) <= present
    return "category" if few and max(map(len, distinct)) <= 2 * LONG_TEXT else "text"


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _quantiles(values: pa.ChunkedArray) -> tuple[float, ...]:
    numbers = pc.cast(pc.drop_null(values), pa.float64())
    return tuple(float(point) for point in pc.quantile(numbers, q=[0.05, 0.5, 0.95], interpolation="lower").to_pylist())
