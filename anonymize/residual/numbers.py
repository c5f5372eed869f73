"""Identifiers by the layout of their groups and by their checksums, each of the latter by the table in its standard.

Every run of digits is taken apart into its groups; what is an identifier stands between two ends of groups, whatever
precedes or follows. A run that is none of them and has eight digits or more is a `NUMBER` that somebody could look up,
unless it is a day.
"""

import re
from collections.abc import Iterator
from datetime import date

_GROUP = re.compile(r"\d+(?:[Xx](?![A-Za-z]))?")
_BETWEEN = frozenset({" ", "-", "  ", " -", "- ", "--"})
"""What may stand between two groups of one number."""
_AT = re.compile("@")
_LOCAL = re.compile(r"[^\s@,，。;；:：<>()（）\u3400-\u9fff]+\Z")
_DOMAIN = re.compile(r"[A-Za-z0-9\-]{1,63}(?:\.[A-Za-z0-9\-]{1,63}){1,8}")
_CODE = re.compile(r"(?<![A-Za-z0-9])[0-9A-Z]{18}(?![A-Za-z0-9])")
_PLATE = re.compile(
    "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][ ·.\\-]?"
    "(?=[A-Z0-9]{0,5}\\d)[A-HJ-NP-Z0-9]{5,6}(?![A-Za-z0-9])"
)

_HANZI = str.maketrans(
    "零〇一二三四五六七八九壹贰叁肆伍陆柒捌玖幺洞①②③④⑤⑥⑦⑧⑨⓪", "0012345678912345678910" + "1234567890"
)
_SPELLED = re.compile("[0-9零〇一二三四五六七八九壹贰叁肆伍陆柒捌玖幺洞①②③④⑤⑥⑦⑧⑨⓪]{11,18}[Xx]?")
"""Digits in hanzi and in circles."""
_PARTED = re.compile(
    r"(?<![\d.])(?:1[3-9]\d(?P<a>(?![ \-]{1,2}\d)[^0-9A-Za-z\u3400-\u9fff]{1,3})\d{4}(?P=a)\d{4}"
    r"|1(?P<b>[^0-9A-Za-z\u3400-\u9fff]{1,2})[3-9](?:(?P=b)\d){9})(?![\d.])"
)
"""A mobile number whose groups, or digits, are parted by one and the same sign."""

ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_CHECKS = "10X98765432"
"""GB 11643-1999, tables of weights and of check characters."""
CODE_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
CODE_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""GB 32100-2015, table of weights and alphabet."""
LUHN_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
"""ISO/IEC 7812-1, annex B: what a doubled digit counts."""

MOBILE = frozenset({(11,), (3, 4, 4), (3, 8), (7, 4), (4, 3, 4), (4, 4, 3), (3, 3, 5)})
"""Digits of each group, as mobile numbers are written."""
GROUPS = 5
"""Most groups that an identity number or a card is written in; lists of measures have smaller ones."""
LONG = 8
"""Digits in a row from which a number is long enough to be looked up."""


def identifiers(text: str) -> Iterator[tuple[int, int, str]]:
    """Find identifiers in plain *text*: start, end, type."""
    run: list[re.Match[str]] = []
    for group in _GROUP.finditer(text):
        if run and text[run[-1].end() : group.start()] not in _BETWEEN:
            yield from _numbers(run, 0)
        run.append(group)
        if len(run) == 2 * GROUPS:  # a run may be as long as the text: what is decided of it is let go
            yield from _numbers(run, GROUPS)
    yield from _numbers(run, 0)
    for match in _PARTED.finditer(text):
        yield *match.span(), "MOBILE"
    for match in _SPELLED.finditer(text):
        number = match[0].translate(_HANZI)
        mobile = len(number) == 11 and number[0] == "1" and number[1] in "3456789"
        if not match[0].isascii() and (mobile or (len(number) == 18 and is_identity_number(number))):
            yield *match.span(), "MOBILE" if mobile else "CN_ID"
    for at in _AT.finditer(text):
        before, after = _LOCAL.search(text, max(at.start() - 64, 0), at.start()), _DOMAIN.match(text, at.end())
        if before and after:
            yield before.start(), after.end(), "EMAIL"
    for match in _CODE.finditer(text):
        if is_credit_code(match[0]) and not match[0].isdigit():
            yield *match.span(), "USCC"
    for match in _PLATE.finditer(text):
        yield *match.span(), "PLATE"


def _numbers(run: list[re.Match[str]], ahead: int) -> Iterator[tuple[int, int, str]]:
    """Take the numbers out of *run*, groups in a row; the last *ahead* groups wait where more may follow."""
    first = 0
    while first < len(run) - ahead:
        last, kind = _longest(run, first)
        if kind:
            yield run[first].start(), run[last].end(), kind
        first = last + 1
    del run[:first]


def _longest(groups: list[re.Match[str]], first: int) -> tuple[int, str]:
    """Give the last group of the identifier that begins with the group *first*, and its type; none is empty."""
    for last in range(min(first + GROUPS, len(groups)) - 1, first - 1, -1):
        parts = [group[0] for group in groups[first : last + 1]]
        if kind := _kind("".join(parts), tuple(map(len, parts))):
            return last, kind
    alone = groups[first][0].rstrip("Xx")
    return first, "NUMBER" if len(alone) >= LONG and not _is_day(alone) else ""


def _kind(digits: str, sizes: tuple[int, ...]) -> str:
    if len(digits) == 18 and min(sizes) > 1 and is_identity_number(digits):
        return "CN_ID"
    if not digits.isdigit():
        return ""
    if 16 <= len(digits) <= 19 and min(sizes) > 1 and _passes_luhn(digits):
        return "BANK_CARD"
    if digits.startswith(("86", "0086")) and 11 < len(digits) <= 17:
        country = 2 if digits.startswith("86") else 4
        rest = (sizes[0] - country, *sizes[1:]) if sizes[0] > country else sizes[1:]
        return _kind(digits[country:], rest)
    if sizes in MOBILE and digits[0] == "1" and digits[1] in "3456789":
        return "MOBILE"
    landline = len(digits) in (10, 11, 12) and digits[0] == "0" and digits[1] != "0" and len(sizes) <= 3
    return "LANDLINE" if landline else ""


def is_identity_number(number: str) -> bool:
    """Say whether 18 characters are a resident's identity number: province, day of birth, and check character."""
    body = number[:17]
    if not body.isdigit() or not (11 <= int(body[:2]) <= 83) or not _is_day(body[6:14]):
        return False
    total = sum(weight * int(digit) for weight, digit in zip(ID_WEIGHTS, body, strict=True))
    return ID_CHECKS[total % 11] == number[17].upper()


def is_credit_code(code: str) -> bool:
    """Say whether 18 characters are a unified social credit code."""
    places = [CODE_LETTERS.find(char) for char in code]
    if min(places) < 0 or not code[2:8].isdigit():
        return False
    total = sum(weight * place for weight, place in zip(CODE_WEIGHTS, places, strict=False))
    return places[17] == (31 - total % 31) % 31


def _passes_luhn(digits: str) -> bool:
    own = sum(map(int, digits[-1::-2]))
    return (own + sum(LUHN_DOUBLED[int(digit)] for digit in digits[-2::-2])) % 10 == 0


def _is_day(digits: str) -> bool:
    if len(digits) != 8 or digits[:2] not in ("18", "19", "20"):
        return False
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return True
