r"""One written form of an identifier, as data; and the search of a text for many of them.

Digits stand beside hanzi without a blank, and hanzi are word characters: `\b` never matches there, so each
pattern names the characters that may not stand beside it. Texts are folded (see `fold`) before they come here.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from anonymize.detect.findings import Finding

KEPT = 1 << 14
"""Kinds of texts for which the patterns that are due are remembered."""
Check = Callable[[str], float]
_REMARK = r"(?:\([^()\d]{1,20}\)|[)])?(?:[ ]?(?i:no)\.?(?![A-Za-z]))?"
_SAID = r"[是为应就]|[写填录登报改][成错的了]{0,2}"
SIGN = rf"{_REMARK}(?:{_SAID}|[:#=\s\"'|>(\[【「]){{0,5}}"
"""What may stand between a heading and its value: a remark, words and signs of a sentence, a table or a record."""
IS = rf"(?:[(]?[号码户]{{0,2}}{_REMARK}(?:{_SAID}|[:#=\-\s\"'|>(\[【「]){{0,5}})"
"""What may stand between a cue word and its value: the same, a word for number before it and dashes among it."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One written form of one type: the group `v` is what is found, `check` how sure that makes us.

    A text with fewer digits than `digits`, or without any of `cues`, is not searched at all: most texts have neither.
    """

    type: str
    regex: re.Pattern[str]
    check: Check
    digits: int = 0
    cues: tuple[str, ...] = ()
    heads: frozenset[str] = field(init=False)
    """First characters of the cues: a text that holds none of them holds no cue."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "heads", frozenset(cue[0] for cue in self.cues))

    def findings(self, folded: str) -> Iterator[Finding]:
        """Find each occurrence in *folded* that the check gives a score above 0."""
        for match in self.regex.finditer(folded):
            score = self.check(match["v"])
            if score > 0:
                yield Finding(match.start("v"), match.end("v"), self.type, score)


def pattern(kind: str, regex: str, check: float | Check, flags: int = 0, *, digits: int = 0, cues: str = "") -> Pattern:
    """Make a pattern of type *kind*; *check* gives the score of what was found, or is that score."""
    known = check if callable(check) else _sure(check)
    return Pattern(kind, re.compile(regex, flags), known, digits, tuple(cues.split()))


def when(rule: Callable[[str], bool], score: float) -> Check:
    """Give *score* where *rule* holds for what was found, written without separators."""
    return lambda found: score if rule(re.sub(r"[ .\-]", "", found)) else 0.0


class Search:
    """A search for many patterns at once: what a text does not hold is worked out once for all of them."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self._most = max(wanted.digits for wanted in patterns)
        self._due = [[wanted for wanted in patterns if wanted.digits <= digits] for digits in range(self._most + 1)]
        heads = sorted({head for wanted in patterns for head in wanted.heads})
        self._heads = re.compile(f"[{re.escape(''.join(heads))}]")
        self._wanted = lru_cache(KEPT)(self._choose)

    def findings(self, folded: str, digits: int | None = None) -> list[Finding]:
        """Find in *folded* what any of the patterns describes; its *digits* are counted if they are not yet."""
        count = digits_in(folded) if digits is None else digits
        found: list[Finding] = []
        held = frozenset(self._heads.findall(folded))
        for wanted in self._wanted(min(count, self._most), held):
            if not wanted.cues or any(map(folded.__contains__, wanted.cues)):
                found += wanted.findings(folded)
        return found

    def _choose(self, digits: int, held: frozenset[str]) -> list[Pattern]:
        """Give the patterns that a text with so many *digits* may hold, and with first characters of cues *held*."""
        return [wanted for wanted in self._due[digits] if not wanted.cues or not wanted.heads.isdisjoint(held)]


def digits_in(folded: str) -> int:
    """Count the digits of *folded*."""
    return len(_DIGIT.findall(folded))


def _sure(score: float) -> Check:
    return lambda _: score


_DIGIT = re.compile(r"\d")
