"""Texts cut into pieces short enough for the tagger, so that a piece met before need not be tagged again.

A piece ends at the end of a sentence, or at a comma when it is long enough: a name crosses neither. Digits are
written as 0, for which digit it is tells nothing about names; so notes that differ in their numbers share pieces.
"""

import re
from collections.abc import Iterator

SHORTEST, LONGEST = 24, 200
"""Characters a piece has before a comma ends it, and at most."""
_PIECE = re.compile(
    rf"[^。！？；!?;\n\r]{{{SHORTEST},{LONGEST}}}?[，,。！？；!?;\n\r]+|[^。！？；!?;\n\r]{{0,{LONGEST}}}[。！？；!?;\n\r]*",
    re.DOTALL,
)
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
WINDOW, LAST = 20_000, 2_000
"""Characters of a text that are analysed together, and those at their end among which a stop is looked for."""
_STOPS = ("\n", "。！？!?", "；;，, \t")
_DIGIT = re.compile("[1-9１-９]")


def pieces(text: str) -> Iterator[tuple[int, str]]:
    """Cut *text* into pieces and give each that holds a hanzi, with the place where it begins."""
    for match in _PIECE.finditer(_DIGIT.sub("0", text)):
        piece = match[0]
        if _HAN.search(piece):
            yield match.start(), piece.replace("\n", " ")


def windows(text: str) -> Iterator[tuple[int, str]]:
    """Cut a very long *text* into windows, after a line, a sentence, or whatever parts words; most texts are one."""
    start = 0
    while len(text) - start > WINDOW:
        tail = text[start + WINDOW - LAST : start + WINDOW]
        ends = (max(map(tail.rfind, stops)) for stops in _STOPS)
        cut = next((end for end in ends if end >= 0), LAST - 1)
        end = start + WINDOW - LAST + cut + 1
        yield start, text[start:end]
        start = end
    yield start, text[start:]
