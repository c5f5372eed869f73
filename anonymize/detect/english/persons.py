"""Persons in English text: what the model calls one, and runs of capitalised words that no dictionary explains.

The model knows names of its own country best. What it calls an organisation or a place is often a name it never met:
so a run of proper nouns with a name, or with a word nobody knows, is a person too, less surely; unless something in
it speaks for a body, a street or a day.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from anonymize.detect.english.tokens import BEFORE, BEHIND, BODIES, DAYS, LETTER, PARTICLES, TITLES, Token
from anonymize.detect.english.vetoes import AFTER
from anonymize.detect.english.words import Words
from anonymize.detect.findings import Finding

MODEL, NAMES, MIXED, STRANGE, LONE, ELSEWHERE, HARDLY = 0.9, 0.6, 0.4, 0.2, 0.1, 0.06, 0.02
"""Scores: the model says so; all are names; a name among others; strangers; one alone; taken for something else;
the model says so of everyday words."""
_LEADING = PARTICLES - frozenset({"le", "dos", "al", "el", "ten", "y", "e", "und", "af"})
"""What a name may begin with in lower case."""
_STOPS = frozenset('.!?:"“”•*-–—')
_TITLED = re.compile(r"(?:Mr|Mrs|Ms|Miss|Dr|Prof)\.?\s$")
_LIST_BEFORE, _LIST_AFTER = re.compile(r"(?:,\s?|,? (?:and|or|&) )$"), re.compile(r",\s?|,? (?:and|or|&) ")
_HARD = frozenset({"DATE", "TIME", "MONEY", "PERCENT", "QUANTITY", "ORDINAL", "CARDINAL", "LANGUAGE", "LAW", "EVENT"})
_OTHERS = frozenset({"ORG", "PRODUCT", "WORK_OF_ART", "NORP"})
"""What the model takes a given name for that is a word as well."""
_PLACES = frozenset({"GPE", "LOC", "FAC"})
_PARTS = re.compile(r"[\n,;:&/|]|^\s")


def persons(doc: Any, known: Words) -> Iterator[Finding]:
    """Find persons in a text the model has read; the score says how sure we are."""
    tokens, first, text = [], True, doc.text
    for token in doc:
        tokens.append(Token(token, known, first=first))
        first = token.text in _STOPS or "\n" in token.text
    entities = (tokens[e.start : e.end] for e in doc.ents if e.label_ == "PERSON")
    found = [finding for entity in entities for finding in _trimmed(entity, _believed(entity))]
    runs = list(_runs(tokens))
    found += [finding for run in runs for finding in _judged(run)]
    found += _small(tokens)
    found = [finding for finding in found if not _is_vetoed(text, finding)]
    yield from found
    yield from _beside(text, runs, found)


def _small(tokens: Sequence[Token]) -> Iterator[Finding]:
    """Find a given and a family name typed in small letters, both in no dictionary."""
    for first, last in pairwise(tokens):
        known = first.bears[0] and last.bears[1] and not (first.ordinary or last.ordinary)
        if known and not (first.capital or last.capital) and last.start == first.end + 1:
            yield Finding(first.start, last.end, "PERSON", MIXED)


def _runs(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """Give the runs of capitalised words, with the particles among and before them."""
    run: list[Token] = []
    for token in tokens:
        if run and not _goes_on(run, token):
            if any(word.capital for word in run):
                yield run
            run = []
        if run or token.capital or token.low in _LEADING:
            run.append(token)
    if any(word.capital for word in run):
        yield run


def _believed(entity: Sequence[Token]) -> float:
    """Give the score of what the model calls a person: little where every word of it is in a dictionary."""
    return MODEL if any(word.name or not word.ordinary for word in entity if word.capital) else HARDLY


def _is_vetoed(text: str, finding: Finding) -> bool:
    """Say whether a disease, a drug or a test is meant, unless a title or a given name stands before."""
    name = text[finding.start : finding.end]
    if " " in name or _TITLED.search(text, max(0, finding.start - 8), finding.start):
        return False
    return AFTER.match(text, finding.end) is not None


def _beside(text: str, runs: Sequence[list[Token]], found: Sequence[Finding]) -> Iterator[Finding]:
    """Find single names that stand in one list with persons: whoever is listed with persons is one."""
    ends, starts = {f.end for f in found}, {f.start for f in found}
    alone = [one for run in runs if len(capitals := [token for token in run if token.capital]) == 1 for one in capitals]
    for token in [*alone, *reversed(alone)] if found else ():
        if token.name and token.proper and token.label not in _HARD and token.end not in ends:
            before = _LIST_BEFORE.search(text, max(0, token.start - 6), token.start)
            after = _LIST_AFTER.match(text, token.end)
            beside = (before is not None and before.start() in ends) + (after is not None and after.end() in starts)
            if beside > (token.label in _PLACES):
                ends.add(token.end)
                starts.add(token.start)
                yield Finding(token.start, token.end, "PERSON", LONE)


def _goes_on(run: Sequence[Token], token: Token) -> bool:
    """Say whether *token* can go on with the name in *run*: capitalised, a particle, or the dot of an initial."""
    gap = token.start - run[-1].end
    if gap > 1 or "\n" in token.text or run[-1].low in DAYS or token.small:
        return False
    if token.text in "-’'." and gap == 0:
        return len(run[-1].text) == 1 or token.text != "."
    return token.capital or (token.low in PARTICLES and run[-1].text not in "-.")


def _judged(run: list[Token]) -> Iterator[Finding]:
    """Give the run as a person, with its score, if it can be one."""
    while run and (run[0].low.rstrip(".") in TITLES or not (run[0].capital or run[0].low in _LEADING)):
        run = run[1:]
    while run and not run[-1].capital:
        run = run[:-1]
    while len(run) > 1 and run[0].first and run[0].leads and not run[0].name:
        run = run[1:]
    words = [token for token in run if token.capital and not token.initial]
    if not words or _is_another(words):
        return
    acronyms = [t for t in words if t.text.isupper() and 2 <= len(t.text) <= 5 and not t.name]
    names = [token for token in words if token.name and not token.ordinary]
    strange = [t for t in words if not t.name and not t.ordinary and t not in acronyms]
    if not names and not strange:
        if all(word.proper for word in words) and words[0].bears[0] | words[0].bears[1]:
            taken = words[0].label and not (words[0].bears[0] and words[0].label in _OTHERS)
            alone = len(words) == len(run) == 1 and not taken
            if alone or (len(words) > 1 and words[0].bears[0] and words[-1].bears[1]):
                yield from _trimmed(run, ELSEWHERE)
        return
    if len(names) == len(words) and len(run) > 1:
        score = NAMES
    elif names:
        score = MIXED
    elif len(strange) == len(words) > 1:
        score = STRANGE
    else:
        score = LONE
    if any(token.label and token.label != "PERSON" for token in words):
        score = min(score, LONE if names else ELSEWHERE)
    yield from _trimmed(run, score)


def _is_another(words: Sequence[Token]) -> bool:
    """Say whether a word speaks for a body, a street, a day; a family may be called by one after a given name."""
    if len(words) == 2 and words[0].bears[0] and words[1].bears[1] and words[1].label not in _HARD:
        return False
    called = any(word.bears[0] and not word.ordinary for word in words)
    hard = (word for word in words if word.label in _HARD and not word.name)
    return any(word.low.rstrip(".") in BODIES for word in words) or any(word.ordinary or not called for word in hard)


def _trimmed(run: Sequence[Token], score: float) -> Iterator[Finding]:
    """Take titles, signs and possessives off both ends of *run*, and part it at commas and line ends."""
    part: list[Token] = []
    for token in [*run, None]:
        if token is not None and not _PARTS.search(token.text):
            part.append(token)
            continue
        while part and _is_before(part):
            part = part[1:]
        while part and _is_after(part[-1]):
            part = part[:-1]
        if part and (len(part) == len(run) or any(w.name or not w.ordinary for w in part if w.capital)):
            yield Finding(part[0].start, part[-1].end, "PERSON", score)
        part = []


def _is_after(word: Token) -> bool:
    """Say whether the last word is none of the name: a sign, a possessive, or an everyday word in small letters."""
    if word.low in BEHIND or word.text == "I" or not LETTER.match(word.text):
        return True
    return not word.capital and word.ordinary and not word.name and word.low not in PARTICLES


def _is_before(part: Sequence[Token]) -> bool:
    """Say whether the first word leads to a name: a title, a sign, or the everyday word that begins a sentence."""
    word = part[0]
    if word.low in BEFORE or word.low.rstrip(".") in TITLES or not LETTER.match(word.text):
        return True
    return word.first and word.leads and any(other.capital for other in part[1:])
