"""How likely a span is a person: what the tagger says of it, and what its form and its neighbours say.

The probability is that of a logistic regression; only what the plan's threshold lets through is a finding.
"""

import math
from collections.abc import Collection
from functools import cache, lru_cache

import numpy as np

from anonymize.data import facts
from anonymize.detect.persons.medicine import is_brand, is_eponym, is_taken
from anonymize.detect.persons.surnames import COMMON, COMPOUND, SINGLE
from anonymize.detect.persons.titles import title_at
from anonymize.detect.persons.vetoes import AFTER, DOUBLED, DRUG, NO_NAME, TERM
from anonymize.detect.tagger.characters import any_name, foreign, given_name, is_everyday, written
from anonymize.detect.tagger.runs import HAN, JOINS
from anonymize.detect.tagger.wire import Array

BASE, MASS, ELSEWHERE, SINGLE_CHARACTER, TWO, THREE = -1.39, 0.83, -0.24, -1.52, -0.28, -0.08
SURNAME, EVERYDAY_SURNAME, ENDS_LIKE_A_PLACE, BESIDE_ANOTHER, JOINED, GOES_ON = 0.82, 0.4, -0.41, 0.14, 1.98, 0.24
GIVEN, OTHER, FOREIGN, LONG_AND_FOREIGN = 0.28, 0.38, 0.46, 1.03
IS_A_WORD, ENDS_WITHIN_A_WORD = -0.66, -0.59
"""Weights of the judgement: a logistic regression on half of two public news sets (MSRA, People's Daily) and on
sentences of our own, with diseases and citizens' messages as counter-examples; rounded. Other halves measured it."""

OPENS, OPENING = -1.8, frozenset("任于向何和后连年都所")
"""Weight of a first character that is a surname, and far more often a word that leads to something (历任工程师)."""
ABROAD = -3.0
"""Weight of being a country or a great city (`data/world_places.csv`), alone or with one more character (肯尼亚队)."""
MEDICAL = -8.0
"""Weight of being a drug or an eponym (see `medicine`): these look like foreign names."""
HOPELESS = -4.0
"""Odds below which nobody asks for a person: what speaks against one need not be looked for."""
PLAIN = 6.0
"""Odds, with what its characters say, from which a name is somebody's whatever medicine stands before or after it."""
VETOED = -5.0
"""Weight of a sign that this is nobody's name (see `vetoes`): only a sure name withstands it."""
PLACE_ENDS = frozenset("路村镇乡县区街桥河湖山岭冲塘坝湾组苑园城府广小站号店铺线段族家队杯省市州国洋海岛峰寺庙")
KEPT = 1 << 16
"""Names whose form is remembered: what looks like one and is none comes again and again."""
_JOINS, _SIZES = frozenset(JOINS), {1: SINGLE_CHARACTER, 2: TWO, 3: THREE}


def said(mean: Array, elsewhere: Array, beside: Array) -> Array:
    """Give the odds that the tagger gives each span.

    *mean* and *elsewhere* are the mean masses of its characters, for a person and for a place or an organisation;
    *beside* is the mean of the surer neighbour, 0 without one.
    """
    found: Array = BASE + MASS * _logit(mean) + ELSEWHERE * _logit(elsewhere) + BESIDE_ANOTHER * _logit(beside)
    return found


def judge(text: str, start: int, end: int, words: Collection[str], odds: float) -> float:
    """Give the probability that the characters of *text* from *start* to *end* are a person.

    *odds* are those of the tagger; *words* are common words of two characters.
    """
    name = text[start:end]
    odds += _form(name)
    if len(name) == 2 and name in words:
        odds += IS_A_WORD
    if HAN.match(text, end):
        odds += GOES_ON + (ENDS_WITHIN_A_WORD if text[end - 1 : end + 1] in words else 0.0)
    if odds < HOPELESS:
        return 1 / (1 + math.exp(-odds))
    plain = is_everyday(name) and odds + written(name) >= PLAIN
    if is_brand(text, start, end) or is_eponym(text, start, end) or (not plain and is_taken(text, start, end)):
        odds += MEDICAL
    if _is_vetoed(text, start, end) or (not plain and AFTER.match(text, end)):
        odds += VETOED
    return 1 / (1 + math.exp(-odds))


@lru_cache(KEPT)
def _form(name: str) -> float:
    """Weigh what *name* is by itself: its characters, and whether it looks like a place."""
    odds = _SIZES.get(len(name), 0.0) + _written(name)
    if name in _abroad() or name[:-1] in _abroad():
        odds += ABROAD
    if name[0] in OPENING:
        odds += OPENS
    if name[-1] in PLACE_ENDS:
        odds += ENDS_LIKE_A_PLACE
    return odds if _JOINS.isdisjoint(name) else odds + JOINED


def _written(name: str) -> float:
    """Weigh the characters of *name*: a surname with a given name, or anything else."""
    size, compound = len(name), name[:2] in COMPOUND
    surname = 1 + compound if compound or name[0] in SINGLE else 0
    odds = FOREIGN * (share := foreign(name))
    if size > 3 or (size == 3 and not surname):
        odds += LONG_AND_FOREIGN * share
    if not surname:
        return odds + OTHER * any_name(name)
    if surname < size <= surname + 2:
        odds += GIVEN * given_name(name[surname:])
    return odds + SURNAME + (EVERYDAY_SURNAME if 2 <= size <= 3 and name[0] in COMMON else 0.0)


@cache
def _abroad() -> frozenset[str]:
    return frozenset(row["name"] for row in facts("world_places.csv"))


def _is_vetoed(text: str, start: int, end: int) -> bool:
    """Say whether something in the span speaks against a person; one character needs a title beside it."""
    alone = end - start == 1 and not (title_at(text, end) or (start > 0 and text[start - 1] in "老小阿"))
    return alone or (
        not NO_NAME.isdisjoint(text[start:end])
        or TERM.match(text, start) is not None
        or DOUBLED.match(text, start) is not None
        or DRUG.search(text, max(start - 1, 0), end + 2) is not None
    )


def _logit(share: Array) -> Array:
    """Give the logarithm of the odds, short of certainty on both sides; sums of shares may pass 1 by rounding."""
    share = np.minimum(share, 1.0)
    found: Array = np.log((share + 0.003) / (1.003 - share))
    return found
