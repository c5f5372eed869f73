"""Moments: day, hour → day, part of day → month, part of day → month → quarter → year → five years → `*`.

The part of the day outlives the day, for the hour at which things happen is asked for more often than the date. A
moment is not shifted: it is one event, not a step of somebody's course. So a true day is published only where the
profile allows days.
"""

import re
from datetime import date

from anonymize.transform.dates import YEARS, levels_of
from anonymize.transform.outcome import Generalised, Setting, Values, generalise
from policies.columns import Column

LEVELS = 8
PARTS = ("00-05h", "06-11h", "12-17h", "18-23h")
FINEST = {"day": 0, "month": 2, "quarter": 4, "year": 5, "five_years": 6}
"""A profile's finest date → the first level that shows none finer."""
_ZONE = r"(?:Z|UTC|[+-]\d\d(?::?\d\d)?)?"
_TIME = r"(\d{1,2}):[0-5]\d(?::[0-6]\d(?:\.\d+)?)?"
_MOMENT = re.compile(rf"(\d{{4}})([-/.]?)(\d{{1,2}})\2(\d{{1,2}})[T ]+{_TIME}\s*{_ZONE}", re.ASCII)


def moment(column: Column, values: Values, setting: Setting) -> Generalised:
    """Generalise a column of moments like 2017-03-31 13:05:00; the zone is that of the source.

    Raises:
        BadValue: a value is no day with a time.
    """
    hierarchy, leaf = generalise(column.published_as, values, bands, LEVELS)
    return Generalised(hierarchy, leaf, FINEST["month"])


def bands(text: str) -> tuple[str, ...]:
    """List what is published for the moment *text*, level by level."""
    found = _MOMENT.fullmatch(text.strip())
    if found is None or not (found[2] or len(found[3] + found[4]) == 4) or int(found[5]) > 23:
        raise ValueError("holds no moment like 2017-03-31 13:05:00")
    hour = int(found[5])
    try:
        day = date(int(found[1]), int(found[3]), int(found[4]))
    except ValueError:
        raise ValueError("holds a day that is not in the calendar") from None
    if day.year not in YEARS:
        raise ValueError(f"holds a day outside {YEARS[0]} to {YEARS[-1]}")
    whole, month, *longer = levels_of(day)
    part = PARTS[hour // 6]
    return (f"{whole} {hour:02}h", f"{whole} {part}", f"{month} {part}", month, *longer)
