"""Persons out of the tagger's masses: where a name begins and ends, and how sure that is.

The tagger alone cuts rare names short (傅全有: 0.98, 0.86, 0.11) and takes titles along (江泽民主席). So a run of
characters that could belong to a name is trimmed at titles, grown to a whole name after a surname, and judged as a
whole: by the logarithm of its odds, with what its form says added to what the tagger says.
"""

import math
import re
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise

import numpy as np

from anonymize.detect.findings import Finding
from anonymize.detect.surnames import COMMON, COMPOUND, SINGLE
from anonymize.detect.tagger.tagger import BREAK, ORGANISATION, PERSON_BEGINS, PERSON_GOES_ON, PLACE
from anonymize.detect.tagger.wire import Array
from anonymize.detect.titles import BEGIN_TITLES, PARTICLES, PREPOSITIONS, TAILS, title_at
from anonymize.detect.vetoes import AFTER, DOUBLED, DRUG, EPONYM, NO_NAME, TERM

EDGE = 0.02
"""Mass from which a character can belong to a name."""
PLACE_EDGE = 0.15
"""Mass from which the character before a place belongs to it."""
HINT = 0.008
"""Mass from which the character after a surname can complete the name."""
NEAR = 2
"""Characters between two names that stand beside each other."""
JOINS = "·・•．"
"""What joins the parts of a foreign name; a dash does so only between two parts that are found."""
PLACE_ENDS = frozenset("路村镇乡县区街桥河湖山岭冲塘坝湾组苑园城府广小站号店铺线段族家队杯省市州国洋海岛峰寺庙")

BASE, MASS, ELSEWHERE, SINGLE_CHARACTER, TWO, THREE = 0.7, 1.25, -0.15, -1.2, -1.2, -0.4
SURNAME, EVERYDAY_SURNAME, ENDS_LIKE_A_PLACE, BESIDE_ANOTHER, JOINED, GOES_ON = 0.5, 0.75, -0.75, 0.1, 1.0, -0.25
"""Weights of the judgement: a logistic regression on half of two public news sets (MSRA, People's Daily), a third of
whose weight were diseases and citizens' messages as counter-examples; rounded. The other half measured it."""

WEIGHED, HERE, ALONE, ALONE_ELSEWHERE = 0.1, 0.87, 0.4, 0.12
"""Weights of the second judgement, found in the same way: what was judged in the sentence, and the span by itself."""
BEGINS_WITHIN_A_WORD, IS_A_WORD = -1.0, -0.3
"""Weights of what a list of common words says of the span."""
UNSURE = 0.01, 0.9
"""Scores between which a span is judged a second time."""
VETOED = -5.0
"""Weight of a sign that this is nobody's name (see `vetoes`): only a sure name withstands it."""

DOCTRINE = "主义"
"""What follows a whole name, and hides its last character from the tagger (达尔文主义)."""

_RUN = re.compile(rf"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af〇{JOINS}—－\-]+")
_JOINS, _SIZES = frozenset(JOINS), {1: SINGLE_CHARACTER, 2: TWO, 3: THREE}
_AND = frozenset("胜负对比约访")
"""What stands between two names and belongs to neither."""
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af〇]")


def persons(joined: str, masses: Array, words: Collection[str]) -> Iterator[Finding]:
    """Find persons in *joined* by the *masses* of its characters; the score is the judged probability.

    *words* are common words of two characters: a name seldom ends in the first of one.

    Only what the plan's threshold lets through is a finding (see `anonymize.detect.named`).
    """
    likely = masses[:, PERSON_BEGINS] + masses[:, PERSON_GOES_ON]
    runs = _runs(joined, likely >= EDGE)
    if not runs:
        return
    names = _Names(joined, masses, likely, words)
    spans = names.filled([span for start, end in runs for span in names.spans(start, end)])
    mean = [names.mean(*span) for span in spans]
    for at, (start, end) in enumerate(spans):
        before = mean[at - 1] if at and start - spans[at - 1][1] <= NEAR else 0.0
        after = mean[at + 1] if at + 1 < len(spans) and spans[at + 1][0] - end <= NEAR else 0.0
        beside = before if before > after else after
        yield Finding(start, end, "PERSON", names.judge(start, end, mean[at], beside))


def weigh(finding: Finding, alone: tuple[float, float]) -> Finding:
    """Judge a person again by the mean masses its characters have when they stand *alone*: for a person, for others.

    A name is one in any sentence; a chance piece of two words is none by itself.
    """
    odds = WEIGHED + HERE * math.log(finding.score / (1 - finding.score))
    odds += ALONE * _logit(alone[0]) + ALONE_ELSEWHERE * _logit(alone[1])
    odds -= SINGLE_CHARACTER if finding.end - finding.start == 1 else 0
    return Finding(finding.start, finding.end, finding.type, 1 / (1 + math.exp(-odds)))


