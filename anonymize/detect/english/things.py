"""Capitalised words that are no person by where they stand: after `in`, before a street's kind, in a list of towns.

Nobody can list all towns, firms and works. But hardly ever is a person what something is *in*, *near* or *across*; and
what ends like a street, a hall or a company is one. Where English says so of persons all the same is few words:
`believe in`, `look at`, `in Smith et al.`; and in notes a disease is in somebody.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from anonymize.detect.english.clinic import signs
from anonymize.detect.english.names import LIKELY, SURE
from anonymize.detect.english.persons import MODEL
from anonymize.detect.english.places import STREETS
from anonymize.detect.english.tokens import BODIES
from anonymize.detect.english.words import Words
from anonymize.detect.findings import Finding, outside

_MORE_TEXT = (
    "infirmary mosque cathedral temple chapel abbey castle palace stadium arena oval hall room ward wing house inn pub "
    "lounge cafe café bakery pharmacy supermarket store stores shop market mall plaza bridge tunnel terminal depot "
    "harbour plc gmbh holdings logistics motors industries pharmaceuticals airlines airways insurance partners "
    "academy parish borough province peninsula valley desert refinery brewery cruise express nagar "
)
_KINDS = BODIES | STREETS | frozenset(_MORE_TEXT.split())
"""What a street, a building, a body or a stretch of land ends with."""
_ADDRESSED = frozenset(("apt", "apartment", "suite", "floor", "box", "building", "unit"))
"""What goes on with an address after a name."""
_LEGAL = re.compile(r",? (?:Ltd|Inc|LLC|LLP|PLC|plc|GmbH|Corp|Pty|S\.A)\b")
_CODE = re.compile(r" [A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}(?![A-Za-z])")
"""A British postal code, which stands behind a town."""
_FIRST = re.compile(
    r"(?:Lake|Mount|Mt|Fort|Port|Cape|San|Santa|Los|Las|Hurricane|Cyclone|Typhoon|Hotel|Plaza|Calle|Banco|Saint|St)\.? "
)
_FIRST_BEFORE = re.compile(
    r"(?<![\w.])(?:(?:Lake|Mount|Mt|Fort|Cape|Hurricane|Cyclone|Typhoon|Hotel|Calle)|"
    r"(?:University|County|City|Port|Bank|Bay|Gulf) of) $"
)
"""What stands first in the name of a place or a body."""
_IN = re.compile(r"(?<![\w'’\-])(?P<p>in|across|throughout|within|near|at|inside|aboard) $", re.IGNORECASE)
_WHERE = re.compile(
    r"(?<![\w'’\-])(?:to|from|of|between|into|through|via|toward|towards|behind|outside) $", re.IGNORECASE
)
"""What stands before a place, and before persons too."""
_AT_SOMEBODY = re.compile(
    r"\b(?:look|star|shout|yell|scream|swear|swor|smil|laugh|wav|glanc|glar|gaz|point|aim|shot|shoot|fir|nod|wink|snap|bark|"
    r"angry|mad|furious|upset|annoy|cross|livid|direct|lung|thr[eo]w|swung|swing)\w*(?: \w+)? $",
    re.IGNORECASE,
)
_IN_SOMEBODY = re.compile(
    r"\b(?:believ|trust|faith|confid|interest|disappoint|see|saw|invest|find|found|involv|loop|cop[yi]|cc|bring|brought|fill|"
    r"rop|call|let|check|sign|book|pencil|put|love|keep)(?:\w+|['’]\w+)?(?: \w+)? $",
    re.IGNORECASE,
)
"""What one does *at* somebody, and *in*."""
_CITED = re.compile(r"['’]s(?![a-z])| et al| vs?\.? ")
"""What stands behind a name in a citation, or behind whose something is."""
_ARTICLE = re.compile(r"(?<![\w'’\-])(?:[Tt]he|[Aa]n|a) $")
"""An `A` may be an initial."""
_OF = re.compile(r" of (?=[A-Z])")
"""What stands behind an everyday word at the head of a sentence: Bill of Lading."""
_CLAUSE = re.compile(r" (?:is|was|are|were|has|had|will|of)(?![a-z])")
"""What stands behind an everyday word with an article: the Bill is paid."""
_HEAD = re.compile(r"(?:\A|[.!?:]\s+|\n\s*)$")
_NEXT = re.compile(r" (?P<w>[^\W\d_]+)(?!\w)")
_JOIN = re.compile(r", (?:and |or )?| (?:and|or|to) |/")
_ON = re.compile(r"(?<![\w'’\-])on $", re.IGNORECASE)
_LOW = re.compile("[a-z]+")

_TITLED = re.compile(
    r"(?<![A-Za-z])(?:Mrs?|Ms|Mx|Miss|Drs?|Doctor|Prof|Professor|Nurse|Judge|Officer|Sir|Lady|Lord|Rev|Captain|Capt|Sgt|PC|"
    r"Detective|Inspector|Uncle|Aunt|Mayor|Justice|Patient|Pt)\.? $",
    re.IGNORECASE,
)
_DAYS_TEXT = (
    "january february march july september october november december monday tuesday wednesday thursday friday saturday "
    "sunday christmas easter thanksgiving ramadan diwali hanukkah halloween "
)
_DAYS = frozenset(_DAYS_TEXT.split())
Span = tuple[int, int]
Spans = dict[Span, str]


def without_things(
    cased: str,
    folded: str,
    findings: Iterable[Finding],
    others: Sequence[Finding],
    formed: Sequence[Finding],
    known: Words,
) -> list[Finding]:
    """Leave those of *findings* that where they stand makes a place, a body or a thing.

    *cased* is *folded* with capitals on names alone; *others* are what the model takes for places and bodies. Whom the
    form of the text names (*formed*) is somebody.
    """
    everybody = list(findings)
    if not everybody:
        return everybody
    waiting = outside(everybody, formed)
    taken = {(one.start, one.end): one.type for one in others}
    gone = {one[:2] for one in waiting if _is_thing(cased, folded, one, taken, known)}
    gone |= _listed(cased, waiting, gone, taken, known) if taken else set()
    return [one for one in everybody if one[:2] not in gone]


def _is_thing(text: str, folded: str, one: Finding, taken: Spans, known: Words) -> bool:
    """Say whether where *one* stands makes it a thing; whoever has a title is somebody."""
    start, end, _, score = one
    if _LEGAL.match(folded, end) or _CODE.match(folded, end):
        return True
    if score == SURE or _TITLED.search(text, max(0, start - 12), start):
        return False
    lows = [word.lower().rstrip(".") for word in text[start:end].split(" ")]
    label, article = taken.get((start, end)), _ARTICLE.search(text, max(0, start - 6), start)
    within = _IN.search(text, max(0, start - 12), start)
    placed = bool(within or article or _ON.search(text, max(0, start - 4), start))
    if len(lows) > 1 and known.is_name(lows[0]) and text[max(0, start - 2) : start] == ": ":
        return False
    day = lows[-1] == "christmas" or (len(lows) == 1 and lows[0] in _DAYS)
    if day or _is_kind(folded, one, lows, known, placed=placed):
        return True
    if _FIRST_BEFORE.search(text, max(0, start - 16), start) or (len(lows) > 1 and label and _FIRST.match(text, start)):
        return True
    if within:
        return not _CITED.match(text, end) and _is_place(text, folded, one, lows, within, label is not None, known)
    if len(lows) > 1:
        return False
    if label == "LOCATION" and score <= LIKELY and lows[0] in known.nouns and not known.is_name(lows[0]):
        return _WHERE.search(text, max(0, start - 12), start) is not None
    if not known.is_common(lows[0]):
        return False
    if article:
        return _CLAUSE.match(text, end) is not None
    return _OF.match(text, end) is not None and _HEAD.search(text, max(0, start - 3), start) is not None


def _is_place(
    text: str, folded: str, one: Finding, lows: Sequence[str], before: re.Match[str], taken: bool, known: Words
) -> bool:
    """Say whether what stands after `in` or `at` is a place.

    It is none after what one does in or at somebody, nor in a note, nor where a house or a room is somebody's, with the
    apostrophe left out (at kevins house).
    """
    called = lows[0] in known.given
    if called and len(lows) > 1 and lows[-1] in known.family and not (taken and one.score <= LIKELY):
        return False
    does = _AT_SOMEBODY if before["p"].lower() == "at" else _IN_SOMEBODY
    if does.search(text, max(0, before.start() - 24), before.start()):
        return False
    if not taken and (called or one.score >= MODEL):
        return False
    if lows[0].endswith("s") and (lows[0][:-1] in known.given or folded[one.start].islower()):
        return False
    if before["p"].lower() in ("near", "at", "inside", "aboard"):
        return not (called and before["p"].lower() == "near")
    return not signs(_LOW.findall(text.lower()))


def _is_kind(folded: str, one: Finding, lows: Sequence[str], known: Words, *, placed: bool) -> bool:
    """Say whether the last word, or the next one, is a kind of street, building or body."""
    last, called = lows[-1], len(lows) > 1 and lows[0].removesuffix("s") in known.given
    if len(lows) > 1 and last in _KINDS and not (called and folded[one.start : one.end].islower()):
        longer = len(lows) > 2 and (known.is_name(lows[0]) or known.is_name(lows[1]))
        plain = last not in known.family and not longer and (last in BODIES or not (called or one.score > LIKELY))
        if plain or placed:
            return True
    after = _NEXT.match(folded, one.end)
    low = after["w"].lower() if after else ""
    if after is None or low not in _KINDS or low in _ADDRESSED or ((called or low in known.family) and not placed):
        return False
    typed = folded[one.start : after.end()]
    if typed.isupper() or typed.islower():
        return placed and not known.is_common(low)
    return after["w"][0].isupper() and not after["w"].isupper()


def _listed(text: str, findings: Sequence[Finding], gone: set[Span], taken: Spans, known: Words) -> set[Span]:
    """Give what the model calls a place or a body beside a place in one list, and the two families of a firm."""
    found: set[Span] = set()
    persons = {one[:2] for one in findings if one.score <= LIKELY}
    nouns = {s for s in taken if taken[s] == "LOCATION" and text[s[0] : s[1]].lower() in known.nouns}
    spans = sorted({*taken, *gone})
    sure = gone | (nouns - persons)
    pairs = [(a, b) for a, b in pairwise(spans) if _JOIN.fullmatch(text, a[1], b[0])]
    for one, other in [*pairs, *((b, a) for a, b in reversed(pairs))]:
        if one in sure and other in nouns:
            sure |= {one, other}
            found |= {one, other}
    for start, end in taken:
        first, sign, second = text[start:end].partition(" & ")
        both = {first.lower(), second.lower()}
        if sign and (first == second or (both <= known.family and not both <= known.given)):
            found |= {one for one in persons if start <= one[0] and one[1] <= end}
    return found & persons
