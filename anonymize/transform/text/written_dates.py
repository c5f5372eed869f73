"""A date inside a text, shifted by some days and written as it was: 2021年3月4日, 2021-03-04, 03/04/2021, 4 Mar 2021.

Where the day is missing the shift is taken from the middle of what is said, so that a month stays a month. What has no
year, or is no day of the calendar, is not shifted at all: the caller puts a placeholder there.
"""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple

from anonymize.detect.fold import fold
from anonymize.transform.dates import YEARS
from anonymize.transform.text.names import words

_MONTHS = words("January February March April May June July August September October November December")
_WHOLE = frozenset(map(str.lower, _MONTHS))
_BY_NAME = {name[:3].lower(): number for number, name in enumerate(_MONTHS, start=1)}
_NAME = "|".join(f"{name}|{name[:3]}" for name in _MONTHS) + "|Sept"
_ORDINAL = r"(?P<th>st|nd|rd|th)?"
_HAN_DIGITS = "〇一二三四五六七八九"

_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        r"(?P<y>\d{4})(?P<a> ?[-/.] ?)(?P<m>\d{1,2})(?P<b> ?[-/.] ?)(?P<d>\d{1,2})(?P<c>)",
        r"(?P<y>\d{4})(?P<a>)(?P<m>\d\d)(?P<b>)(?P<d>\d\d)(?P<c>)",
        r"(?P<y>\d{4})(?P<a> ?年 ?)(?P<m>\d{1,2})(?P<b> ?月 ?)(?P<d>\d{1,2})(?P<c> ?[日号]?)",
        r"(?P<y>\d{4})(?P<a> ?年 ?)(?P<m>\d{1,2})(?P<c> ?月(?:份|底|初|中旬)?)",
        r"(?P<y>\d{4})(?P<a>[-/.])(?P<m>\d{1,2})(?P<c>)",
        r"(?P<y>\d{4})(?P<c> ?年)?",
        r"(?P<m>\d{1,2})(?P<a> ?[-/.] ?)(?P<d>\d{1,2})(?P<b> ?[-/.] ?)(?P<y>\d{4}|\d{2})(?P<c>)",
        r"(?P<m>\d{1,2})(?P<a>[-/.])(?P<y>\d{4})(?P<c>)",
        rf"(?P<n>{_NAME})(?P<a>\.? ?)(?P<d>\d{{1,2}}){_ORDINAL}(?P<b>,? ?)(?P<y>\d{{4}})(?P<c>)",
        rf"(?P<d>\d{{1,2}}){_ORDINAL}(?P<a>[ -]?(?:of )?)(?P<n>{_NAME})(?P<b>\.?,?[ -]?)(?P<y>\d{{4}})(?P<c>)",
        rf"(?P<n>{_NAME})(?P<a>\.?,? ?)(?P<y>\d{{4}})(?P<c>)",
    )
)
"""How dates are written; groups stand for year, month (in digits or by name), day, and what joins them."""
_HAN = re.compile(
    r"(?P<y>[一二][〇零○一二三四五六七八九]{3})年(?:(?P<m>[一二三四五六七八九十]{1,2})月(?:(?P<d>[一二三四五六七八九十]{1,3})(?P<c>[日号]))?)?"
)


class Said(NamedTuple):
    """What a text says of a date; the month or the day may be missing."""

    year: int
    month: int | None
    day: int | None

    def holds(self, other: "Said") -> bool:
        """Say whether the day *other* lies in what is said."""
        return self.year == other.year and self.month in (None, other.month) and self.day in (None, other.day)


def said(text: str) -> Said | None:
    """Read the date that *text* is; none where it is no date with a year."""
    found = _read(text)
    return None if found is None else found[1]


def shifted(text: str, days: int) -> str | None:
    """Shift the date that *text* is by *days*, written as it was; none where it is no date, or leaves the calendar."""
    found = _read(text)
    if found is None:
        return None
    match, date_said = found
    try:
        first = date(date_said.year, date_said.month or 7, date_said.day or (15 if date_said.month else 1))
        moved = first + timedelta(days=days)
    except (ValueError, OverflowError):
        return None  # no day of the calendar, or beyond its end
    if first.year not in YEARS or moved.year not in YEARS:
        return None
    return _in_hanzi(match, moved) if match.re is _HAN else _written(match, moved)


