r"""Persons named by the form of a text: in a field, in a greeting, under a letter, as who speaks, in a register.

Where a form says that a name comes, a word of the dictionary is one too: `Last name: Gong`, `Best,\nGusty`.
"""

import re
from collections.abc import Iterator

from anonymize.detect.english.names import LIKELY, SURE, WORD, named
from anonymize.detect.english.words import Words
from anonymize.detect.findings import Finding

_NAMED = (
    r"(?:(?:full|first|last|middle|maiden|family|given|second|birth|legal|preferred) )?"
    r"names?(?: ?\(s\)| of [a-z]+)?|surnames?|child|forenames?|applicant|passenger|(?:card|"
    r"account |policy |licen[cs]e )?holder|insured|tenant|landlord|lessee|lessor|beneficiary|payee|payer|employee|"
    r"complainant|claimant|plaintiff|defendant|petitioner|respondent|testator"
)
_PERHAPS = (
    r"customer|client|patient|driver|guest|visitor|witness|teacher|tutor|student|pupils?|instructor|trainer|manager|"
    r"supervisor|advis[eo]r|caseworker|agent|authors?|editors?|reporter|interpreter|translator|"
    r"photo(?:graph)?(?: credit)?|photographer|attendees|present|apologies|participants|members|winners?|finalists|"
    r"speakers?|cast|starring|director|"
    r"(?:prepared|approved|reviewed|checked|verified|reported|written|edited|translated|submitted|issued|received|"
    r"authori[sz]ed|signed|taken|drawn) by|signed|signature|contact(?: person)?|emergency contacts?|"
    r"(?:ship|bill|deliver|sold|pay) to|to|from|cc|bcc|attn|attention|c/o|attending|referrer|next of kin|spouse|"
    r"husband|wife|mother|father|son|daughter|guardian|owner|seller|buyer|user|caller|sender|recipient|addressee"
)
_FIELD = re.compile(rf"(?<![A-Za-z])(?:(?P<sure>{_NAMED})|{_PERHAPS})(?: \d{{1,2}})?\s?:[ \t]*[\"“]?", re.IGNORECASE)
_NEXT = re.compile(r" \([^()\n]{1,12}\),? |,? (?:and|or|&) | ?[,;/|] |\s?\n\s?[-*•]\s?|\s?\n\s?\d{1,2}[.)] ")
"""What parts the names in one field."""
_GOES_ON = re.compile(r" (?!and |or )[a-z0-9]")
_GREETING = re.compile(
    r"^[ \t>]*(?:dear|dearest|hi|hiya|hello|hey|yo|good (?:morning|afternoon|evening|day)|greetings|"
    r"hi there|hello there|welcome)[ ,]{1,2}(?=\w)",
    re.IGNORECASE | re.MULTILINE,
)
_CLOSING = re.compile(
    r"(?:^|(?<=[\n.!]))[ \t>]*(?:(?:with |all )?(?:my |the )?(?:very )?(?:best|kind|kindest|warm|warmest|many|friendly)"
    r"(?: ?(?:regards|wishes|thanks))?|(?:yours )?(?:sincerely|faithfully|truly|respectfully|cordially)(?: yours)?|"
    r"yours|regards|cheers|thanks(?: a lot| again| in advance)?|thank you|thx|tx|love|lots of love|hugs|kindly|"
    r"take care|all the best|see you(?: soon)?|talk soon|best|/s/|signed)[ \t]*[,.!]?[ \t]*(?:\n[ \t>]*){1,3}",
    re.IGNORECASE,
)
_TO = re.compile(
    r"(?<![A-Za-z])(?:thanks|thank you|thx|cheers|sorry|ok|okay|yes|no|congrats|congratulations|happy birthday|bye|"
    r"good ?night|please|hi|hello|hey|dear|good (?:morning|afternoon|evening))[ ,]{1,2}"
    rf"(?P<n>{WORD})(?= ?(?:[,.!?\n]|$))",
    re.IGNORECASE,
)
"""Who is spoken to, at the end of a clause."""
_HANDLE = re.compile(rf"(?<![\w.])@(?P<n>{WORD})(?![\w.])")
_LINE_END = re.compile(r"[ \t]*(?:$|[\n,(|/&]|and )")
_NOBODY_TEXT = (
    "sir sirs madam customer customers team all everyone everybody colleague colleagues friend friends member members "
    "support management staff service services office department editor reader readers parents neighbour neighbor "
    "neighbours neighbors resident residents folks guys there again none unknown n/a "
)
_NOBODY = frozenset(_NOBODY_TEXT.split())
"""Who is greeted or signs, and is nobody in particular."""
_FIELDS = frozenset(("date", "ward", "page", "line", "note", "bill", "fax"))
"""What begins a line before a colon, though families are called so."""
_SPEAKER = re.compile(rf"(?:^|(?<=\n))(?:\[?\d\d?[:.]\d\d\]? )?(?P<n>{WORD}(?: {WORD})?)(?=: ?\S)")
_REGISTERED = re.compile(
    rf"(?:^|(?<=[\n;:]))[ \t]*(?:[-*•]|\d{{1,3}}[.)])?[ \t]*"
    rf"(?P<n>(?P<l>{WORD}(?: {WORD})?), ?(?P<f>{WORD}(?: {WORD}|\.)?))[ \t]*(?=$|[\n;:(\t–-])"
)
_BORN = re.compile(
    r"(?<![A-Za-z])(?:née|nee|né|a\.?k\.?a\.?|alias|also known as|better known as|pen name|stage name|nickname|"
    r"nicknamed|calls? (?:me|him|her|us)|took the name|under the name(?: of)?|in the name of|in memory of|on behalf of|"
    r"estate of|widow of|heirs of|funeral of|certif(?:y|ies) that|the order of)[ :,\"“]{1,2}",
    re.IGNORECASE,
)
_AFTER = re.compile(
    rf"(?<![\w'’\-])(?P<n>(?:[^\W\d_]\w*\.? ){{0,2}}{WORD}),? (?:Jr|Sr|II|III|IV|Esq|PhD|Ph\.D|M\.?D)\b"
)
_INITIALS = re.compile(
    rf"(?<![\w.])(?!U\.[SKN]|[EA]\.[UDM]|D\.C|P\.[OSM]|B\.C)(?P<n>(?:[A-Z]\. ?){{1,3}}(?P<w>{WORD}))"
)


