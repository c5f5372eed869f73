"""What the characters of a span say of it: 伟 stands in names, 的 in none, and 斯 in foreign names written out.

How often a character is a surname, or the second or last one of a name, is set against how often it stands in other
words (`data/name_characters.csv`).
"""

import math
from functools import cache

from anonymize.data import facts
from anonymize.detect.peoples import TRANSCRIBED

SEEN, LIMIT = 2.0, 5.0
"""What each character counts before it is seen; the most that one character says for or against."""


@cache
def odds(part: str) -> dict[str, float]:
    """Give how much likelier a character is as `surname`, `second` or `last` of a name than in other words.

    It is a natural logarithm, and 0 for characters nobody counted.
    """
    rows = facts("name_characters.csv")
    share = sum(int(row[part]) for row in rows) / sum(int(row["elsewhere"]) for row in rows)
    found = {
        row["character"]: math.log((int(row[part]) + SEEN) / (int(row["elsewhere"]) * share + SEEN)) for row in rows
    }
    return {character: max(-LIMIT, min(LIMIT, said)) for character, said in found.items()}


def given_name(characters: str) -> float:
    """Sum the odds that *characters* are a given name: the first as second of a name, the last as its last."""
    last = odds("last").get(characters[-1:], 0.0)
    return last + odds("second").get(characters[0], 0.0) if len(characters) > 1 else last


def any_name(characters: str) -> float:
    """Give the mean odds that each of *characters* ends a name."""
    last = odds("last")
    return sum(last.get(character, 0.0) for character in characters) / len(characters)


def foreign(characters: str) -> float:
    """Give the share of *characters* in which foreign names are written, from 0 to 1."""
    return sum(character in TRANSCRIBED for character in characters) / len(characters)
