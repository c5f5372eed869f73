"""Who is named in full in a text is meant by a part of that name elsewhere in it."""

import re
from collections.abc import Iterator, Sequence

from anonymize.detect.english.names import LIKELY
from anonymize.detect.english.words import Words
from anonymize.detect.findings import Finding

_PART = re.compile(r"[^\W\d_](?:[^\W\d_]|['’\-](?=[^\W\d_])){2,}")
WHOLE = 0.4
"""Score from which a name of several words speaks for its parts."""


def again(text: str, found: Sequence[Finding], known: Words) -> Iterator[Finding]:
    """Find the capitalised parts of the full names of *found*, where they stand alone in *text*."""
    parts = {
        part
        for one in found
        if one.score >= WHOLE and " " in text[one.start : one.end]
        for part in _PART.findall(text, one.start, one.end)
        if part[0].isupper() and not known.is_common(part.lower()) and text.count(part) > 1
    }
    if not parts:
        return
    covered = {at for one in found for at in range(one.start, one.end)}
    for match in _PART.finditer(text):
        if match[0].removesuffix("'s").removesuffix("’s") in parts and match.start() not in covered:
            end = match.start() + len(match[0].removesuffix("'s").removesuffix("’s"))
            yield Finding(match.start(), end, "PERSON", LIKELY)
