"""An age inside a text: as it is up to 89 years, `90+` beyond (45 CFR 164.514(b)(2)(i)(C))."""

import re

from anonymize.detect.fold import fold

TOP_YEARS = 90
_NUMBER = re.compile(r"\d+")


def capped(text: str) -> str | None:
    """Write the age in *text* with 90 and more as `90+`, all else as it was; none where there is not one number."""
    numbers = list(_NUMBER.finditer(fold(text)))
    if len(numbers) != 1:
        return None
    start, end = numbers[0].span()
    return text if int(numbers[0][0]) < TOP_YEARS else f"{text[:start]}{TOP_YEARS}+{text[end:]}"
