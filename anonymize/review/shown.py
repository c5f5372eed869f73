"""A sampled text as a terminal shows it: what would be removed and what only the second detector finds, in brackets.

What a terminal would obey, or show in another order than it is written, is shown as its code.
"""

import unicodedata

from anonymize.review.texts import Reviewed

LONGEST = 400
"""Characters shown of a text."""


def shown(each: Reviewed) -> str:
    """Give one text with its spans marked, such as `来电人【张伟 PERSON】`, on one line."""
    spans = [(f.start, f.end, f.type, "【", "】") for f in each.found]
    spans += [(left.start, left.end, left.type, "⟪", "⟫") for left in each.left]
    out, at = [], 0
    for start, end, kind, opens, closes in sorted(spans):
        if start < at:
            continue
        out += [_safe(each.text[at:start]), opens, _safe(each.text[start:end]), " ", kind, closes]
        at = end
    line = "".join([*out, _safe(each.text[at:])])
    return line if len(line) <= LONGEST else line[:LONGEST] + "…"


def _safe(text: str) -> str:
    return "".join(
        f"\\u{ord(char):04x}" if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") else char for char in text
    )
