"""Ages in completed years, from true dates or as given, top-coded, in bands of 1, 5, 10 and 20 years.

Ages are taken before dates are shifted. The tree is that of all ages, not of those present; a band that would reach
the top code is open: with 90, 88 gives 88 → 85-89 → 80-89 → 80+, and 93 gives 90+ → 90+ → 90+ → 80+.
"""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from anonymize.errors import SourceError
from anonymize.kanonymity.hierarchies import ROOT
from anonymize.transform.dates import Days, missing, read_days
from anonymize.transform.outcome import Generalised, Setting, bad_cell, encode, tree
from policies.plan import Column

WIDTHS_YEARS = (1, 5, 10, 20)
OLDEST_YEARS = 130
"""Above this a given age is a code (999) or an error, not an age."""


def age(column: Column, setting: Setting) -> Generalised:
    """Generalise an age: of the column itself, or from its birth date and the date it is taken at.

    Raises:
        SourceError: a cell is no date or no age, or a birth date lies after the date of the age.
    """
    if column.birth_date is None or column.at is None:
        years = given_ages(column.name, setting.source[column.name])
    else:
        born = read_days(column.birth_date, setting.source[column.birth_date])
        years = completed_years(column.name, born, read_days(column.at, setting.source[column.at]))
    top = setting.profile.age_top_code
    ages: list[str | None] = [*(f"{year:02}" for year in range(top)), f"{top}+"]
    paths: list[tuple[str | None, ...]] = [
        (*(band(year, width, top) for width in WIDTHS_YEARS), ROOT) for year in range(top + 1)
    ]
    if (years < 0).any():
        ages.append(None)
        paths.append((*(None for _ in WIDTHS_YEARS), ROOT))
    leaf = np.where(years < 0, top + 1, np.minimum(years, top)).astype(np.int32)
    return Generalised(tree(column.published_as, ages, paths), leaf)


def band(year: int, width: int, top: int) -> str:
    """Name the band of *width* years around *year*, two digits a side, open where it would reach *top*."""
    start = min(year, top) // width * width
    if start + width > top:
        return f"{start}+"
    return f"{start:02}" if width == 1 else f"{start:02}-{start + width - 1:02}"


def given_ages(name: str, values: pa.Array | pa.ChunkedArray) -> Days:
    """Read whole ages; -1 for an empty cell.

    Raises:
        SourceError: a cell is no whole number from 0 to 130; its row is named.
    """
    distinct, position = encode(values)
    years = np.full(len(distinct), -1, dtype=np.int64)
    for number, text in enumerate(distinct):
        if text is None:
            continue
        if not (text.isascii() and text.isdigit() and int(text[:9]) <= OLDEST_YEARS):
            raise bad_cell(name, position, number, f"holds no age in whole years up to {OLDEST_YEARS}")
        years[number] = int(text)
    return years[position] if len(years) else np.zeros(0, np.int64)


def completed_years(name: str, born: Days, at: Days) -> Days:
    """Count birthdays between two days; -1 where either is missing. Who is born on 29 February ages on 1 March.

    Raises:
        SourceError: a birth date lies after the date of the age; its row is named.
    """
    unknown = missing(born) | missing(at)
    early = ~unknown & (at < born)
    if early.any():
        raise SourceError(
            f"column {name!r}, row {int(np.argmax(early)) + 1} (the header is not counted)",
            "the birth date lies after the date of the age",
            fix="Correct the source.",
        )
    birth, day = np.where(unknown, 0, born), np.where(unknown, 0, at)
    (birth_year, birth_day), (year, month_day) = _calendar(birth), _calendar(day)
    return np.where(unknown, -1, year - birth_year - (month_day < birth_day))


def _calendar(days: Days) -> tuple[Days, Days]:
    """Split days since 1970 into the year and the day of the year written as month × 100 + day."""
    distinct, index = np.unique(days, return_inverse=True)
    dates = [date(1970, 1, 1) + timedelta(days=day) for day in distinct.tolist()]
    years = np.array([day.year for day in dates], dtype=np.int64)
    inside = np.array([day.month * 100 + day.day for day in dates], dtype=np.int64)
    return (years[index], inside[index]) if len(dates) else (index.astype(np.int64), index.astype(np.int64))
