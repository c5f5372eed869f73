"""What the tagger takes along at the edges of a name: 由 before a foreign one, 于 after any."""

import re

from anonymize.detect.findings import Finding
from anonymize.detect.titles import title_at

SURE = 0.5
"""Score from which a title may be a name as well."""
_BEFORE = "由是人家的与为被把给长任员后"
"""Characters in which no foreign name is written, and which end the word before one."""
_AFTER = frozenset("于以被在从要系摄说你我他她您这的了吗呢吧")
"""Characters in which no name ends."""
_CHOSEN = re.compile("(?<![\\w])[字号]|[艺笔网法]名")
"""What says that a chosen name follows."""


def is_title(folded: str, finding: Finding) -> bool:
    """Say whether the finding is a title alone, or begins one."""
    return finding.score < SURE and title_at(folded, finding.start) >= finding.end


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
    if end - start > 2 and folded[end - 1] in "为任" and title_at(folded, end):
        end -= 1
    return Finding(start, end, kind, score)
