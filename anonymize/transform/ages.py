"""Ages in completed years, from true dates or as given, top-coded, in bands of 1, 5, 10 and 20 years.

Ages are taken before dates are shifted. The tree is that of all ages, not of those present; a band that would reach
the top code is open: with 90, 88 gives 88 → 85-89 → 80-89 → 80+, and 93 gives 90+ → 90+ → 90+ → 80+.
"""

import numpy as np

from anonymize.kanonymity.hierarchies import ROOT, Hierarchy, from_paths
from anonymize.transform.outcome import BadValue, Generalised, Setting, Values
from policies.columns import Column

WIDTHS_YEARS = (1, 5, 10, 20)
OLDEST_YEARS = 130
"""Above this a given age is a code (999) or an error, not an age."""
EARLY = "the birth date lies after the date of the age"


def tree(name: str, top: int) -> Hierarchy:
    """Make the tree of all ages: leaf n is n years, leaf *top* that and more, leaf *top* + 1 no age."""
    ages: list[str | None] = [*(f"{year:02}" for year in range(top)), f"{top}+", None]
    paths: list[tuple[str | None, ...]] = [
        (*(band(year, width, top) for width in WIDTHS_YEARS), ROOT) for year in range(top + 1)
    ]
    return from_paths(name, ages, [*paths, (*(None for _ in WIDTHS_YEARS), ROOT)])


def given(column: Column, values: Values, setting: Setting) -> Generalised:
    """Generalise whole ages as they are written.

    Raises:
        BadValue: a value is no whole number from 0 to 130.
    """
    top = setting.age_top_code
    leaf = np.full(len(values), top + 1, dtype=np.int32)
    for number, text in enumerate(values):
        if text is None:
            continue
        if not (text.isascii() and text.isdigit() and int(text[:9]) <= OLDEST_YEARS):
            raise BadValue(number, f"holds no age in whole years up to {OLDEST_YEARS}")
        leaf[number] = min(int(text), top)
    return Generalised(tree(column.published_as, top), leaf)


def band(year: int, width: int, top: int) -> str:
    """Name the band of *width* years around *year*, two digits a side, open where it would reach *top*."""
    start = min(year, top) // width * width
    if start + width > top:
        return f"{start}+"
    return f"{start:02}" if width == 1 else f"{start:02}-{start + width - 1:02}"
