"""Text to tokens: overlapping pairs of Chinese characters, folded Latin words in the singular, codes as they are.

`肿瘤登记` gives 肿瘤 瘤登 登记, and the last character alone, so that each single character begins some token.
`AgeAtDiagnosis` and `age_at_diagnosis` give themselves and their parts; `C50.9` gives itself, c50 and 9.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

CJK = (
    "\u3005\u3007\u3041-\u3096\u30a1-\u30fa\u30fc\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff"
    "\U00020000-\U000323af"
)
"""Ideographs with their extensions, kana and hangul: scripts written without spaces, or with few."""

STOP_WORDS = frozenset(("a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with"))
LONGEST = 64
"""Longer words are cut: nobody types them, and an index holds no essays."""

_PIECE = re.compile(f"([{CJK}]+)|[^\\W_{CJK}]+(?:[._-]+[^\\W_{CJK}]+)*")
_PART = re.compile(r"[._-]+|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_CODE = re.compile(r"(?=.*\d).+\..+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text in one script: a run of Chinese characters, or a word and its parts."""

    text: str
    parts: tuple[str, ...]
    """Folded; empty for Chinese."""

    @property
    def chinese(self) -> bool:
        """Say whether this is a run of Chinese characters."""
        return not self.parts

    @property
    def code(self) -> bool:
        """Say whether this is a code such as C50.9, whose parts mean nothing alone."""
        return _CODE.fullmatch(self.text) is not None


def pieces(text: str) -> Sequence[Piece]:
    """Cut *text* where the script changes or a word ends; width, accents and case are folded away."""
    return _kept(text) if len(text) <= LONGEST else tuple(_cut(text))


@lru_cache(maxsize=10_000)
def _kept(text: str) -> tuple[Piece, ...]:
    """Cut a short text once: names of columns, places and publishers come again and again."""
    return tuple(_cut(text))


def _cut(text: str) -> Iterator[Piece]:
    for match in _PIECE.finditer(_plain(text)):
        if match[1]:
            yield Piece(match[1], ())
        elif match[0].isalnum() and match[0].islower():
            yield Piece(match[0].casefold()[:LONGEST], (match[0].casefold()[:LONGEST],))
        else:
            parts = tuple(part.casefold()[:LONGEST] for part in _PART.split(match[0]) if part)
            yield Piece(match[0].casefold()[:LONGEST], parts)


def tokens(text: str) -> list[str]:
    """List what *text* is found by, in its order."""
    found: list[str] = []
    for piece in pieces(text):
        if piece.chinese:
            found += bigrams(piece.text)
            found.append(piece.text[-1])
            continue
        if len(piece.parts) > 1:
            found.append(piece.text)
        found += [singular(part) for part in piece.parts if part not in STOP_WORDS]
    return found


def sequence(text: str) -> list[str]:
    """List the tokens of *text* one after the other, none inside another: neighbours here are neighbours there."""
    found: list[str] = []
    for piece in pieces(text):
        if piece.chinese:
            found += bigrams(piece.text) or [piece.text]
        else:
            found += [singular(part) for part in piece.parts if part not in STOP_WORDS]
    return found


def bigrams(run: str) -> list[str]:
    """List the overlapping pairs of a run of Chinese characters."""
    return [run[at : at + 2] for at in range(len(run) - 1)]


def singular(word: str) -> str:
    """Take the plural ending off an English word, by rule alone: both sides of a search follow the same rule."""
    if len(word) < 4 or not word.endswith("s") or not word.isascii() or not word.isalpha():
        return word
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    if word.endswith(("sses", "shes", "ches", "xes", "zzes")):
        return word[:-2]
    return word if word.endswith(("ss", "us", "is")) else word[:-1]


def _plain(text: str) -> str:
    """Fold width, ligatures and accents, but not yet case, which shows where a word in camel case parts."""
    if text.isascii():
        return text
    apart = unicodedata.normalize("NFKD", text)
    kept = "".join(letter for letter in apart if not "\u0300" <= letter <= "\u036f")
    return unicodedata.normalize("NFC", kept)
