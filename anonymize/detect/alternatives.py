"""Long alternations, written so that the regular expression engine looks only where one of them can begin.

The engine skips to a first character when every alternative begins with a letter of its own; one that begins with a
class or a group makes it try all of them at every place, twenty times as slow.
"""

import re
from collections.abc import Iterator


def by_first(pattern: str) -> str:
    """Group the alternatives of *pattern* by their first characters; one that begins with a class counts for each.

    What is matched stays the same: alternatives keep their order among those of one character.

    Raises:
        ValueError: an alternative does not begin with a letter, or a class of letters without ranges.
    """
    rests: dict[str, list[str]] = {}
    for one in parted(pattern):
        letters, rest, other = one[:1], one[1:], _NO_LETTER
        if letters == "[":
            (letters, _, rest), other = rest.partition("]"), _NO_CLASS
        if not letters or not other.isdisjoint(letters) or rest[:1] in _MAYBE:
            raise ValueError(f"{one!r} does not begin with a letter, or a class of letters")
        for letter in letters:
            rests.setdefault(letter, []).append(rest)
    return "|".join(f"{re.escape(letter)}(?:{'|'.join(of)})" for letter, of in rests.items())


def parted(pattern: str) -> Iterator[str]:
    """Part *pattern* at the bars that stand in no group and no class."""
    depth, first, in_class = 0, 0, False
    for at, character in enumerate(pattern):
        in_class = character != "]" if in_class else character == "["
        depth += 0 if in_class else (character == "(") - (character == ")")
        if character == "|" and not depth and not in_class:
            yield pattern[first:at]
            first = at + 1
    yield pattern[first:]


_NO_LETTER, _NO_CLASS = frozenset("\\.^$*+?{}()|"), frozenset("\\^-")
_MAYBE = ("?", "*", "+", "{")
