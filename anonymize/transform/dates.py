"""Dates: shifted by a secret number of whole days per subject, then generalised.

The shift lies in [-182, 182] without 0 and is the same for all dates of a subject, so intervals are kept and true days
are not. It adds no protection to k: classes are formed on what is published.

The levels of a date are those of `plan.DATE_LEVELS`, then `*`, under every profile; a profile's `finest_date` is
where the search starts, and a level that the plan fixes below it is refused.
"""

import re
from datetime import date, timedelta
from hashlib import blake2b

import numpy as np
import pyarrow as pa

from anonymize.transform.outcome import Generalised, Setting, bad_cell, encode, tree
from policies.plan import DATE_LEVELS, Column

WIDEST_SHIFT_DAYS = 182
YEARS = range(1800, 2200)
"""Outside these a date is a placeholder (9999-12-31) or an error; it would betray itself when shifted."""
_ISO = re.compile(r"\d{4}-\d\d-\d\d|\d{8}", re.ASCII)
_EPOCH = date(1970, 1, 1).toordinal()
_NONE = np.iinfo(np.int64).min

Days = np.ndarray[tuple[int], np.dtype[np.int64]]


def read_days(name: str, values: pa.Array | pa.ChunkedArray) -> Days:
    """Read ISO 8601 dates (1990-03-31, or 19900331) as days since 1970; an empty cell gives `missing`.

    Raises:
        SourceError: a cell is no such date; its row is named.
    """
    distinct, position = encode(values)
    days = np.full(len(distinct), _NONE, dtype=np.int64)
    for number, text in enumerate(distinct):
        if text is None:
            continue
        try:
            if not _ISO.fullmatch(text):
                raise ValueError
            day = date.fromisoformat(text)
            if day.year not in YEARS:
                raise ValueError
            days[number] = day.toordinal() - _EPOCH
        except ValueError:
            found = f"holds no date like 1990-03-31, from {YEARS[0]} to {YEARS[-1]}"
            raise bad_cell(name, position, number, found) from None
    return days[position]


def missing(days: Days) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Say which *days* were empty cells."""
    empty: np.ndarray[tuple[int], np.dtype[np.bool_]] = days == _NONE
    return empty


def shifts(setting: Setting) -> Days:
    """Give each row its subject's shift, in days.

    Raises:
        SourceError: a row names no subject.
    """
    name = setting.plan.subject.name
    distinct, position = encode(setting.source[name])
    if None in distinct:
        raise bad_cell(name, position, distinct.index(None), "names no subject")
    key = setting.secret.shift_key()
    drawn = np.array([_shift(key, subject or "") for subject in distinct], dtype=np.int64)
    return drawn[position] if len(drawn) else np.zeros(0, np.int64)


def _shift(key: bytes, subject: str) -> int:
    """Draw evenly from the 364 allowed shifts (the bias of the remainder is below 2**-50)."""
    number = int.from_bytes(blake2b(subject.encode(), key=key, digest_size=8).digest()) % (2 * WIDEST_SHIFT_DAYS)
    return number - WIDEST_SHIFT_DAYS + (number >= WIDEST_SHIFT_DAYS)


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


def generalised(column: Column, setting: Setting) -> Generalised:
    """Shift and generalise a date column; at day level it is published as date32, above as text.

    Raises:
        SourceError: a cell is no date, or a row names no subject.
    """
    true = read_days(column.name, setting.source[column.name])
    moved = np.where(missing(true), _NONE, true + shifts(setting))
    distinct, leaf = np.unique(moved, return_inverse=True)
    paths: list[tuple[str | None, ...]] = []
    for day in distinct.tolist():
        steps = (None,) * len(DATE_LEVELS) if day == _NONE else levels_of(_day(day))
        paths.append((*steps, "*"))
    paths = paths or [(*(None,) * len(DATE_LEVELS), "*")]
    hierarchy = tree(column.published_as, [path[0] for path in paths], paths)
    lowest = DATE_LEVELS.index(setting.profile.finest_date)
    return Generalised(hierarchy, leaf.astype(np.int32), lowest, lowest, {0: pa.date32()})


def _day(number: int) -> date:
    return date(1970, 1, 1) + timedelta(days=number)
