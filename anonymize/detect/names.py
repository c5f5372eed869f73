"""What a row says about its person elsewhere, found again in that row's text, in the forms people write.

This needs no model and misses no rare name: the register itself says what to look for. Separators, widths and case
are ignored. A short value is only looked for between boundaries, so that it does not eat into longer words.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date
from functools import lru_cache

from anonymize.detect.findings import Finding
from anonymize.detect.fold import fold, squeeze
from anonymize.detect.persons.surnames import COMPOUND

_MASK = frozenset("*×xX某○●□_?")
_TITLES = ("先生", "女士", "小姐", "太太", "某某", "某", "同志", "阿姨", "老师", "师傅", "氏", "姓")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af〇]")
_PART = re.compile(
    r"[^\d\s]{1,8}?(?:自治州|自治县|大道|大街|街道|社区|小区|花园|公寓|大厦|广场|家园|省|市|州|盟|区|县|旗|镇|乡|路|街|巷|道|村|苑|湾|坝|院)"
)
_VALUE = 0.2
"""Score of a value of no known type: where a rule knows the type, the placeholder says that type."""
_GRAM = 4
"""Characters of an address in a row that give it away."""


def own_names(text: str, value: str) -> Iterator[Finding]:
    """Find the person called *value* in *text*: whole, by surname and title, by given name, or masked."""
    folded, name = fold(text), squeeze(fold(value))[0]
    if len(name) < 2:
        return
    yield from _spans(folded, name, "PERSON")
    if not _HAN.search(name):
        for part in fold(value).split():
            if len(part) >= 3:
                yield from _spans(folded, squeeze(part)[0], "PERSON")
        return
    surname = name[:2] if name[:2] in COMPOUND and len(name) > 2 else name[:1]
    given = name[len(surname) :]
    if len(given) >= 2:
        yield from _spans(folded, given, "PERSON")
    for start in _starts(folded, surname):
        end = start + len(surname)
        title = next((title for title in _TITLES if folded.startswith(title, end)), None)
        if title is not None:
            yield Finding(start, end + len(title), "PERSON", 1.0)
        masked = _masked(folded, end)
        if masked > end:
            tail = next((n for n in range(len(given), 0, -1) if folded.startswith(given[-n:], masked)), 0)
            yield Finding(start, masked + tail, "PERSON", 1.0)
        if start > 0 and folded[start - 1] in "老小阿":
            yield Finding(start - 1, end, "PERSON", 1.0)
    for start in _starts(folded, given[-1:]):
        first = start
        while first > 0 and folded[first - 1] in _MASK:
            first -= 1
        if first < start:
            yield Finding(first, start + 1, "PERSON", 1.0)


def own_addresses(text: str, value: str) -> Iterator[Finding]:
    """Find the address *value* in *text*: any four characters of it in a row, and each of its named parts."""
    folded = fold(text)
    body, places = _squeezed(folded)
    address = squeeze(fold(value))[0]
    if len(address) < _GRAM:
        yield from own_values(text, value, "ADDRESS")
        return
    grams = {address[at : at + _GRAM] for at in range(len(address) - _GRAM + 1)}
    for at in range(len(body) - _GRAM + 1):
        if body[at : at + _GRAM] in grams:
            yield Finding(places[at], places[at + _GRAM - 1] + 1, "ADDRESS", 1.0)
    for part in set(_PART.findall(address)):
        if len(part) >= 3:
            yield from _spans(folded, part, "ADDRESS")


def own_values(text: str, value: str, kind: str = "VALUE") -> Iterator[Finding]:
    """Find *value* in *text*, whatever separates its characters; a date in its other written forms as well."""
    folded, wanted = fold(text), squeeze(fold(value))[0]
    if len(wanted) < 2:
        return
    yield from _spans(folded, wanted, kind)
    try:
        day = date.fromisoformat(fold(value).strip().replace("/", "-"))
    except ValueError:
        return
    for form in (f"{day.year}年{day.month}月{day.day}", f"{day.year}{day.month}{day.day}", f"{day.month}月{day.day}日"):
        yield from _spans(folded, form, kind)


FINDERS: dict[str, Callable[[str, str], Iterator[Finding]]] = {
    "name": own_names,
    "address": own_addresses,
    "value": own_values,
}
"""How each kind of `scrub` in a plan looks for the row's own cell."""


def _spans(folded: str, wanted: str, kind: str) -> Iterator[Finding]:
    """Find *wanted*, which is squeezed, between boundaries of its own kind of character."""
    if not wanted:
        return
    score = _VALUE if kind == "VALUE" else 1.0
    body, places = _squeezed(folded)
    at = body.find(wanted)
    while at >= 0:
        start, end = places[at], places[at + len(wanted) - 1] + 1
        if not (_joined(folded, start - 1, start) or _joined(folded, end - 1, end)):
            yield Finding(start, end, kind, score)
        at = body.find(wanted, at + 1)


@lru_cache(maxsize=8)
def _squeezed(folded: str) -> tuple[str, list[int]]:
    """Squeeze a text once for all the cells of its row."""
    return squeeze(folded)


def _joined(folded: str, left: int, right: int) -> bool:
    """Say whether two neighbours belong to one number or one Latin word."""
    if left < 0 or right >= len(folded):
        return False
    before, after = folded[left], folded[right]
    if before.isdigit() and after.isdigit():
        return True
    return before.isascii() and after.isascii() and before.isalpha() and after.isalpha()


def _starts(folded: str, wanted: str) -> Iterator[int]:
    at = folded.find(wanted) if wanted else -1
    while at >= 0:
        yield at
        at = folded.find(wanted, at + 1)


def _masked(folded: str, at: int) -> int:
    while at < len(folded) and folded[at] in _MASK:
        at += 1
    return at
