r"""Identifiers with a structure, as written in English text; none of Presidio's patterns, none of its downloads.

English words and digits may stand beside hanzi in mixed text: so nothing here goes by `\b`, which sees none there.
"""

import re

from anonymize.detect.findings import Finding
from anonymize.detect.identifiers.cards import bank_cards
from anonymize.detect.identifiers.days import YEAR
from anonymize.detect.identifiers.decoys import without_decoys
from anonymize.detect.identifiers.disguised import MAILS
from anonymize.detect.identifiers.pattern import Check, Pattern, Search, pattern
from anonymize.detect.internet import NET

_IS = r"(?:\s?(?:number|num|nr|no|id|is|was|code|account|ending in|on file)\.?)*\s{0,3}[:#=\-]{0,2}\s{0,3}"
_NOT_BEFORE, _NOT_AFTER = r"(?<![0-9A-Za-z])", r"(?![0-9A-Za-z])"
_MONTH = (
    "(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|"
    "Dec(?:ember)?)"
)
_DAY_OF = r"(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?"
_DAY = (
    rf"(?:{_MONTH}\.?\s{_DAY_OF}(?:,?\s{YEAR})?|{_DAY_OF}\s(?:of\s)?{_MONTH}\.?(?:,?\s{YEAR})?|{_MONTH}\.?,?\s{YEAR}"
    rf"|{YEAR}-(?:1[0-2]|0[1-9])-(?:3[01]|[12]\d|0[1-9])|(?:3[01]|[12]\d|0?[1-9])[/.\-](?:3[01]|[12]\d|0?[1-9])[/.\-](?:{YEAR}|\d\d))"
)
_GROUP = r"(?:[ .\-]{0,2}\(?\d{1,5}\)?)"
_ANY_CASE = re.IGNORECASE


def _is_iban(found: str) -> float:
    """Check an account number by ISO 13616: moved by four, letters as numbers, the rest by 97 is 1."""
    plain = found.replace(" ", "").upper()
    return 0.97 if int("".join(str(int(c, 36)) for c in plain[4:] + plain[:4])) % 97 == 1 else 0.0


def _digits(least: int, most: int, score: float) -> Check:
    """Give *score* where what was found has so many digits."""
    return lambda found: score if least <= sum(map(str.isdigit, found)) <= most else 0.0