def formed(text: str, cased: str, known: Words) -> Iterator[Finding]:
    """Find whom the form of *text* names; *cased* is the same text with capitals on names."""
    for match in _FIELD.finditer(text) if ":" in text else ():
        yield from _listed(text, cased, match.end(), known, loose=match["sure"] is not None)
    for match in _GREETING.finditer(text):
        yield from _listed(text, cased, match.end(), known, loose=False)
    for match in (*_TO.finditer(text), *(_HANDLE.finditer(text) if "@" in text else ())):
        low = match["n"].lower()
        if low not in known.small and (low in known.given or not known.is_ordinary(low)) and low not in _NOBODY:
            yield Finding(match.start("n"), match.end("n"), "PERSON", LIKELY)
    if "\n" in text:
        for match in _CLOSING.finditer(text):
            yield from _signing(text, cased, match.end(), known)
        yield from _speaking(text, known)
    if "," in text:
        yield from _registered(text, known)
    for match in _BORN.finditer(text):
        yield from named(cased, match.end(), known, LIKELY, strict=True)
    for match in _AFTER.finditer(text):
        first = match["n"].split(" ", 1)[0].lower()
        if " " in match["n"] and first in known.given and not known.is_common(first):
            yield Finding(match.start(), match.end("n"), "PERSON", LIKELY)
    for match in _INITIALS.finditer(text):
        low, several = match["w"].lower(), match["n"].count(".") > 1
        if match["w"][0].isupper() and (low in known.family or (several and not known.is_ordinary(low))):
            yield Finding(match.start(), match.end(), "PERSON", LIKELY)


def _listed(text: str, cased: str, at: int, known: Words, *, loose: bool) -> Iterator[Finding]:
    """Give the name at *at*, and those that follow it in one list; what goes on in small letters is another field."""
    begins = at
    while True:
        some = list(named(cased, at, known, SURE if loose else LIKELY, strict=not loose, first=text if loose else None))
        some = [one for one in some if text[one.start : one.end].lower() not in _NOBODY]
        if some and at > begins and _GOES_ON.match(text, some[-1].end):
            low = text[at : some[-1].end].lower()
            if known.is_ordinary(low) and not known.is_name(low):
                return
        yield from some
        parted = _NEXT.match(text, some[-1].end) if some else None
        if parted is None:
            return
        at = parted.end()


def _signing(text: str, cased: str, at: int, known: Words) -> Iterator[Finding]:
    """Give the name that stands alone on the line under the end of a letter."""
    for one in named(cased, at, known, LIKELY, strict=False, first=text):
        words = text[one.start : one.end].lower().split()
        strange = any(known.is_name(word) or not known.is_ordinary(word) for word in words)
        if (strange or len(words) == 1) and _NOBODY.isdisjoint(words) and _LINE_END.match(text, one.end):
            yield one


def _speaking(text: str, known: Words) -> Iterator[Finding]:
    """Give those who speak in turn, each with a colon behind the name."""
    lines = list(_SPEAKER.finditer(text))
    if len(lines) < 2:
        return
    for match in lines:
        name = match["n"]
        low, short = name.lower(), name.isupper() and len(name) < 6
        capital = all(word[0].isupper() for word in name.split(" "))
        strange = not short and any(not known.is_ordinary(word) for word in low.split(" ") if word not in _FIELDS)
        if capital and (strange or low in known.given):
            yield Finding(match.start("n"), match.end("n"), "PERSON", LIKELY)


def _registered(text: str, known: Words) -> Iterator[Finding]:
    """Give whom a register names, the family first; alone only if the given name is one."""
    lines = [match for match in _REGISTERED.finditer(text) if match["l"][0].isupper() and match["f"][0].isupper()]
    for match in lines:
        last, first = match["l"].lower().split(" ")[-1], match["f"].lower().split(" ")[0]
        if first in known.small or last in known.small:
            continue
        is_family = last in known.family or not known.is_ordinary(last)
        if first in known.given:
            fits = is_family or len(lines) > 1
        else:
            fits = is_family and len(lines) > 1 and not known.is_ordinary(first)
        if fits:
            yield Finding(match.start("n"), match.end("f"), "PERSON", LIKELY)
