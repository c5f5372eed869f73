"""Texts typed without capitals, or in nothing else, given the capitals that the model goes by; the length stays."""

import re
from collections.abc import Sequence

from anonymize.detect.english.medical import is_medical
from anonymize.detect.english.words import Words

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_LINE = re.compile(r"[^\n]+")
_INITIAL = re.compile(r"(?<=[^\W\d_] )[a-z](?=\.? [A-Z])")
_INITIAL_BETWEEN = re.compile(r" (?:[^\W\d_]\.? )?")
LETTERS = 6
"""Letters from which a line shows how it was typed."""


def recase(text: str, known: Words) -> str:
    """Give *text* with capitals on names and unknown words alone, line by line where a line has one case only."""
    return _LINE.sub(lambda line: _recased(line[0], known), text)


def _recased(line: str, known: Words) -> str:
    if line.islower() or (line.isupper() and sum(map(str.isalpha, line)) >= LETTERS and " " in line):
        cased, was_name = "", False
        at = 0
        words = list(_WORD.finditer(line))
        for number, word in enumerate(words):
            name = _is_name(word[0].lower(), known, after_name=was_name and line[at : word.start()] in (" ", ". "))
            name = name or _begins_name(line, words[number : number + 3], known)
            cased += line[at : word.start()] + _cased(word[0], name)
            was_name = name or (was_name and len(word[0]) == 1)
            at = word.end()
        cased += line[at:]
        return _INITIAL.sub(lambda initial: initial[0].upper(), cased)
    return line


def _is_name(low: str, known: Words, *, after_name: bool) -> bool:
    """Say whether a word can be a name: in no dictionary, or after a name one that somebody bears."""
    low = low.removesuffix("'s").removesuffix("’s")
    if len(low) == 1 or is_medical(low, known):
        return False
    if after_name and known.is_name(low):
        return low not in known.small
    return not known.is_ordinary(low) and (low in known.given or low not in known.nouns)


def _begins_name(line: str, words: Sequence[re.Match[str]], known: Words) -> bool:
    """Say whether the first of *words* is a given name, whatever else it is, and a family name comes after it."""
    low = words[0][0].lower()
    if low not in known.given or low in known.small or not known.is_common(low):
        return False
    after = words[1:2] if len(words) < 2 or len(words[1][0]) > 1 else words[2:3]
    if not after or not _INITIAL_BETWEEN.fullmatch(line, words[0].end(), after[0].start()):
        return False
    return _is_name(after[0][0].lower(), known, after_name=False)


def _cased(word: str, name: bool) -> str:
    low = word.lower()
    if len(low) != len(word) or (len(low) == 1 and word.isupper()):
        return word
    return low[0].upper() + low[1:] if name and len(low[0].upper()) == 1 else low