PATTERNS: tuple[Pattern, ...] = (
    # Social Security numbers never begin with 000, 666 or 9, nor have a group of zeros (SSA, POMS RM 10201.035).
    pattern(
        "SSN",
        rf"{_NOT_BEFORE}(?P<v>(?!000|666|9)\d{{3}}(?P<s>[ \-])(?!00)\d\d(?P=s)(?!0000)\d{{4}})(?![0-9A-Za-z]|-\d)",
        0.92,
        digits=9,
    ),
    pattern(
        "SSN",
        rf"(?:(?<![A-Za-z])SSN|social security){_IS}(?P<v>\d{{3}}[ \-]?\d\d[ \-]?\d{{4}}){_NOT_AFTER}",
        0.96,
        _ANY_CASE,
        digits=9,
    ),
    # North American Numbering Plan: area and exchange begin with 2 to 9.
    pattern(
        "PHONE",
        r"(?<![\dA-Za-z.\-/])(?P<v>(?:\+?1[ .\-]?)?(?:\([2-9]\d\d\)[ ]?|[2-9]\d\d[ .\-])"
        r"\d{3}[ .\-]\d{4}(?:\s?(?:x|ext\.?)\s?\d{1,6})?)(?![\d\-])",
        0.9,
        _ANY_CASE,
        digits=10,
    ),
    pattern(
        "PHONE",
        rf"(?<![\dA-Za-z])(?P<v>\(?\+\d{{1,3}}\)?(?:[ .\-]{{0,2}}\(\d{{1,4}}\))?{_GROUP}{{2,6}})(?![\d])",
        _digits(8, 15, 0.9),
        digits=8,
        cues="+",
    ),
    pattern(
        "PHONE",
        r"(?<![A-Za-z])(?:phone|telephone|tel|cell|mobile|fax|desk|pager|call(?: me)?(?: at)?|"
        r"reached? (?:me |us )?at|dial|text)"
        rf"{_IS}(?P<v>\+?\(?\d{{1,5}}\)?{_GROUP}{{1,6}})(?!\d)",
        _digits(7, 15, 0.93),
        _ANY_CASE,
        digits=7,
    ),
    # Groups of a number dialled abroad: after a word that leads to one, or with the nought of the trunk.
    pattern(
        "PHONE",
        r"(?<![A-Za-z])(?:at|to|from|via|number|registered)\s"
        r"(?P<v>\(?\d{2,4}\)?(?:[ .\-]\d{2,4}){1,4})(?![\d\-]|[./]\d)",
        _digits(8, 12, 0.6),
        _ANY_CASE,
        digits=8,
    ),
    pattern(
        "PHONE",
        r"(?<![\dA-Za-z.\-/])(?P<v>(?!\d{3}-\d\d-\d{4})\(?0\d{1,4}\)?(?:[ .\-]\d{2,4}){2,4})(?![\d\-]|[./]\d)",
        _digits(9, 12, 0.7),
        digits=9,
    ),
    pattern(
        "IBAN",
        rf"{_NOT_BEFORE}(?P<v>[A-Z]{{2}}\d\d(?:[ ]?[A-Z0-9]{{4}}){{2,7}}(?:[ ]?[A-Z0-9]{{1,3}})?){_NOT_AFTER}",
        _is_iban,
        digits=6,
    ),
    pattern(
        "BANK_CARD",
        rf"(?<![A-Za-z])(?:card|visa|mastercard|amex|cc){_IS}(?P<v>\d(?:[ \-]?\d){{11,18}})(?!\d)",
        0.94,
        _ANY_CASE,
        digits=12,
    ),
    pattern(
        "DRIVER_LICENSE",
        rf"(?:driver(?:['’]?s)?|driving) licen[sc]e{_IS}"
        rf"(?P<v>(?=[A-Z\-]{{0,4}}\d)[A-Z0-9][A-Z0-9\-]{{4,18}}){_NOT_AFTER}",
        0.96,
        _ANY_CASE,
        digits=3,
    ),
    pattern(
        "PASSPORT",
        rf"(?<![A-Za-z])passport{_IS}(?P<v>(?=[A-Z]{{0,3}}\d)[A-Z0-9]{{6,9}}){_NOT_AFTER}",
        0.96,
        _ANY_CASE,
        digits=5,
    ),
    pattern(
        "MRN",
        r"(?<![A-Za-z])(?:MRN?|medical record|med rec|patient id|patient identifier|"
        r"chart|accession|specimen|encounter|visit|hospital id|case report)"
        rf"{_IS}(?P<v>(?=[A-Z\-]{{0,5}}\d)[A-Z0-9][A-Z0-9\-]{{3,20}}){_NOT_AFTER}",
        lambda found: 0.96 if sum(map(str.isdigit, found)) >= 4 and not re.fullmatch(YEAR, found) else 0.0,
        _ANY_CASE,
        digits=4,
    ),
    pattern(
        "INSURANCE_NO",
        r"(?:insurance|policy|member|subscriber|medicare|medicaid|beneficiary|health plan)"
        rf"{_IS}(?P<v>(?=[A-Z\-]{{0,5}}\d)[A-Z0-9][A-Z0-9\-]{{5,20}}){_NOT_AFTER}",
        lambda found: 0.96 if sum(map(str.isdigit, found)) >= 4 else 0.0,
        _ANY_CASE,
        digits=4,
    ),
    *MAILS,
    *NET,
    pattern(
        "DATE_OF_BIRTH",
        rf"(?<![A-Za-z])(?:d\.?o\.?b\.?|(?:date of )?birth(?:day|\s?date)?|born(?: on| in)?){_IS}"
        rf"(?P<v>{_DAY}|{YEAR})(?!\d)",
        0.96,
        _ANY_CASE,
        digits=2,
    ),
    pattern("DATE", rf"(?<![A-Za-z0-9/.\-])(?P<v>{_DAY})(?![0-9A-Za-z/])", 0.8, _ANY_CASE, digits=1),
    # An exact age is a quasi-identifier that no class of an edition counted.
    pattern(
        "AGE",
        r"(?<![\d./A-Za-z])(?P<v>1?\d?\d(?=[ \-]?(?:years?|yrs?|y)[ \-/]?(?:o(?:ld|\.)?|of age)(?![A-Za-z])"
        r"|\s?yo(?![A-Za-z])))",
        0.6,
        _ANY_CASE,
        digits=1,
    ),
    pattern(
        "AGE",
        r"(?<![A-Za-z])(?:aged?(?: of|:| is)?|turn(?:ed|s|ing)?|when (?:he|she|i) (?:is|was))\s"
        r"(?P<v>1?\d?\d)(?!\d|[./%,]\d|%)",
        0.6,
        _ANY_CASE,
        digits=1,
    ),
    # What is left of nine digits or more is a number that somebody could look up.
    pattern("NUMBER", r"(?<![\dA-Za-z])(?P<v>\d{9,})(?!\d)", 0.3, digits=9),
)
"""Every structured type of English text."""
_SEARCH = Search(PATTERNS)

_NUMBERED = re.compile(
    r"(?<![A-Za-z])(?:order|invoice|ticket|case|tracking|confirmation|reference|ref|serial|model|part|version|lot|batch|build|NDC|CPT|ICD(?:-\d+)?|LOINC|SNOMED|claim|PO)"
    r"(?:\s?(?:number|num|no|code|id|is|was)\.?)*\s{0,2}[:#=\-]{0,2}\s{0,2}(?P<v>(?=[A-Z\-]{0,6}\d)[A-Z0-9][A-Z0-9\-.]*)",
    re.IGNORECASE,
)


def structured(folded: str) -> list[Finding]:
    """Find every identifier with a structure in *folded* text."""
    findings = _SEARCH.findings(folded)
    if sum(map(str.isdigit, folded)) >= 13:
        findings.extend(bank_cards(folded, 13))
    return without_decoys(folded, findings, [match.span("v") for match in _NUMBERED.finditer(folded)])