def _read(text: str) -> "tuple[re.Match[str], Said] | None":
    folded = fold(text).strip()
    han = _HAN.fullmatch(folded)
    if han:
        year = int("".join(str(_HAN_DIGITS.index(char.replace("零", "〇").replace("○", "〇"))) for char in han["y"]))
        return han, Said(year, _read_han(han["m"]), _read_han(han["d"]))
    for form in _FORMS:
        match = form.fullmatch(folded)
        if match:
            month, day = _order(match.groupdict())
            return match, Said(_year(match["y"]), month, day)
    return None


def _year(digits: str) -> int:
    """Read a year; of two digits, up to 68 is of this century, as POSIX has it."""
    return int(digits) if len(digits) == 4 else int(digits) + (2000 if int(digits) < 69 else 1900)


def _turned(parts: Mapping[str, str | None]) -> bool:
    """Say whether the day stands where the month does: 25/12/2021."""
    return bool(parts.get("d") and int(parts.get("m") or 0) > 12)


def _order(parts: Mapping[str, str | None]) -> tuple[int | None, int | None]:
    month, day = parts.get("m"), parts.get("d")
    if name := parts.get("n"):
        return _BY_NAME[name[:3].lower()], int(day) if day else None
    if _turned(parts):
        month, day = day, month
    return int(month) if month else None, int(day) if day else None


def _written(match: "re.Match[str]", day: date) -> str:
    parts = match.groupdict()
    month_at, day_at = ("d", "m") if _turned(parts) else ("m", "d")
    named, padded = parts.get("n"), _pads(parts)
    new = {"y": f"{day.year:04}"[-len(parts["y"]) :], month_at: _number(day.month, padded)}
    new |= {day_at: _number(day.day, padded)}
    if named:
        short = named.lower() not in _WHOLE
        new["n"] = _cased(_MONTHS[day.month - 1][: 3 if short else None], named)
    if parts.get("th"):
        new["th"] = "th" if 10 < day.day < 14 else {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10, "th")
    return _put(match, {name: text for name, text in new.items() if parts.get(name)})


def _put(match: "re.Match[str]", new: dict[str, str]) -> str:
    """Write the match again with its parts exchanged, whatever stands between them left alone."""
    out, at = [], 0
    for start, end, name in sorted((*match.span(name), name) for name in new if match[name]):
        out += [match.string[at:start], new[name]]
        at = end
    return "".join([*out, match.string[at:]])


def _pads(parts: Mapping[str, str | None]) -> bool:
    """Say whether days and months below ten are written with a zero; where it cannot be seen, digits decide."""
    numbers = [part for part in (parts.get("m"), parts.get("d")) if part]
    if any(len(number) == 1 for number in numbers):
        return False
    return any(number[0] == "0" for number in numbers) or not ("年" in (parts.get("a") or "") or parts.get("n"))


def _number(number: int, padded: bool) -> str:
    return f"{number:02}" if padded else str(number)


def _cased(word: str, like: str) -> str:
    return word.upper() if like.isupper() else word.lower() if like.islower() else word


def _in_hanzi(match: "re.Match[str]", day: date) -> str:
    out = "".join(_HAN_DIGITS[int(digit)] for digit in f"{day.year:04}") + "年"
    if match["m"]:
        out += f"{_write_han(day.month)}月"
    if match["d"]:
        out += _write_han(day.day) + match["c"]
    return out


def _read_han(text: str | None) -> int | None:
    if text is None:
        return None
    tens, ten, ones = text.partition("十")
    if not ten:
        return int("".join(str(_HAN_DIGITS.index(char)) for char in text))
    return 10 * (_number_of(tens) if tens else 1) + (_number_of(ones) if ones else 0)


def _number_of(digit: str) -> int:
    return _HAN_DIGITS.index(digit) if digit in _HAN_DIGITS else 99  # 十 twice: no number of a calendar


def _write_han(number: int) -> str:
    tens, ones = divmod(number, 10)
    ten = "" if not tens else "十" if tens == 1 else _HAN_DIGITS[tens] + "十"
    return ten + (_HAN_DIGITS[ones] if ones else "")