def means(masses: Array, sizes: Sequence[int]) -> list[tuple[float, float]]:
    """Give the mean masses, for a person and for others, of texts of *sizes* that stand in *masses* with breaks."""
    if not sizes:
        return []
    starts = np.concatenate([[0], np.cumsum(np.array(sizes[:-1]) + len(BREAK))]).astype(np.intp)
    sums = np.add.reduceat(masses, starts, axis=0) / np.array(sizes)[:, None]
    person = sums[:, PERSON_BEGINS] + sums[:, PERSON_GOES_ON]
    return list(zip(person.tolist(), (sums[:, PLACE] + sums[:, ORGANISATION]).tolist(), strict=True))


class _Names:
    """The names in one text."""

    def __init__(self, text: str, masses: Array, likely: Array, words: Collection[str]) -> None:
        self._text, self._likely, self._words = text, likely, words
        self._begins = masses[:, PERSON_BEGINS]
        self._sums = np.concatenate([[0.0], np.cumsum(likely, dtype=np.float64)])
        elsewhere = masses[:, PLACE] + masses[:, ORGANISATION]
        self._elsewhere = np.concatenate([[0.0], np.cumsum(elsewhere, dtype=np.float64)])

    def mean(self, start: int, end: int) -> float:
        """Give the mean mass of the characters of a span."""
        return float(self._sums[end] - self._sums[start]) / (end - start)

    def spans(self, start: int, end: int) -> list[tuple[int, int]]:
        """Part a run into names, each trimmed and grown."""
        found = []
        for part in _RUN.finditer(self._text, start, end):
            first, last = part.span()
            while first < last and not _HAN.match(self._text[first]):
                first += 1
            while last > first and not _HAN.match(self._text[last - 1]):
                last -= 1
            found += [self._grow(*span) for piece in self._split(first, last) if (span := self._trim(*piece))]
        return found

    def filled(self, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """Give the one character between two names that follow each other to the first, if that lacks one."""
        text = self._text
        for at, ((start, end), (begin, _)) in enumerate(pairwise(spans)):
            short = end - start in (2, 4, 5) and text[end - 2] in SINGLE and text[end - 2 : end] not in COMPOUND
            if short and begin - end == 1 and _HAN.match(text[end]) and text[end] not in PARTICLES | TAILS | _AND:
                spans[at] = (start, end + 1)
        return spans

    def judge(self, start: int, end: int, mean: float, beside: float) -> float:
        """Give the probability that the span is a person."""
        text, size = self._text, end - start
        elsewhere = float(self._elsewhere[end] - self._elsewhere[start]) / size
        odds = BASE + MASS * _logit(mean) + ELSEWHERE * _logit(elsewhere) + BESIDE_ANOTHER * _logit(beside)
        odds += _SIZES.get(size, 0.0)
        compound = text[start : start + 2] in COMPOUND
        if compound or text[start] in SINGLE:
            odds += SURNAME
            if 2 <= size <= 3 and (compound or text[start] in COMMON):
                odds += EVERYDAY_SURNAME
        if start > 0 and text[start - 1 : start + 1] in self._words:
            odds += BEGINS_WITHIN_A_WORD
        if size == 2 and text[start:end] in self._words:
            odds += IS_A_WORD
        if text[end - 1] in PLACE_ENDS:
            odds += ENDS_LIKE_A_PLACE
        if not _JOINS.isdisjoint(text[start:end]):
            odds += JOINED
        if end == len(text) or not _HAN.match(text[end]):
            odds += GOES_ON
        if _is_vetoed(text, start, end):
            odds += VETOED
        return 1 / (1 + math.exp(-odds))

    def _split(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Part names that follow each other without a sign, where the tagger sees another one begin."""
        first = start
        for at in range(start + 2, end - 1):
            begins = self._begins[at] > max(self._likely[at] / 2, 0.4)
            if begins and at - first >= 2 and self._text[at - 1] not in JOINS:
                yield first, at
                first = at
        if first < end:
            yield first, end

    def _trim(self, start: int, end: int) -> tuple[int, int] | None:
        """Take titles and particles off both ends."""
        text, likely = self._text, self._likely
        for before in range(3, -1, -1):
            title = title_at(text, max(start - before, 0))
            if start < title <= end:
                start = title
        for at in range(start + 1, end):
            title = text[at] in BEGIN_TITLES and title_at(text, at)
            if title and (title >= end or self.mean(at, title) < 0.5):
                end = at
                break
        while end - start > 2 and likely[end - 1] < 0.1 and self._begins_a_word(end - 1):
            end -= 1
        while end > start and text[end - 1] in PARTICLES and likely[end - 1] < (0.3 if end - start > 3 else 0.06):
            end -= 1
        while start < end and text[start] in PARTICLES and likely[start] < 0.3:
            start += 1
        if end - start > 2 and text[start] in PREPOSITIONS:
            start += int(self._begins[start + 1] > 0.3 or text[start + 1 : start + 3] in COMPOUND)
        if (
            end - start == 4
            and likely[end - 1] < 0.3
            and text[start] in COMMON
            and text[start : start + 2] not in COMPOUND
        ):
            end -= int(text[start + 2] not in SINGLE)
        return (start, end) if start < end else None

    def _begins_a_word(self, at: int) -> bool:
        """Say whether a character belongs to the word that follows rather than to the name before it."""
        return self._text[at] in TAILS or self._text[at : at + 2] in self._words

    def _grow(self, start: int, end: int) -> tuple[int, int]:
        """Complete a name whose surname is found, or one that lacks its surname."""
        text, likely = self._text, self._likely
        if start > 0 and text[start - 1 : start + 1] in COMPOUND:
            start -= 1
        surname = 2 if text[start : start + 2] in COMPOUND else int(text[start] in SINGLE)
        if surname:
            while end - start < surname + 2 and end < len(text) and _HAN.match(text[end]):
                if surname == 2 == end - start and text[end] not in PARTICLES and not title_at(text, end):
                    end += 1
                    continue
                if likely[end] < (EDGE if text[end] in PARTICLES else HINT) or title_at(text, end):
                    break
                if likely[end] < 0.1 and end - start >= 2 and self._begins_a_word(end):
                    break
                end += 1
        elif end - start <= 2 and start > 0 and text[start - 1] in SINGLE and likely[start - 1] >= HINT:
            start -= 1
        if text.startswith(DOCTRINE, end + 1) and _HAN.match(text[end]):
            end += 1
        return start, end


def _runs(joined: str, on: Array) -> list[tuple[int, int]]:
    """Give the runs of characters that are *on*; those that only joins part are one."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], on, [False]]).astype(np.int8)))
    runs: list[tuple[int, int]] = []
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if runs and start - runs[-1][1] <= 2 and all(char in f"{JOINS}—－-" for char in joined[runs[-1][1] : start]):
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((start, end))
    return runs


def _is_vetoed(text: str, start: int, end: int) -> bool:
    """Say whether something in or after the span speaks against a person; one character needs a title beside it."""
    alone = end - start == 1 and not (title_at(text, end) or (start > 0 and text[start - 1] in "老小阿"))
    return alone or (
        not NO_NAME.isdisjoint(text[start:end])
        or TERM.match(text, start) is not None
        or DOUBLED.match(text, start) is not None
        or AFTER.match(text, end) is not None
        or DRUG.search(text, max(start - 1, 0), end + 2) is not None
    )


def _logit(share: float) -> float:
    """Give the logarithm of the odds, short of certainty on both sides; sums of shares may pass 1 by rounding."""
    return math.log((share + 0.003) / (1.003 - share)) if share < 1 else _CERTAIN


_CERTAIN = math.log(1.003 / 0.003)


def places(joined: str, masses: Array, least: float) -> Iterator[Finding]:
    """Find places and organisations: runs of characters whose mass for either is at least *least*."""
    mass = masses[:, PLACE] + masses[:, ORGANISATION]
    for start, end in _runs(joined, mass >= least):
        while start > 0 and mass[start - 1] >= PLACE_EDGE and _HAN.match(joined[start - 1]):
            start -= 1
        first, last = _bounds(joined, start, end)
        if first < last and not (
            last - first <= 4 and (EPONYM.match(joined, last) or DRUG.search(joined, first, last + 2))
        ):
            place, organisation = masses[first:last, PLACE].sum(), masses[first:last, ORGANISATION].sum()
            kind = "LOCATION" if place >= organisation else "ORGANIZATION"
            yield Finding(first, last, kind, float(min(1.0, (place + organisation) / (last - first))))


def _bounds(joined: str, start: int, end: int) -> tuple[int, int]:
    while start < end and not joined[start].isalnum():
        start += 1
    while end > start and not (joined[end - 1].isalnum() or joined[end - 1] in ")）"):
        end -= 1
    return start, end
