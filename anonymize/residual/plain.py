"""Text in one plain form, as a reader sees it: compatibility forms undone, digits of all scripts as ours.

Markup, tokens and what cannot be seen are left out; where the rest stands stays known.
"""

import html
import re
import unicodedata
from typing import NamedTuple

BLANK, HIDDEN = " ", "\u200b"
"""What stands for every space, and for what is not seen until it is left out."""
_MARKUP = re.compile(
    r"\[[A-Z_]+:[0-9a-f]{32}\]|</?[A-Za-z](?:(?!\d{5}|@|[\u3400-\u9fff])[^<>]){0,300}>|&#?[A-Za-z0-9]{2,8};"
)
"""A keyed token, which the treatment wrote (digits among its letters are nobody's number); a tag, less those that hold
what could be looked for; an entity."""


class Plain(NamedTuple):
    """A text in its plain form."""

    text: str
    places: list[int] | None
    """Where each character stands in the text as given; none where it is at the same place."""

    def back(self, start: int, end: int) -> tuple[int, int]:
        """Give the span of the text as given that is plainly *start* to *end*, which is not empty."""
        return (start, end) if self.places is None else (self.places[start], self.places[end - 1] + 1)


class _Plain(dict[int, str]):
    """A translation table that grows by each character that is met."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        kind, digit = unicodedata.category(char), unicodedata.decimal(char, None)
        if digit is not None:
            plain = str(digit)
        elif char in "\t\u3000" or kind == "Zs":
            plain = BLANK
        elif kind in ("Cf", "Cc", "Mn", "Me") and char not in "\r\n":
            plain = ""
        elif kind == "Pd":
            plain = "-"
        else:
            wide = unicodedata.normalize("NFKC", char)
            plain = wide if len(wide) == 1 and kind != "No" else char
        self[code] = plain
        return plain


TABLE = _Plain()
"""The plain form of each character (Unicode Standard Annex 15, NFKC, where it is one character); empty: not seen."""


def unmarked(text: str) -> str:
    """Hide markup and tokens in *text*, whose length stays."""
    return _MARKUP.sub(_hidden, text) if any(sign in text for sign in "<&[") else text


def _hidden(match: re.Match[str]) -> str:
    size, char = len(match[0]), html.unescape(match[0])
    if match[0][0] == "&":
        return char + HIDDEN * (size - 1) if len(char) == 1 else match[0]
    return BLANK + HIDDEN * (size - 1) if match[0][0] == "[" else HIDDEN * size


def plain(text: str) -> Plain:
    """Give *text* in its plain form, and where its characters stand."""
    given = unmarked(text)
    out = given.translate(TABLE)
    if len(out) == len(given):
        return Plain(out, None)
    return Plain(out, [place for place, char in enumerate(given) if TABLE[ord(char)]])
