"""Dates: shifted by a secret number of whole days per subject, then generalised.

The shift lies in [-182, 182] without 0 and is the same for all dates of a subject, so intervals are kept and true days
are not. It adds no protection to k: classes are formed on what is published.

The levels of a date are those of `plan.DATE_LEVELS`, then `*`, under every profile; a profile's `finest_date` is
where the search of its edition starts, and a level that the plan fixes below it is refused.
"""

import re
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from anonymize.kanonymity.hierarchies import ROOT, from_paths
from anonymize.transform.outcome import BadValue, Generalised, Values
from policies.columns import DATE_LEVELS

WIDEST_SHIFT_DAYS = 182
YEARS = range(1800, 2200)
"""Outside these a date is a placeholder (9999-12-31) or an error; it would betray itself when shifted."""
_ISO = re.compile(r"\d{4}-\d\d-\d\d|\d{8}", re.ASCII)
_EPOCH = date(1970, 1, 1)


def read_days(values: Values) -> list[int | None]:
    """Read ISO 8601 dates (1990-03-31, or 19900331) as days since 1970; an empty cell gives none.

    Raises:
        BadValue: a value is no such date.
    """
    days: list[int | None] = []
    for number, text in enumerate(values):
        try:
            days.append(None if text is None else _day(text))
        except ValueError:
            raise BadValue(number, f"holds no date like 1990-03-31, from {YEARS[0]} to {YEARS[-1]}") from None
    return days


def _day(text: str) -> int:
    day = date.fromisoformat(text) if _ISO.fullmatch(text) else None
    if day is None or day.year not in YEARS:
        raise ValueError
    return (day - _EPOCH).days


def calendar(day: int) -> tuple[int, int]:
    """Split a day since 1970 into its year and its place in the year, written as month × 100 + day."""
    found = _EPOCH + timedelta(days=day)
    return found.year, found.month * 100 + found.day


def levels_of(day: date) -> tuple[str, ...]:
    """List what is published for *day*, level by level: text that sorts in the order of time."""
    half_decade = day.year - day.year % 5
    return (
        day.isoformat(),
        f"{day.year:04}-{day.month:02}",
        f"{day.year:04}-Q{(day.month + 2) // 3}",
        f"{day.year:04}",
        f"{half_decade:04}-{half_decade + 4:04}",
    )


def span(name: str, first: int, days: int) -> Generalised:
    """Make the tree of *days* days from *first* on, and of no date as the last leaf; day level is date32."""
    paths: list[tuple[str | None, ...]] = [
        (*levels_of(_EPOCH + timedelta(days=first + place)), ROOT) for place in range(days)
    ]
    paths.append((*(None,) * len(DATE_LEVELS), ROOT))
    hierarchy = from_paths(name, [path[0] for path in paths], paths)
    return Generalised(hierarchy, np.arange(len(paths), dtype=np.int32), 0, {0: pa.date32()})
