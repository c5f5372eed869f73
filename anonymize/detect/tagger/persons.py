"""Persons out of the tagger's masses: where a name begins and ends, and how sure that is.

The tagger alone cuts rare names short (傅全有: 0.98, 0.86, 0.11) and takes titles along (江泽民主席). So a run of
characters that could belong to a name is trimmed at titles, grown to a whole name after a surname, and judged as a
whole: by the logarithm of its odds, with what its form says added to what the tagger says.
"""

import math
import re
from collections.abc import Collection, Iterator
from itertools import pairwise

import numpy as np

from anonymize.detect.findings import Finding
from anonymize.detect.persons.peoples import TRANSCRIBED
from anonymize.detect.persons.surnames import COMPOUND, SINGLE
from anonymize.detect.persons.titles import BEGIN_TITLES, PARTICLES, PREPOSITIONS, TAILS, title_at
from anonymize.detect.tagger.judging import judge, said
from anonymize.detect.tagger.runs import HAN, JOINS, LINKS, means, runs
from anonymize.detect.tagger.tagger import ORGANISATION, PERSON_BEGINS, PERSON_GOES_ON, PLACE
from anonymize.detect.tagger.wire import Array

EDGE = 0.02
"""Mass from which a character can belong to a name."""
HINT = 0.008
"""Mass from which the character after a surname can complete the name."""
FAINT = 0.25
"""Share of the likeliest character's mass below which one at the end of a long span does not belong to it."""
NEAR = 2
"""Characters between two names that stand beside each other."""
DOCTRINE = "主义"
"""What follows a whole name, and hides its last character from the tagger (达尔文主义)."""

LISTED, LONGEST = 5, 12
"""Characters from which a run may be a list of names, and those a name in one has at most."""
UNLIKE, _FORMS = -3.0, {1: -0.5, 2: 0.5}
"""What a name in a list gains or loses by its form: a known surname and one or two characters, or anything else."""

_RUN = re.compile(rf"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af〇{LINKS[:-1]}\-]+")
_JOINS, _LINKS = frozenset(JOINS), frozenset(LINKS)
_FIRST_OF_NONE = PARTICLES | (TAILS - SINGLE)
_AND = frozenset("胜负对比约访")
"""What stands between two names and belongs to neither."""
_ENDS_NONE = PARTICLES | TAILS | _AND


def persons(joined: str, masses: Array, words: Collection[str]) -> Iterator[Finding]:
    """Find persons in *joined* by the *masses* of its characters; the score is the judged probability.

    *words* are common words of two characters: a name seldom ends in the first of one.
    """
    likely = masses[:, PERSON_BEGINS] + masses[:, PERSON_GOES_ON]
    found = runs(joined, likely >= EDGE)
    if not found:
        return
    names = _Names(joined, masses, likely, words)
    spans = names.filled([span for start, end in found for span in names.spans(start, end)])
    if not spans:
        return
    starts, ends = np.array(spans).T
    mean = means(likely, starts, ends)
    near = np.concatenate([[0.0], np.where(starts[1:] - ends[:-1] <= NEAR, 1.0, 0.0), [0.0]])
    beside = np.maximum(np.append(0.0, mean[:-1]) * near[:-1], np.append(mean[1:], 0.0) * near[1:])
    odds = said(mean, means(masses[:, PLACE] + masses[:, ORGANISATION], starts, ends), beside)
    for (start, end), by_tagger in zip(spans, odds.tolist(), strict=True):
        yield Finding(start, end, "PERSON", judge(joined, start, end, words, by_tagger))


