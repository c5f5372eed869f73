"""The words that were asked for, marked where a text says them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from catalog.search.corrections import Correction
from catalog.search.tokens import STOP_WORDS, bigrams, pieces


@dataclass(frozen=True, slots=True)
class Marker:
    """Cuts texts into what was asked for and what was not."""

    pattern: "re.Pattern[str] | None"

    @classmethod
    def of(cls, text: str, corrections: Sequence[Correction] = ()) -> "Marker":
        """Mark the words of *text*, pairs of its Chinese characters, and the words tried in place of one."""
        wanted = {word for made in corrections for word in made.tried}
        for piece in pieces(text):
            wanted |= {piece.text, *(bigrams(piece.text) if piece.chinese else piece.parts)}
        ordered = sorted(wanted - STOP_WORDS, key=lambda word: (-len(word), word))
        if not ordered:
            return cls(None)
        return cls(re.compile("|".join(map(_begun, ordered)), re.IGNORECASE))

    def __call__(self, text: str) -> list[tuple[str, bool]]:
        """Give the parts of a text, and of each whether it was asked for."""
        if self.pattern is None:
            return [(text, False)]
        out, end = [], 0
        for found in self.pattern.finditer(text):
            out += [(text[end : found.start()], False), (found.group(), True)]
            end = found.end()
        return [part for part in [*out, (text[end:], False)] if part[0]]


def _begun(word: str) -> str:
    """Match a word where one begins; in Chinese, anywhere."""
    return rf"(?<![A-Za-z0-9]){re.escape(word)}" if word[0].isascii() else re.escape(word)
