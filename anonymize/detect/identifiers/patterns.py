"""Identifiers with a structure, as written in Chinese texts: all that is looked for, and the search for it."""

from anonymize.detect.findings import Finding
from anonymize.detect.identifiers.called import called
from anonymize.detect.identifiers.cards import bank_cards
from anonymize.detect.identifiers.care import CARE
from anonymize.detect.identifiers.days import DAYS
from anonymize.detect.identifiers.decoys import SURE, nobodys, without_decoys
from anonymize.detect.identifiers.disguised import BROKEN, MAILS, spoken
from anonymize.detect.identifiers.headed import headed
from anonymize.detect.identifiers.initials import INITIALS
from anonymize.detect.identifiers.keyed import KEYED, NUMBERED, RECORD
from anonymize.detect.identifiers.papers import PAPERS
from anonymize.detect.identifiers.parcels import PARCELS
from anonymize.detect.identifiers.pattern import Pattern, Search, digits_in, pattern
from anonymize.detect.identifiers.plates import PLATES
from anonymize.detect.identifiers.reached import REACHED
from anonymize.detect.identifiers.told import TOLD
from anonymize.detect.internet import NET

_MOMENT = r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?(?!\d)"
"""A day with hours and minutes, and seconds perhaps, written as one number."""

PATTERNS: tuple[Pattern, ...] = (
    *PAPERS,
    *PLATES,
    *REACHED,
    *BROKEN,
    *MAILS,
    *NET,
    *KEYED,
    *DAYS,
    *CARE,
    *TOLD,
    *PARCELS,
    # What is left of nine digits or more is a number that somebody could look up.
    pattern("NUMBER", rf"(?<!\d)(?P<v>(?!{_MOMENT})\d{{9,}}[Xx]?)", 0.3, digits=9),
    pattern("NUMBER", r"(?<!\d)(?P<v>\d{3,6}(?:-\d{3,6}){2,}|\d{4}(?: \d{4}){2,}(?: \d{1,4})?)(?!\d)", 0.3, digits=9),
)
"""Every structured type by form; DESIGN 11 names the types."""
_SEARCH, _RECORDS = Search(PATTERNS), Search((*NUMBERED, *INITIALS))


def structured(folded: str) -> list[Finding]:
    """Find every identifier with a structure in *folded* text."""
    digits, others = digits_in(folded), list[tuple[int, int]]()
    findings = [*_worded(folded, digits), *spoken(folded)]
    if any(finding.type == "NUMBER" for finding in findings):  # no card is shorter
        findings.extend(bank_cards(folded))
    for value in headed(folded) if digits else ():
        written, shift = value.written(folded), value.start - len(value.heading) - 1
        findings.extend(value.back(_worded(written, digits_in(written)), SURE))
        others += [(start + shift, end + shift) for start, end in (*nobodys(written), *called(written))]
    return without_decoys(folded, findings, others)


def _worded(folded: str, digits: int) -> list[Finding]:
    """Find what has a form, or a word or a key before it."""
    findings = _SEARCH.findings(folded, digits)
    if digits >= 4 and RECORD.search(folded):
        findings += _RECORDS.findings(folded, digits)
    return findings
