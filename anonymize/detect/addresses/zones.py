"""Zones that a city set up (开发区, 示范区 …), which stand in an address like a district of it."""

import re
from collections.abc import Iterator
from functools import cache

from anonymize.data import facts
from anonymize.detect.addresses import parts
from anonymize.detect.alternatives import by_first

_SET_UP = re.compile(by_first("示范区|开发区|高新区|经开区|特区"))
_ZONE = re.compile(
    rf"市{parts.NAMING}{{0,6}}?(?:城乡一体化示范区|(?:经济(?:技术)?|高新(?:技术)?产业)开发区|高新区|经开区|特区)"
)
_LONGEST = 7
"""Characters of a city's name at most, 市 among them, where zones are set up."""


@cache
def _cities() -> frozenset[str]:
    """Give the names of all cities of China."""
    return frozenset(row["name"] for row in facts("gbt2260.csv") if row["name"].endswith("市"))


def zones(folded: str) -> Iterator[tuple[int, int]]:
    """Find zones of known cities in *folded* text, and give where the city's name begins and the zone ends."""
    if not _SET_UP.search(folded):
        return
    for match in _ZONE.finditer(folded):
        last = match.start() + 1
        for first in range(max(last - _LONGEST, 0), last - 1):
            if folded[first:last] in _cities():
                yield first, match.end()
                break
