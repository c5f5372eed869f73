"""Edges for histograms from a fixed grid, so that no edge is the value of a row.

Numbers: 1, 2 or 5 times a power of ten. Dates: months, quarters, years and wider.
"""

import math
from collections.abc import Iterator
from datetime import date
from fractions import Fraction

BINS = 20
"""About how many bins a histogram begins with, before sparse neighbours are joined."""
FINEST = 1e-12
"""Bins narrower than this share of the values themselves would be lost in rounding."""
SMALLEST, LARGEST = 1e-290, 1e290
"""The widths and the values that a grid is made for; what lies beyond is pooled."""
_MONTHS = (1, 3, 12, 60, 120, 600, 1200)
_EPOCH = date(1970, 1, 1).toordinal()


def numbers(low: float, high: float, *, whole: bool) -> list[float]:
    """Give the edges of even bins that cover *low* to *high*; of whole numbers no bin is narrower than one."""
    size = max(abs(low), abs(high))
    span = high - low or size / 10 or 1.0
    step = _nice(max(span / BINS, size * FINEST, SMALLEST))
    step = max(step, Fraction(1)) if whole else step
    first = math.floor(Fraction(low) / step)
    last = math.floor(Fraction(high) / step) + 1
    return [float(step * place) for place in range(first, last + 1)]


def dates(low: int, high: int) -> list[float]:
    """Give the edges, in days since 1970, of bins of whole months that cover *low* to *high*."""
    start, end = _month(low), _month(high)
    step = next((months for months in _MONTHS if (end - start) / months < BINS), _MONTHS[-1])
    return list(_firsts(start // step * step, end // step * step + step, step))


def text_of(day: float) -> str:
    """Write a day since 1970 as ISO 8601."""
    return date.fromordinal(int(day) + _EPOCH).isoformat()


def _nice(step: float) -> Fraction:
    """Round up to 1, 2 or 5 times a power of ten."""
    power = Fraction(10) ** math.floor(math.log10(step))
    return next((power * factor for factor in (1, 2, 5) if step <= power * factor), power * 10)


def _month(day: int) -> int:
    found = date.fromordinal(day + _EPOCH)
    return found.year * 12 + found.month - 1


def _firsts(start: int, stop: int, step: int) -> Iterator[float]:
    for month in range(start, stop + 1, step):
        year = min(max(month // 12, 1), 9999)
        yield date(year, month % 12 + 1, 1).toordinal() - _EPOCH
