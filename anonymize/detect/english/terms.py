"""Which findings in English text are medical terms by what stands around them: Hodgkin lymphoma, Deauville 2.

Whoever has a title, or a given name or an initial beside the family name, is somebody; and so is whom a form names.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from anonymize.detect.english.clinic import acts, is_led, is_of_thing, names_thing, signs
from anonymize.detect.english.medical import Word, phrases
from anonymize.detect.english.names import SURE
from anonymize.detect.english.words import Words
from anonymize.detect.findings import Finding

_WORD = re.compile(r"[^\W\d_]\w*(?:-[A-Z]?\d\w*)?")
_SICK = re.compile(
    r"(?<![a-z])(?:mg|biops|chemo|tumou?r|diagnos|dos(?:e|age)|surg|cancer|histolog|patholog|allerg|lesion|nodule|margin|"
    r"smear|stain|symptom|nausea|catheter|drain|chronic|negative|retractor|wound|vaccin|meds|medication)",
    re.IGNORECASE,
)
"""What is written where patients are written about."""
_DISEASES = (
    r"diseases?|syndromes?|lymphoma|sarcoma|tumou?rs?|carcinoma|thyroiditis|palsy|chorea|contracture|anemia|o?esophagus|"
    r"scores?|scale|index|grad(?:e|ing)|criteria|classification|chromosome|reaction|sign|reflex|phenomenon|panel|"
    r"fundoplication|macroglobulinemia|malformation|transformation|dementia|encephalopathy|leukemia|cancer"
)
"""What is named after a person, and never said of one."""
_TOOLS = (
    r"stains?|smear|man(?:euver|oeuvre|euvre)|murmur|filter|conduit|neobladder|cannula|striae|elastic|trichrome|retractors?|"
    r"forceps|clamps?|trocars?|catheters?|drains?|needles?|mesh|pouch|stents?|incision|bod(?:y|ies)|cells?|tubes?|blade|"
    r"sutures?|tests?|procedure|operation|inventory|questionnaire|pump|valve|prosthesis|ligament|fascia|glands?|ducts?"
)
_THINGS = (
    rf"{_TOOLS}|nodes?|nodules?|rods?|corpuscles?|level|pattern|stage|staging|screening|class|category|types?|subtype|"
    r"thickness|depth|resection|repair|position|canal|cyst|hernia|ulcers?|fracture|virus|"
    r"infection|bacill(?:i|us)|method|protocol|regimen|rash|surgery|protein|antigen|factor|cream|[a-z]{4,}ectomy|excision|"
    r"lymphadenopathy|histology|areas?|lesions?|nomogram|antibod(?:y|ies)|marker|assay|biopsy|graft|plexus|sinus|"
    r"sphincter|triangle|loop|band|fib(?:er|re)s?|membrane|foramen|exam|examination|equation|formula|block|flap|shunt|"
    r"anastomosis|crisis|lobe|zone|clip|mutation|injections?|infusions?|tablets?|capsules?|therapy|toxicity|"
    r"reconstruction|bypass|technique|approach|device|reservoir|cautery|dressings?|lamp|monitor|vaccines?|solution|"
    r"diverticulum|carrier|trait|variant|agar|port|lines?|system|space|exercises?|stud(?:y|ies)|scan|imaging|flow|counts?|"
    r"conduction|criterion|rule|sequence|bundle|ring|arc|limb|tract|ganglion|vein|artery|ridge"
)
"""What an eponym, a brand or a device is followed by, and now and then a person."""
_FOUND = r"(?:negative|positive|equivocal|absent|normal|pending)(?:[.,;]|$)"
_STATE = (
    r"(?:negative|positive|absent|present|normal|equivocal|abnormal|pending|complete|unremarkable)"
    r"(?:\s(?:and|or)\s|[.,;:)]|$)|[IV]{1,4}[A-D]?(?!\w)|[A-D]\d?(?![\w.'’])|[A-D]\.$|"
    r"(?:[a-z]+ ){1,2}\d{1,3}(?=[.,;]|$)|"
    r"\d{1,3}(?:[.+/=:,;]|\s|$)(?!\s?(?:y|m|f|yo|years?|months?|days?)(?![a-z])|\s?\w+ (?:St|Street|Ave|Road|Rd))"
)
"""What is said of a test or a scale."""
_DISEASE = re.compile(
    rf"(?:[ \-]{{1,2}}(?:{_DISEASES})|['’]s (?:syndrome|sign|phenomenon|palsy|chorea|contracture|classification|"
    r"criteria|ligament|fascia|triangle|nodes?|line|law))(?![a-z])",
    re.IGNORECASE,
)
_OF_EPONYM = re.compile(rf"(?:['’]s)?[ \-]{{1,2}}(?:(?:{_DISEASES}|{_THINGS})(?![a-z])|{_STATE})", re.IGNORECASE)
_OF_UNKNOWN = re.compile(rf"[ \-]{{1,2}}(?:(?:{_THINGS})(?![a-z])|{_FOUND})", re.IGNORECASE)
_OF_NAME = re.compile(rf" (?:{_TOOLS})(?![a-z])| \d+ ?(?:m?c?g|units?)(?![a-z])|-\d+(?![\d:])|[ ]?\d\+\d")
_OF_PLACE = re.compile(
    r" (?:[a-z]+ )?(?:criteria|classification|scores?|scale|grad(?:e|ing)|stag(?:e|ing)|types?|class|category|"
    r"consensus|guidelines?|system|risk|model|index|definition|protocol|bowel prep|naming|0-I|[CM]\d|[A-C]\d|"
    r"(?-i:[IV]{1,4}(?!\w)))",
    re.IGNORECASE,
)
"""What is named after the town where it was agreed on: Milan criteria, Paris 0-IIa."""
_VALUE = re.compile(r" (?:(?:grade|type|class|stage) )?(?:[IVX]{1,4}[A-Da-d]?|\d{1,3}(?:[.+]\d+)?|[A-D]\d)(?=[.,;)]|$)")
"""The value of a scale, at the end of a clause; the scale begins one."""
_CLAUSE = re.compile(r"(?:\A|[.;:,]\s|\s(?:and|or)\s)$")
_DOSE = re.compile(
    r"\s?\d+(?:[.,]\d+)*\s?(?:mg|mcg|µg|ug|g|ml|units?|IU|%|cGy|Gy)(?![a-z])|\s(?:tablets?|capsules?|infusions?|"
    r"injections?|toxicity|inhaler|daily|weekly|monthly|twice daily|b\.?i\.?d|t\.?i\.?d|p\.?r\.?n|x\s?\d|"
    r"(?:was |were |is )?(?:discontinued|withheld|tapered|well tolerated)|"
    r"(?:stopped|held|begun|started|continued|given|flushed)\s?(?:[.,;]|$|on \d))(?![a-z])",
    re.IGNORECASE,
)
"""What is done with a drug or a device: the word before it, if it is in no list of words or names, is one."""
_DRUG_COMES = re.compile(
    r"(?:(?<![a-z])(?:start(?:ed|ing)? (?:on|with)|(?:is|was|been|are|remains|placed|maintained|discharged|kept) on|"
    r"treated with|allergic to|(?:switched|changed) (?:to|from)|tak(?:es?|ing|en)|took|receiv(?:es|ed|ing)|"
    r"tolerat(?:es|ed|ing)|prescribed|continued?s?|resumed?|discontinued?|stop(?:ped)?|hold|held|refill(?:ed)?|"
    r"dos(?:e|es) of|cycles? of|course of|trial of|injected)|(?:\A|[.;:]\s)given|"
    r"(?<![a-z])(?:meds?|medications?|chemo(?:therapy)?|allerg(?:y|ies)|drugs?|treatment|regimen|rx|plan):)\s{1,2}$",
    re.IGNORECASE,
)
_GOES = re.compile(r" (?:to|home|along|there|out)(?![a-z])")
"""Where somebody is taken, not something."""
_AND = re.compile(r",? (?:and|or|plus|with|then|vs\.?) |/|-|\+/")
_WITHIN = re.compile(r"\.? (?:(?:v[ao]n|de[rnl]?|d[aiu]|l[ae]|el|al|bin|te[nr]|dos|das|zu) )*")
"""What parts the parts of one name."""
_LISTED = re.compile(r", (?:and |or )?| (?:and|or|plus|vs\.?|versus) |/")
_LIST = re.compile(rf"(?:\s\d+\s?m?c?g)?(?:\s(?:twice )?(?:daily|weekly))?(?:{_AND.pattern}|, )", re.IGNORECASE)


def without_terms(text: str, findings: Iterable[Finding], known: Words) -> Iterator[Finding]:
    """Give those of *findings* in *text*, cased as names are, that hold more than medical terms and everyday words."""
    waiting = list(findings)
    words = [Word(text, *match.span(), known) for match in _WORD.finditer(text)] if waiting else []
    clinical = mark(text, words, known)
    starts = [word.start for word in words]
    for finding in waiting:
        within = words[bisect_left(starts, finding.start) : bisect_left(starts, finding.end)]
        terms = [word for word in within if (word.firm if finding.score == SURE else word.sure)]
        rest = [word for word in within if word not in terms]
        if terms:
            kept = any(word.somebody and not (word.name and word.common and not word.titled) for word in rest)
        else:
            said = finding.type == "LOCATION" or finding.score == SURE or not (clinical and within)
            kept = said or any(word.somebody or word.initial for word in rest)
        if kept:
            yield _narrowed(finding, within, terms) if terms else finding


def _narrowed(finding: Finding, within: Sequence[Word], terms: Sequence[Word]) -> Finding:
    """Leave off the terms at both ends of *finding*, and the small words before and behind them."""
    first, last = 0, len(within)
    while within[first] in terms or (first and not within[first].somebody and not within[first].initial):
        first += 1
    while within[last - 1] in terms or (last < len(within) and not within[last - 1].somebody):
        last -= 1
    start = within[first].start if first else finding.start
    return finding._replace(start=start, end=within[last - 1].end if last < len(within) else finding.end)


def mark(text: str, words: Sequence[Word], known: Words) -> bool:
    """Mark the words that are part of a medical term; say whether *text* is about a patient."""
    for phrase in phrases().finditer(text) if words else ():
        for word in words:
            word.sure |= phrase.start() <= word.start < phrase.end()
    capitals = [word for word in words if word.capital or word.sure]
    for before, after in pairwise(capitals):
        between = text[before.end : after.start]
        if between == " ":
            _part_of_name(before, after)
            _part_of_name(after, before)
        elif between == ", " and after.given and before.somebody and text[before.start : after.end].isupper():
            after.firm = after.sure = (after.firm or after.sure) and (before.firm or before.end - before.start < 4)
    several = sum(word.eponym for word in capitals) > 2
    _mark_eponyms(text, capitals, valued=several)
    clinical = any(word.sure for word in words) or _SICK.search(text) is not None or signs(word.low for word in words)
    strange = [word for word in capitals if word.eponym and not word.name]
    if clinical or len(strange) > 1 or any(names_thing(text, word.end) for word in strange):
        for at, word in enumerate(capitals):
            word.sure |= word in strange and not word.titled and not _is_named(text, capitals, at)
        clinical = clinical or any(word.sure for word in strange)
    _mark_drugs_and_tools(text, capitals, clinical, known)
    _mark_eponyms(text, capitals, valued=several or clinical)
    if clinical:
        _mark_listed(text, capitals)
    return clinical


def _part_of_name(word: Word, other: Word) -> None:
    """Take a word in no list that only ends like a disease for a part of a name, if a name stands beside it."""
    if word.firm and word.unknown and other.somebody and not other.firm:
        word.firm = word.sure = False


def _mark_drugs_and_tools(text: str, words: Sequence[Word], clinical: bool, known: Words) -> None:
    last: Word | None = None
    for at, word in enumerate(words):
        if not (word.titled or _is_named(text, words, at) or acts(text, word.end, known)):
            if word.unknown or word.eponym:
                word.led = _DOSE.match(text, word.end) is not None
                if clinical and not word.led:
                    comes = _DRUG_COMES.search(text, max(0, word.start - 40), word.start)
                    goes_on = last is not None and last.led and _LIST.fullmatch(text, last.end, word.start)
                    word.led = bool(comes or goes_on) and _GOES.match(text, word.end) is None
                word.sure |= word.led
            word.sure |= clinical and word.roman and word.end - word.start > 1
            if clinical and word.unknown and _is_alone(text, words, at):
                word.sure |= word.likely or _OF_UNKNOWN.match(text, word.end) is not None
            if clinical and not word.sure and _OF_PLACE.match(text, word.end):
                _mark_place(text, words, at)
            if clinical and (word.unknown or word.name) and not word.sure and _is_alone(text, words, at):
                value = _VALUE.match(text, word.end) and _CLAUSE.search(text, max(0, word.start - 5), word.start)
                word.sure = bool(value or _OF_NAME.match(text, word.end))
                word.sure |= is_of_thing(text, word.start, word.end, known, unknown=word.unknown, eponym=word.eponym)
        last = word


def _mark_place(text: str, words: Sequence[Word], at: int) -> None:
    """Mark a town, in one word or two, unless it is a part of a longer name."""
    word, before = words[at], words[at - 1] if at else None
    joined = before is not None and text[before.end : word.start] == " "
    if before is not None and joined and not (before.titled or before.somebody):
        before.sure = word.sure = True
    elif not (joined and word.somebody):
        word.sure = True


def _mark_eponyms(text: str, words: Sequence[Word], *, valued: bool) -> None:
    """Mark what stands before a disease, a test or a scale, and eponyms in one list with it.

    A family's name before a mere value (*valued*) is an eponym only among others or in a clinical note.
    """
    for at in range(len(words) - 1, -1, -1):
        word, disease = words[at], _DISEASE.match(text, words[at].end)
        said = _OF_EPONYM.match(text, word.end) if word.eponym else None
        if said and word.name and not valued and not said[0].strip(" -'’s")[:1].islower():
            said = None
        if not word.titled and (disease or said):
            whole = [word]
            while at and text[words[at - 1].end : whole[0].start] in (" ", "-"):
                at -= 1
                whole.insert(0, words[at])
            if not any(one.given and not one.eponym for one in whole[:-1]):
                for one in whole:
                    one.sure |= disease is not None or one.eponym or not one.name
    pairs = list(pairwise(words))
    for first, second in [*pairs, *((second, first) for first, second in reversed(pairs))]:
        if first.sure and second.eponym and not second.sure and not second.titled:
            between = text[min(first.end, second.end) : max(first.start, second.start)]
            second.sure = _AND.fullmatch(between) is not None or (first.eponym and between == ", ")


def _mark_listed(text: str, words: Sequence[Word]) -> None:
    """Mark what no list has beside a term in one list, and the first half of a term with a hyphen."""
    for at in range(len(words) - 1, 0, -1):
        strange = words[at - 1].eponym and not words[at - 1].name and text[words[at - 1].end : words[at].start] == "-"
        words[at].sure |= strange
        words[at - 1].sure |= (
            words[at].sure and not words[at - 1].given and text[words[at - 1].end : words[at].start] == "-"
        )
    apart = [not (word.titled or word.given) and _is_alone(text, words, at) for at, word in enumerate(words)]
    pairs = list(pairwise(range(len(words))))
    for one, other in [*pairs, *((after, before) for before, after in reversed(pairs))]:
        if words[one].sure and apart[other] and words[other].somebody:
            first, second = sorted((words[one], words[other]), key=lambda word: word.start)
            words[other].sure |= _LISTED.fullmatch(text, first.end, second.start) is not None and not is_led(
                text, first.start
            )


def _is_alone(text: str, words: Sequence[Word], at: int) -> bool:
    """Say whether no other part of a name stands beside a word."""
    beside = [words[at - 1]] if at and _WITHIN.fullmatch(text, words[at - 1].end, words[at].start) else []
    if at + 1 < len(words) and _WITHIN.fullmatch(text, words[at].end, words[at + 1].start):
        beside.append(words[at + 1])
    return not any((one.somebody or one.initial) and not one.roman and not one.sure for one in beside)


def _is_named(text: str, words: Sequence[Word], at: int) -> bool:
    """Say whether a given name or an initial stands beside a word: then it is somebody's."""
    word = words[at]
    if at:
        before = words[at - 1]
        if (before.given or before.initial) and not before.eponym and text[before.end : word.start] in (" ", ". "):
            return True
    if at + 1 == len(words):
        return False
    after = words[at + 1]
    return ((after.given and not after.roman) or after.initial) and text[word.end : after.start] in (" ", ", ")
