"""Text as a reader sees it: without signs that cannot be seen and markup within a line; places stay known.

Zero-width and bidirectional signs, controls, marks that sit on a digit, and tags such as `<b>` part a number or a name
for a program and not for a reader; `<br>` and the like end a line. What looks at a text sees it without them; what was
found is told in the text as given, whatever stands within included.
"""

import html
import re
from bisect import bisect_right
from dataclasses import dataclass

_SIGNS = (
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # controls, but for tabs and ends of lines
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e0fff"  # Default_Ignorable_Code_Point, Unicode 15, and interlinear notes
    "\u0300-\u036f\u20d0-\u20ff"  # marks on the character before
)
_TAGS = "a|abbr|b|bdi|bdo|big|code|em|font|i|ins|kbd|mark|nobr|s|small|span|strong|sub|sup|tt|u|wbr"
_BLOCKS = (
    "address|article|blockquote|body|br|center|dd|div|dl|dt|fieldset|footer|form|h[1-6]|head|header|hr|html|label|legend|"
    "li|main|nav|ol|option|p|pre|section|select|table|tbody|td|tfoot|th|thead|title|tr|ul"
)
"""Tags that end a line."""
_LOOKS = (
    r"(?:\s+(?:style|class|color|size|face|v?align|width|height|bgcolor|border|lang|dir|cellpadding|cellspacing|colspan|"
    r"rowspan)\s?=\s?(?:(?P<q>[\"'])(?:(?!\d{5})[A-Za-z0-9#%;:,.()\s_!\-]){0,300}(?P=q)|[A-Za-z0-9#%\-]{1,30}))*\s?/?>"
)
"""Attributes that say how something looks, and the end of the tag; any others are read as text."""
_HIDDEN = re.compile(
    rf"(?P<signs>(?![\u200b](?<=[A-Za-z]\u200b)[A-Za-z])[{_SIGNS}])|(?!<(?-i:Li)>)</?(?:(?:{_TAGS})|(?P<block>{_BLOCKS})){_LOOKS}"
    r"|(?P<entity>\t|&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|nbsp|ensp|emsp|thinsp|amp|lt|gt|quot|apos);)",
    re.IGNORECASE,
)
_MAY_HIDE = re.compile(rf"[{_SIGNS}\t<&]")
"""What most texts do not hold: looking for it costs a microsecond."""


@dataclass(slots=True)
class Places:
    """Where each part of the text that is seen stands in the text as given."""

    seen: list[int]
    given: list[int]
    wide: list[int]
    """Characters that one seen character stands for; 0 where each stands for itself."""

    def back(self, start: int, end: int) -> tuple[int, int]:
        """Give the span of the text as given that is seen as *start* to *end*, which is not empty."""
        return self._place(start)[0], self._place(end - 1)[1]

    def _place(self, at: int) -> tuple[int, int]:
        part = bisect_right(self.seen, at) - 1
        if self.wide[part]:
            return self.given[part], self.given[part] + self.wide[part]
        place = self.given[part] + at - self.seen[part]
        return place, place + 1


def visible(text: str) -> tuple[str, Places | None]:
    """Give *text* as it is seen, and where its parts stand; no places where all of it can be seen."""
    if _MAY_HIDE.search(text) is None or _HIDDEN.search(text) is None:
        return text, None
    out, places, at, length = list[str](), Places([], [], []), 0, 0

    def add(part: str, given: int, wide: int) -> None:
        nonlocal length
        if part:
            places.seen.append(length)
            places.given.append(given)
            places.wide.append(wide)
            out.append(part)
            length += len(part)

    for match in _HIDDEN.finditer(text):
        add(text[at : match.start()], at, 0)
        if match["block"]:
            add("\n", match.start(), len(match[0]))
        elif match["entity"]:
            char = html.unescape(match[0])
            add(" " if char == "\t" or len(char) > 1 else char, match.start(), len(match[0]))
        at = match.end()
    add(text[at:], at, 0)
    return "".join(out), places
