"""Dates, dates of birth and ages in Chinese text. All are found; what becomes of each type is the plan's to say.

A date of service is no date of birth: only what stands beside a word of birth is one.
"""

import re

from anonymize.detect.identifiers.checksums import is_date
from anonymize.detect.identifiers.pattern import Check, Pattern, pattern

YEAR = r"(?:1[89]|20)\d\d"
DAY = (
    rf"(?:{YEAR}(?P<s>[ ]?[-/.][ ]?)(?:1[0-2]|0?[1-9])(?P=s)(?:3[01]|[12]\d|0?[1-9])(?!\d)"
    rf"|{YEAR}(?:1[0-2]|0[1-9])(?:3[01]|[12]\d|0[1-9])(?!\d)"
    rf"|{YEAR}\s?年\s?(?:1[0-2]|0?[1-9])\s?月(?:份|底|初|中旬|\s?(?:3[01]|[12]\d|0?[1-9])\s?[日号]?)?)"
)
HAN_YEAR = (
    r"[一二][〇零○一二三四五六七八九]{3}年(?:[一二三四五六七八九十]{1,2}月(?:[一二三四五六七八九十]{1,3}[日号])?)?"
)
_MONTH_DAY = r"(?:1[0-2]|0?[1-9])\s?月\s?(?:3[01]|[12]\d|0?[1-9])\s?[日号]"
_COMPACT = re.compile(r"\d{8}")


def day(score: float) -> Check:
    """Refuse eight digits that are no day of the calendar."""
    return lambda found: score if not _COMPACT.fullmatch(found) or is_date(found) else 0.0


_BIRTH = r"(?:出生(?:日期|年月日?|时间|于|日)?|生日|生于|(?<![A-Za-z])D\.?O\.?B\.?)"
_IS = r"(?:是|为|[:#=\-\s\"'|>(\[【「]){0,5}"

DAYS: tuple[Pattern, ...] = (
    pattern(
        "DATE_OF_BIRTH",
        rf"{_BIRTH}{_IS}(?P<v>{DAY}|{HAN_YEAR}|{YEAR}\s?年|{YEAR}[-/.](?:1[0-2]|0?[1-9])(?!\d))",
        day(0.95),
        cues="出生 生日 生于 DOB D.O.B",
    ),
    pattern(
        "DATE_OF_BIRTH",
        rf"(?<!\d)(?P<v>{DAY}|{HAN_YEAR}|{YEAR}\s?年)(?=\s?(?:出生|生人|生的|生[,，。;；]))",
        day(0.95),
        cues="生",
    ),
    # Without the year a birthday is one still.
    pattern("DATE_OF_BIRTH", rf"(?:出生|生日){_IS}(?P<v>{_MONTH_DAY})", 0.95, digits=2, cues="出生 生日"),
    pattern("DATE", rf"(?<!\d)(?P<v>{DAY})", day(0.8), digits=5),
    pattern("DATE", rf"(?P<v>{HAN_YEAR})", 0.8, cues="年"),
    pattern("DATE", rf"(?<![\d/\-])(?P<v>{YEAR}[-/.](?:1[0-2]|0[1-9]))(?![\d\-/.])", 0.5, digits=6, cues="- / ."),
    # Without a day, and even without a month, a date beside shifted ones gives their shift away.
    pattern("DATE", rf"(?<![\d])(?P<v>{YEAR}\s?年)(?![版度制])", 0.6, digits=4, cues="年"),
    pattern("DATE", rf"(?<!\d)(?P<v>{_MONTH_DAY})", 0.6, digits=2, cues="月"),
    # An exact age is a quasi-identifier that no class of an edition counted.
    pattern("AGE", r"(?<![\d.])(?P<v>(?:1[0-4]\d|\d{1,2})\s?(?:周岁|岁))", 0.6, digits=1, cues="岁"),
)
