"""Persons named after a cue word, before or after a title, or as `Last, First`: whatever the model made of them."""

import re
from collections.abc import Iterator

from anonymize.detect.english.words import Words
from anonymize.detect.findings import Finding

SURE, LIKELY = 0.7, 0.5
_W = r"[^\W\d_](?:[^\W\d_]|['’\-](?=[^\W\d_]))*"
_TITLE = re.compile(
    r"(?<![A-Za-z])(?:Mr|Mrs|Ms|Miss|Mx|Dr|Doctor|Prof|Professor|Nurse|Rev|Capt|Sgt|Judge)\b\.?\s{1,2}", re.IGNORECASE
)
_CUE = re.compile(
    r"(?<![A-Za-z])(?:(?:full |last |first |middle |maiden |patient |his |her |my |the )?name(?:d| is|\s?:|'s)|"
    r"my name's|call me|calls? (?:him|her)self|i am|i'm|this is|signed(?: by)?|dictated by|seen by|referred by|"
    r"reviewed by|reported by|accompanied by|cared for by|follow(?:ed)? up with|spoke (?:with|to)|"
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
_NAME = re.compile(rf"{_W}(?:\.(?=\s))?(?:[ ](?:{_W}(?:\.(?=\s))?)){{0,3}}")
_LAST_FIRST = re.compile(rf"(?<![\w'’\-])(?P<l>{_W}),[ ]?(?P<f>{_W}(?:[ ][^\W\d_]\.?(?![^\W\d_]))?)(?![\w'’])")


def cued(text: str, known: Words) -> Iterator[Finding]:
    """Find persons by the words around them in *text*."""
    for match in _TITLE.finditer(text):
        yield from _named(text, match.end(), known, SURE, strict=False)
    for match in _CUE.finditer(text):
        form = _FORM.search(text, max(0, match.start() - 1), match.end()) is not None
        yield from _named(text, match.end(), known, SURE if form else LIKELY, strict=not form)
    for match in _LAST_FIRST.finditer(text):
        last, first = match["l"], match["f"].split(" ")[0]
        if (
            last[0].isupper()
            and first[0].isupper()
            and _is_family(last.lower(), known)
            and _is_given(first.lower(), known)
        ):
            yield Finding(match.start(), match.end(), "PERSON", LIKELY)


def _is_family(low: str, known: Words) -> bool:
    return not known.is_ordinary(low) and low not in known.given


def _is_given(low: str, known: Words) -> bool:
    return low in known.given and not known.is_common(low)


def _named(text: str, at: int, known: Words, score: float, *, strict: bool) -> Iterator[Finding]:
    """Give the name that begins at *at*: up to four words that can be names, an initial among them.

    *strict* asks for a first word that is in no dictionary, or capitalised and somebody's name.
    """
    match = _NAME.match(text, at)
    if match is None:
        return
    start, end, first = at, at, True
    for word in re.finditer(rf"{_W}\.?", match[0]):
        low = word[0].rstrip(".").lower().removesuffix("'s").removesuffix("’s")
        capital, strange = word[0][0].isupper(), not known.is_ordinary(low)
        if len(low) == 1:
            fits = (not first and capital) or (strange and not first)
        elif first and strict:
            fits = (capital and (strange or known.is_name(low))) or (strange and known.is_name(low))
        else:
            fits = (capital and not (known.is_common(low) and not known.is_name(low))) or strange
        if not fits:
            break
        if word[0].isupper() and 2 <= len(low) <= 4 and not known.is_name(low):
            break
        end, first = at + word.start() + len(word[0].rstrip(".")), False
    if end > start and len(text[start:end]) > 1:
        if text[start:end].lower().endswith(("'s", "’s")):
            end -= 2
        yield Finding(start, end, "PERSON", score)
