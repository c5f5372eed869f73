"""What the tagger takes along at the edges of a name: 由 before a foreign one, 于 after any."""

import re

from anonymize.detect.findings import Finding

_BEFORE = "由是人家的与为被把给长任员后"
"""Characters in which no foreign name is written, and which end the word before one."""
_AFTER = frozenset("于被在从你我他她您这的了吗呢吧")
"""Characters in which no name ends."""
_CHOSEN = re.compile("(?<![\\w])[字号]|[艺笔网法]名")
"""What says that a chosen name follows."""


def trimmed(folded: str, finding: Finding) -> Finding:
    """Take off what stands before a name with a dot, and a last character that ends no name of two or more."""
    start, end, kind, score = finding
    if chosen := _CHOSEN.match(folded, start, end - 1):
        start = chosen.end()
    dot = folded.find("·", start, end)
    if dot > 0:
        start = max((at + 1 for char in _BEFORE if (at := folded.rfind(char, start, dot - 1)) >= 0), default=start)
    while end - start > 2 and folded[end - 1] in _AFTER:
        end -= 1
    return Finding(start, end, kind, score)