class _Names:
    """The names in one text."""

    def __init__(self, text: str, masses: Array, likely: Array, words: Collection[str]) -> None:
        self._text, self._words = text, words
        self._likely = likely.data  # read one by one: ten times as fast as from the array
        self._begins = np.ascontiguousarray(masses[:, PERSON_BEGINS]).data

    def mean(self, start: int, end: int) -> float:
        """Give the mean mass of the characters of a span."""
        return math.fsum(self._likely[start:end]) / (end - start)

    def spans(self, start: int, end: int) -> list[tuple[int, int]]:
        """Part a run into names, each trimmed and grown."""
        found = []
        for part in _RUN.finditer(self._text, start, end):
            first, last = part.span()
            while first < last and not HAN.match(self._text, first):
                first += 1
            while last > first and not HAN.match(self._text, last - 1):
                last -= 1
            pieces = list(self._split(first, last)) if last - first > 3 else [(first, last)] * (first < last)
            for at, piece in enumerate(pieces, 1):
                span = self._trim(*piece)
                if span and len(pieces) == 1:
                    span = self._peeled(*span)
                if span:
                    found.append(self._grow(*span, pieces[at][0] if at < len(pieces) else len(self._text)))
        return found

    def filled(self, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """Give the one character between two names that follow each other to the first, if that lacks one."""
        text = self._text
        for at, ((start, end), (begin, _)) in enumerate(pairwise(spans)):
            if begin - end != 1 or not HAN.match(text, end):
                continue
            short = end - start in (2, 4, 5) and text[end - 2] in SINGLE and text[end - 2 : end] not in COMPOUND
            listed = at > 0 and spans[at - 1][1] == start
            if short and text[end] not in (_AND if listed else _ENDS_NONE):
                spans[at] = (start, end + 1)
        return spans

    def _split(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Part names that follow each other without a sign, where the tagger sees another one begin."""
        if end - start >= LISTED and self.mean(start, end) >= 0.5 and _JOINS.isdisjoint(self._text[start:end]):
            yield from self._listed(start, end)
            return
        first = start
        for at in range(start + 2, end - 1):
            begins = self._begins[at] > max(self._likely[at] / 2, 0.4)
            if begins and at - first >= 2 and self._text[at - 1] not in JOINS:
                yield first, at
                first = at
        if first < end:
            yield first, end

    def _listed(self, start: int, end: int) -> list[tuple[int, int]]:
        """Part a list of names without signs into the likeliest names, as the tagger and the surnames have it."""
        text = self._text
        begins = [math.log(mass + 0.01) for mass in self._begins[start:end]]
        both = zip(self._likely[start:end], self._begins[start:end], strict=True)
        goes_on = [math.log(max(likely - begun, 0.0) + 0.01) for likely, begun in both]
        best = [(0.0, 0), *[(-math.inf, 0)] * (end - start)]
        for at in range(end - start):
            odds, size = best[at][0] + begins[at], 2 if text[start + at : start + at + 2] in COMPOUND else 1
            known = size == 2 or text[start + at] in SINGLE
            for last in range(at + 1, min(at + LONGEST, end - start) + 1):
                odds += goes_on[last - 1] if last > at + 1 else 0.0
                given = 2 if last == end - start and last - at - size == 1 else last - at - size  # it may go on
                form = _FORMS.get(given, UNLIKE) if known else UNLIKE
                best[last] = max(best[last], (odds + form, at))
        spans, last = [], end - start
        while last:
            first = best[last][1]
            spans.append((start + first, start + last))
            last = first
        return spans[::-1]

    def _trim(self, start: int, end: int) -> tuple[int, int] | None:
        """Take titles and particles off both ends."""
        text, likely = self._text, self._likely
        for before in range(3, -1, -1):
            at = max(start - before, 0)
            if text[at : at + 1] in BEGIN_TITLES and start < (title := title_at(text, at)) <= end:
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
        while start < end and text[start] in _FIRST_OF_NONE and likely[start] < 0.3:
            start += 1
        if end - start > 2 and text[start] in PREPOSITIONS:
            start += int(self._begins[start + 1] > 0.3 or text[start + 1 : start + 3] in COMPOUND)
        return (start, end) if start < end else None

    def _peeled(self, start: int, end: int) -> tuple[int, int]:
        """Take off both ends of a long span what is far less likely than the rest of it; a list of names is none."""
        text, likely, size = self._text, self._likely, end - start
        surname = 2 if text[start : start + 2] in COMPOUND else int(text[start] in SINGLE)
        whole = surname + 2 if surname else 3
        if not whole < size <= whole + 2 or not _LINKS.isdisjoint(text[start:end]):
            return start, end
        least = FAINT * max(likely[start:end])
        while end - start > whole and likely[end - 1] < least and (surname or text[end - 1] not in TRANSCRIBED):
            end -= 1
        while end - start > 3 and likely[start] < least and text[start] not in TRANSCRIBED:
            start += 1
        return start, end

    def _begins_a_word(self, at: int) -> bool:
        """Say whether a character belongs to the word that follows rather than to the name before it."""
        return self._text[at] in TAILS or self._text[at : at + 2] in self._words

    def _grow(self, start: int, end: int, limit: int) -> tuple[int, int]:
        """Complete a name whose surname is found, or one that lacks its surname; the next one begins at *limit*."""
        text, likely = self._text, self._likely
        if start > 0 and text[start - 1 : start + 1] in COMPOUND:
            start -= 1
        surname = 2 if text[start : start + 2] in COMPOUND else int(text[start] in SINGLE)
        if surname:
            while end - start < surname + 2 and end < limit and HAN.match(text, end):
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
        if end - start >= 2 and end < limit and HAN.match(text, end) and text[end] not in _ENDS_NONE:
            end += int(text.startswith(DOCTRINE, end + 1) or title_at(text, end) == 0 < title_at(text, end + 1))
        return start, end
