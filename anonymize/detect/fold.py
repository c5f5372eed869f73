"""Text brought to one form for matching, character by character, so that every offset stays true."""

import re
import unicodedata

_DASHES = "‐‑‒–—―−﹣－"
_BLANKS = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
"""What cannot be seen and breaks a number in two for a program but not for a reader."""


class _Fold(dict[int, str]):
    """A translation table that works out each character when it is first met."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if char in _DASHES:
            folded = "-"
        elif char in _BLANKS or unicodedata.category(char) == "Zs":
            folded = " "
        elif 0xFF01 <= code <= 0xFF5E:
            folded = chr(code - 0xFEE0)
        else:
            decimal = unicodedata.decimal(char, None)
            folded = char if decimal is None else str(decimal)
        self[code] = folded
        return folded


_TABLE = _Fold()
_USUAL = (("，", ","), ("：", ":"), ("（", "("), ("）", ")"), ("；", ";"), ("！", "!"), ("？", "?"))
"""Signs that most Chinese texts hold and nothing else of their kind: replaced at once, the table is not asked."""
_AS_IT_IS = re.compile("[\\x00-\\x7f\\u3400-\\u9fff、。《》“”‘’【】…·]*")


def fold(text: str) -> str:
    """Write full-width letters, digits and signs in ASCII, and other scripts' digits as ours; the length stays."""
    if text.isascii():
        return text
    for wide, narrow in _USUAL:
        text = text.replace(wide, narrow)
    return text if _AS_IT_IS.fullmatch(text) else text.translate(_TABLE)


def squeeze(folded: str) -> tuple[str, list[int]]:
    """Leave out blanks and separators and lower the case; give with each character left the place it had."""
    places = [place for place, char in enumerate(folded) if char.isalnum()]
    return "".join(_lower(folded[place]) for place in places), places


def _lower(char: str) -> str:
    lowered = char.lower()
    return lowered if len(lowered) == 1 else char
