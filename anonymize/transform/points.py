"""Coordinates in the cells of a grid: 0.001° → 0.01° → 0.1° → `*`; a cell is named by its south-west corner.

A thousandth of a degree is about 111 m from south to north, and 111 m or less from west to east. The cells are squares
of the globe and know nothing of how many people live in them: k says whether one is large enough.
"""

import re
from decimal import ROUND_FLOOR, Decimal, InvalidOperation

from anonymize.transform.outcome import Generalised, Setting, Values, generalise
from policies.columns import Column

WIDTHS = (Decimal("0.001"), Decimal("0.01"), Decimal("0.1"))
"""The sides of ever larger cells, in degrees."""
FURTHEST = 180
_PARTS = re.compile(r"\s*[,;]\s*|\s+")


def grid(column: Column, values: Values, setting: Setting) -> Generalised:
    """Generalise a column of coordinates: one of the two in each cell, or both parted by a comma, semicolon or space.

    Latitude and longitude in two columns are two quasi-identifiers, each on its own grid.

    Raises:
        BadValue: a value is no coordinate in degrees, or no pair of them.
    """
    hierarchy, leaf = generalise(column.published_as, values, cells, len(WIDTHS) + 1)
    return Generalised(hierarchy, leaf)


def cells(text: str) -> tuple[str, ...]:
    """List the cell that holds the point *text*, from the smallest grid to the largest."""
    parts = [_degrees(part) for part in _PARTS.split(text.strip())]
    if not 1 <= len(parts) <= 2:
        raise ValueError("holds no coordinate in degrees, or no pair of them")
    return tuple(",".join(_corner(part, width) for part in parts) for width in WIDTHS)


def _corner(degrees: Decimal, width: Decimal) -> str:
    """Name the cell of *width* by its lower end, with as many decimals as the width has."""
    return str(((degrees / width).to_integral_value(ROUND_FLOOR) * width).quantize(width))


def _degrees(text: str) -> Decimal:
    try:
        degrees = Decimal(text)
    except InvalidOperation:
        raise ValueError("holds no coordinate in degrees") from None
    if not degrees.is_finite() or abs(degrees) > FURTHEST:
        raise ValueError(f"holds no coordinate from -{FURTHEST} to {FURTHEST} degrees")
    return degrees + 0  # without the sign of -0
