"""Who is named in clinical notes, where most of what looks like a name is a word of medicine.

What is written like a Chinese name is weighed there by what stands around it (see `within`): nothing need introduce
who is named. What is written like a foreign name is a sign, a drug, an operation or an instrument, whatever it is
called, unless a role or a title stands beside it: new brands need no list.
"""

import math
import re
from functools import cache

from anonymize.data import facts
from anonymize.detect.findings import Finding
from anonymize.detect.persons.beside import ACTS, LISTED, SEX, is_named
from anonymize.detect.persons.clinic import is_clinical
from anonymize.detect.persons.titles import title_at
from anonymize.detect.persons.within import is_plain, likeliest
from anonymize.detect.recall import BALANCED
from anonymize.detect.tagger.characters import is_everyday

SURE = 0.97
"""Chance from which a name of everyday form is one whatever stands around it."""
LEAST, DIAL = -0.2, 0.5
"""Odds, as a natural logarithm, from which a Chinese name in a note is one; how far the plan's recall moves them."""
CUE, FAINT = 2.0, 0.4
"""How much less is asked of what a cue shows, and how much more of what the tagger saw but faintly."""
AGAINST = 8.0
"""Odds that speak against what is not written like a Chinese name."""

LONG = 5
"""Characters of the longest name of another people that may begin like a Chinese one (乌云其木格)."""
_BODY = re.compile(
    "医院|卫生|中心|大[学厦]|学院|公司|集团|委员|[省市县区镇乡村街路院校所站会厂店社国州]|局(?!部)|"
    "(?<![局头面颈胸背腰腹臀手足根底])部"
)
"""What the name of a place or an organisation holds, or what follows it."""
SHORT = 10
"""Characters of the longest word that is taken for a place."""
_TOWARDS = re.compile("(?:[在到至去从往赴于住]|来自|前往|籍贯|外院)$")
"""What leads to a place."""


def is_likely(text: str, finding: Finding, least: float) -> bool:
    """Say whether a person that the tagger found is looked at: in clinical notes that is anybody."""
    return finding.score >= least or is_clinical(text, finding.start, finding.end)


def noted(text: str, finding: Finding, least: float) -> Finding | None:
    """Give the person in what the tagger found, or none where it is a word of the clinical notes around it.

    *least* is the chance from which a finding counts in other text.
    """
    start, end, kind, score = finding
    name, likely = text[start:end], finding if score >= least else None
    if score >= SURE and is_plain(name):
        return likely
    if not is_clinical(text, start, end):
        return likely
    known = likely if not is_everyday(name) and is_known(text, finding, least) else None
    best = likeliest(text, finding)
    asked = LEAST + DIAL * (_odds(least) - _odds(BALANCED.person)) + (0 if likely else FAINT)
    if best is None or best[0] < asked:
        return known
    if known and start == best[1] and best[2] + 1 < end <= start + LONG:
        return known
    return Finding(best[1], best[2], kind, max(score, least, 1 / (1 + math.exp(-best[0]))))


def is_known(text: str, finding: Finding, least: float) -> bool:
    """Say whether a name that is not written like a Chinese one is somebody's: it is very sure, or introduced."""
    return _odds(finding.score) - AGAINST >= _odds(least) or is_introduced(text, finding.start, finding.end)


def shown(text: str, cue: Finding) -> Finding | None:
    """Give whom a cue shows, within the bounds that a clinical note around it gives, or none where it is a word."""
    dotted = "·" in text[cue.start : cue.end]
    best = likeliest(text, cue) if not dotted and is_clinical(text, cue.start, cue.end) else None
    if best is None or best[1] < cue.start:
        return cue
    return Finding(best[1], best[2], cue.type, cue.score) if best[0] >= LEAST - CUE else None


def _odds(chance: float) -> float:
    """Give the odds of a chance as a natural logarithm."""
    return math.log(max(chance, 1e-6) / max(1 - chance, 1e-6))


def is_introduced(text: str, start: int, end: int) -> bool:
    """Say whether a role or a title beside the span, or an act at the beginning of a sentence, speaks for a person."""
    before = text[max(0, start - 24) : start]
    if LISTED.search(before) or is_named(text, start) or is_named(text, start + 1) or title_at(text, end):
        return True
    acts = any(said.match(text, at) for said in (SEX, ACTS) for at in (end - 1, end))
    return acts and end - start <= 4 and (not before or before[-1] in "\n。；;！？ ")


@cache
def _places() -> frozenset[str]:
    """Give the names of China's places, in full and short, and of the world's countries and great cities."""
    china = {row["name"] for row in facts("gbt2260.csv")}
    short = {name[:-1] for name in china if len(name) > 2 and name[-1] in "省市县区"}
    return frozenset(china | short | {row["name"] for row in facts("world_places.csv")})


def is_no_place(text: str, finding: Finding) -> bool:
    """Say whether a place or an organisation that the tagger found is rather a word of the notes around it."""
    start, end = finding.start, finding.end
    if end - start > SHORT or text[start:end] in _places() or _BODY.search(text, start, min(end + 2, len(text))):
        return False
    return _TOWARDS.search(text[max(0, start - 4) : start]) is None and is_clinical(text, start, end)
