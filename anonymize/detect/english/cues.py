"""Persons named after a cue word, before or after a title, or as `Last, First`: whatever the model made of them."""

import re
from collections.abc import Iterator

from anonymize.detect.english.names import LIKELY, SURE, WORD, named
from anonymize.detect.english.words import Words
from anonymize.detect.findings import Finding

_TITLE = re.compile(
    r"(?<![A-Za-z])(?:(?P<sure>(?P<firm>Mrs?|Ms|Miss|Drs?|Prof|Messrs)|Mx|Professor|Rev|Capt|Sgt|Officer|Judge|Senator|"
    r"Chancellor|Detective|Inspector|Coach|Uncle|Aunt|Auntie|Rabbi|Imam)|(?P<likely>Doctor|Nurse)|President|Sister|Brother|Father|"
    r"Captain|Lt|Col|Minister|Mayor|Governor|Sir|Lady|Lord|Justice)\b\.?[ ]{1,2}",
    re.IGNORECASE,
)
_CUE = re.compile(
    r"(?<![A-Za-z])(?:(?:full |last |first |middle |maiden |patient |his |her |my |the )?name(?:d| is|\s?:|'s)|"
    r"my name's|call me|calls? (?:him|her)self|i am|i'm|this is|signed(?: by)?|dictated by|seen by|referred by|"
    r"(?:review|report|creat|edit|post|submitt|upload|updat|modifi|complet|sign|assign)ed (?:by|to)|"
    r"accompanied by|cared for by|follow(?:ed)? up with|spoke (?:with|to)|"
    r"(?:patient|pt|daughter|son|wife|husband|spouse|mother|father|sister|brother|partner|caregiver|guardian|neighbou?r|"
    r"friend|physician|surgeon|pathologist|oncologist|radiologist|provider|attending|resident|registrar|next of kin|"
    r"emergency contact|contact|attn|attention|c/o|dear|hi|hello|regards|sincerely|thanks|from|to|user|author|"
    r"physician of record)(?:\s?:|,)?)"
    r"(?:\s+(?:is|was|are|called|named))?[\s:,]{1,3}",
    re.IGNORECASE,
)
_FORM = re.compile(
    r"(?:name|patient|pt|contact|signed|physician|surgeon|attending|provider|spouse|user)[^:\n]{0,20}:\s*$",
    re.IGNORECASE,
)
_LAST_FIRST = re.compile(rf"(?<![\w'’\-])(?P<l>{WORD}),[ ]?(?P<f>{WORD}(?:[ ][^\W\d_]\.?(?![^\W\d_]))?)(?![\w'’])")


def cued(text: str, typed: str, known: Words) -> Iterator[Finding]:
    """Find persons by the words around them in *text*, which has capitals on names; *typed* is as it was written."""
    for match in _TITLE.finditer(text):
        strict, first = match["sure"] is match["likely"] is None, text if match["sure"] else None
        if match["firm"] and typed is not text and typed[match.end() : match.end() + 2].isupper():
            first = typed
        yield from named(text, match.end(), known, SURE, strict=strict, first=first)
    for match in _CUE.finditer(text):
        form = _FORM.search(text, max(0, match.start() - 1), match.end()) is not None
        yield from named(text, match.end(), known, SURE if form else LIKELY, strict=not form)
    for match in _LAST_FIRST.finditer(text):
        last, first = match["l"], match["f"].split(" ")[0]
        if last[0].isupper() and first[0].isupper() and _are_of_one(last, first, known):
            yield Finding(match.start(), match.end(), "PERSON", LIKELY)


def _are_of_one(last: str, first: str, known: Words) -> bool:
    """Say whether a family name and a given name stand side by side; in capitals it is enough that one is known."""
    if known.is_ordinary(last.lower()):
        return False
    if last.lower() not in known.given and first.lower() in known.given and not known.is_common(first.lower()):
        return True
    if not (last.isupper() and first.isupper() and min(len(last), len(first)) > 3):
        return False
    return not known.is_ordinary(first.lower()) and (known.is_name(last.lower()) or known.is_name(first.lower()))
