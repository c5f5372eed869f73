"""Numbers in bands of nested widths, then `*`: with widths 10 and 20, 37 gives [30,40) → [20,40) → `*`."""

import math
from fractions import Fraction

from anonymize.transform.outcome import Generalised, Setting, Values, generalise
from policies.columns import Column


def band(column: Column, values: Values, setting: Setting) -> Generalised:
    """Generalise a column of numbers into the plan's bands.

    Bands start at `lower`, or at 0. What lies below `lower` is one band `<lower`, what is at or above `upper` is one
    band `>=upper`, at every level. Every band is closed on the left and open on the right.

    Raises:
        BadValue: a value is no finite number.
    """
    widths = [Fraction(str(width)) for width in column.widths]
    lower = None if column.lower is None else Fraction(str(column.lower))
    upper = None if column.upper is None else Fraction(str(column.upper))

    def path(text: str) -> tuple[str, ...]:
        number = _number(text)
        if lower is not None and number < lower:
            return (f"<{_text(lower)}",) * len(widths)
        if upper is not None and number >= upper:
            return (f">={_text(upper)}",) * len(widths)
        return tuple(_band(number, width, lower or Fraction(0), upper) for width in widths)

    hierarchy, leaf = generalise(column.published_as, values, path, len(widths) + 1)
    return Generalised(hierarchy, leaf)


def _number(text: str) -> Fraction:
    """Read a decimal exactly: bands of 0.1 must not depend on binary rounding."""
    try:
        if not math.isfinite(float(text)):
            raise ValueError
        return Fraction(text)
    except ValueError:
        raise ValueError("holds no number") from None


def _band(number: Fraction, width: Fraction, origin: Fraction, upper: Fraction | None) -> str:
    start = origin + (number - origin) // width * width
    end = start + width if upper is None else min(start + width, upper)
    return f"[{_text(start)},{_text(end)})"


def _text(number: Fraction) -> str:
    return str(number.numerator) if number.denominator == 1 else repr(float(number))
