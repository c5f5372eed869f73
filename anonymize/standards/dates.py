"""Dates as people write them, year first, as ISO 8601 days; where day and month could be either, neither is read."""

import re
from datetime import date

from anonymize.standards.forms import narrow
from anonymize.transform.dates import YEARS

_TIME = r"(?:[T\s]*\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?\s*(?:Z|UTC|[+-]\d\d(?::?\d\d)?)?)?"
_PARTED = re.compile(rf"(\d{{4}})\s*(?:-|/|\.|年)\s*(\d{{1,2}})\s*(?:-|/|\.|月)\s*(\d{{1,2}})\s*日?{_TIME}", re.ASCII)
_JOINED = re.compile(rf"(\d{{4}})(\d\d)(\d\d){_TIME}", re.ASCII)


def iso_date(text: str) -> str | None:
    """Read a day: 19900331, 1990/3/31, 1990.3.31, 1990年3月31日, with or without a time, as 1990-03-31."""
    plain = narrow(text)
    found = _PARTED.fullmatch(plain) or _JOINED.fullmatch(plain)
    if found is None:
        return None
    try:
        day = date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None
    return day.isoformat() if day.year in YEARS else None
