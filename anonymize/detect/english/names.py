"""The name that begins where a name is to be expected: how far it goes, and whether it can be one."""

import re
from collections.abc import Iterator

from anonymize.detect.english.words import Words
from anonymize.detect.findings import Finding

SURE, LIKELY = 0.7, 0.5
WORD = r"[^\W\d_](?:[^\W\d_]|['’\-](?=[^\W\d_]))*"
_NAME = re.compile(rf"{WORD}(?:\.(?=\s))?(?:[ ](?:{WORD}(?:\.(?=\s))?)){{0,3}}")
_PART = re.compile(rf"{WORD}\.?")

_ENDED = re.compile(r"[^\W\d_]{4}\. $")
"""The end of a sentence, and of no short form."""
_NEVER = frozenset(("the", "a", "an"))
"""What no name begins with, though families are called so."""


def named(
    text: str, at: int, known: Words, score: float, *, strict: bool, first: str | None = None
) -> Iterator[Finding]:
    """Give the name that begins at *at*: up to four words that can be names, an initial among them.

    *strict* asks for a first word that is in no dictionary, or capitalised and somebody's name. With *first*, the text
    as it was typed, any capitalised word that is no small one may be the first.
    """
    match = _NAME.match(text, at)
    if match is None:
        return
    end, begins = at, True
    for word in _PART.finditer(match[0]):
        low = word[0].rstrip(".").lower().removesuffix("'s").removesuffix("’s")
        capital, strange = word[0][0].isupper(), not known.is_ordinary(low)
        if begins and low in _NEVER:
            return
        if len(low) == 1:
            fits = (not begins and capital) or (strange and not begins)
        elif begins and first is not None and first[at].isupper():
            fits = low not in known.small or known.is_name(low)
        elif begins and strict:
            fits = (capital and (strange or known.is_name(low))) or (strange and known.is_name(low))
        else:
            fits = (capital and not (known.is_common(low) and not known.is_name(low))) or strange
        if not fits or (_ENDED.search(match[0], 0, word.start()) and not strange and not known.is_name(low)):
            break
        if word[0].isupper() and 2 <= len(low) <= 4 and not known.is_name(low):
            break
        end, begins = at + word.start() + len(word[0].rstrip(".")), False
    if end - at > 1:
        if text[at:end].lower().endswith(("'s", "’s")):
            end -= 2
        yield Finding(at, end, "PERSON", score)
