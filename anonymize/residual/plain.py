"""Text in one plain form, character by character: compatibility forms undone, digits of all scripts as ours."""

import re
import unicodedata

BLANK = " "
"""What stands for every space, and for every sign that cannot be seen."""


class _Plain(dict[int, str]):
    """A translation table that grows by each character that is met."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        digit = unicodedata.decimal(char, None)
        if digit is not None:
            plain = str(digit)
        elif unicodedata.category(char) in ("Zs", "Cf", "Cc", "Zl", "Zp") and char not in "\r\n":
            plain = BLANK
        elif unicodedata.category(char) == "Pd":
            plain = "-"
        else:
            wide = unicodedata.normalize("NFKC", char)
            plain = wide if len(wide) == 1 else char
        self[code] = plain
        return plain


_TABLE = _Plain()
_TOKEN = re.compile(r"\[[A-Z_]+:[0-9a-f]{32}\]")
"""A keyed token, which the treatment wrote; digits among its letters are nobody's number."""


def without_tokens(text: str) -> str:
    """Blank the tokens in *text*."""
    return _TOKEN.sub(lambda match: BLANK * len(match[0]), text) if "[" in text else text


def plain(text: str) -> str:
    """Give *text* in plain characters (Unicode Standard Annex 15, NFKC, where it keeps the length)."""
    return text.translate(_TABLE)
