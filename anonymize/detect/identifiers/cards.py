"""Bank cards: 16 to 19 digits (ISO/IEC 7812-1) that satisfy Luhn's rule, in groups or not."""

import re
from collections.abc import Iterator

from anonymize.detect.findings import Finding
from anonymize.detect.identifiers.checksums import is_luhn

SURE, LIKELY = 0.93, 0.75
"""Score of a number that begins as banks' do (ISO/IEC 7812-1: 3 to 6, and 9 for national use), and of any other."""


def bank_cards(folded: str, shortest: int = 16) -> Iterator[Finding]:
    """Find cards of *shortest* to 19 digits in *folded* text.

    A shorter card must not swallow the first groups of a longer one, nor a card its neighbour's: from each group
    of a run every length is tried, the longest first, and only between groups.
    """
    for run in _RUN.finditer(folded):
        groups = list(re.finditer(r"\d+", run[0]))
        first = 0
        while first < len(groups):
            last = _end(groups, first, shortest)
            if last is None:
                first += 1
                continue
            start, end = run.start() + groups[first].start(), run.start() + groups[last].end()
            yield Finding(start, end, "BANK_CARD", SURE if folded[start] in "34569" else LIKELY)
            first = last + 1


def _end(groups: list[re.Match[str]], first: int, shortest: int) -> int | None:
    digits, fitting = "", None
    for last in range(first, len(groups)):
        digits += groups[last][0]
        if len(digits) > 19:
            break
        if len(digits) >= shortest and is_luhn(digits) and len(set(digits)) > 1:  # 0000 0000 … stands for a number
            fitting = last
    return fitting


_RUN = re.compile(r"(?<!\d)\d(?:[ \-]?\d){12,}(?!\d)")
