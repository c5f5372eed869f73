"""What the characters of a span say of it: 伟 stands in names, 的 in none, and 斯 in foreign names written out.

How often a character is a surname, or the second or last one of a name, is set against how often it stands in other
words (`data/name_characters.csv`).
"""

import math
from functools import cache

from anonymize.data import facts
from anonymize.detect.persons.peoples import TRANSCRIBED
from anonymize.detect.persons.surnames import COMPOUND, SINGLE, TRADITIONAL

SEEN, LIMIT = 2.0, 5.0
"""What each character counts before it is seen; the most that one character says for or against."""

SURNAME_SAYS = 0.7
"""Share of a surname's odds that counts beside a given name's."""


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


def is_everyday(name: str) -> bool:
    """Say whether *name* is written as most Chinese names are: a surname, and one or two characters."""
    surname = 2 if name[:2] in COMPOUND else int(name[:1] in SINGLE or name[:1] in TRADITIONAL)
    return 0 < surname < len(name) <= surname + 2 and "氏" not in name


def written(name: str) -> float:
    """Give the odds that a name of everyday form has by its characters."""
    if name[:2] in COMPOUND:
        return LIMIT + given_name(name[2:])
    if name[0] in TRADITIONAL:
        return LIMIT
    return SURNAME_SAYS * odds("surname").get(name[0], 0.0) + given_name(name[1:])
