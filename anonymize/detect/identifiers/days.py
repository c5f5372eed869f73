"""Dates, dates of birth and ages in Chinese text. All are found; what becomes of each type is the plan's to say.

A date of service is no date of birth: only what stands beside a word of birth is one.
"""

import re

from anonymize.detect.identifiers.checksums import is_date
from anonymize.detect.identifiers.pattern import SIGN, Check, Pattern, pattern

YEAR = r"(?:1[89]|20)\d\d"
DAY = (
    rf"(?:{YEAR}(?P<s>[ ]?[-/.][ ]?)(?:1[0-2]|0?[1-9])(?P=s)(?:3[01]|[12]\d|0?[1-9])(?!\d)"
    rf"|{YEAR}(?:1[0-2]|0[1-9])(?:3[01]|[12]\d|0[1-9])(?!\d)"
    rf"|{YEAR}\s?年\s?(?:1[0-2]|0?[1-9])\s?月(?:份|底|初|中旬|\s?(?:3[01]|[12]\d|0?[1-9])\s?[日号]?)?)"
)
HAN_YEAR = (
    r"[一二][〇零○一二三四五六七八九]{3}年(?:[一二三四五六七八九十]{1,2}月(?:[一二三四五六七八九十]{1,3}[日号])?)?"
)
_MONTH = "(?i:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]{0,6}"
WESTERN_DAY = (
    rf"(?:(?:3[01]|[12]\d|0?[1-9])(?P<w>[-/. ])(?:{_MONTH}|(?:3[01]|[12]\d|0?[1-9]))\.?(?P=w){YEAR}(?!\d)"
    rf"|{_MONTH}\.? (?:3[01]|[12]\d|0?[1-9]),? {YEAR}(?!\d))"
)
"""The year last, as mixed texts have it beside a word of birth: 06/15/1966, 10 Jun 2014, June 10, 2014."""
_MONTH_DAY = r"(?:1[0-2]|0?[1-9])\s?月\s?(?:3[01]|[12]\d|0?[1-9])\s?[日号]"
_COMPACT = re.compile(r"\d{8}")


def day(score: float) -> Check:
    """Refuse eight digits that are no day of the calendar."""
    return lambda found: score if not _COMPACT.fullmatch(found) or is_date(found) else 0.0


_BIRTH = r"(?:出生(?:日期|年月日?|年份?|时间|于|日)?|生[日辰]|生于|(?<![A-Za-z])D\.?O\.?B\.?|身份证上[写登印]?)"
_CALENDAR = r"[(]?(?:[农阴阳公新旧]历)?[)]?"
_IS = rf"{SIGN}[\-/ ]{{0,3}}{_CALENDAR}{SIGN}"
_MOON = (
    rf"(?:(?:{YEAR}|[一二][〇零○一二三四五六七八九]{{3}})年)?(?:[农阴]历)?(?:[正腊冬]|十?[一二三四五六七八九十])月"
    "(?:初[一二三四五六七八九十]|十[一二三四五六七八九]|廿[一二三四五六七八九]?|[二三]十)日?"
)
"""A day by the moon: months from 正 to 腊, days from 初一 to 三十."""
_SHORT = r"(?<!\d)\d\d年(?:1[0-2]|0?[1-9])月(?:(?:3[01]|[12]\d|0?[1-9])[日号]?)?"
"""A day or month whose year has two digits."""
_ERA = (
    r"民国[〇零一二三四五六七八九十\d]{1,4}年"
    r"(?:[一二三四五六七八九十\d]{1,3}月(?:[一二三四五六七八九十\d]{1,3}[日号])?)?"
)
_ANIMALS = "鼠牛虎兔龙蛇马羊猴鸡狗猪"
_BORN = (
    r"(?=\s?(?:(?:[上下中]午|[凌早]晨|晚上?|夜间)?(?:在[^,，。;；\n]{1,12})?(?:出生(?!证|[医地])|诞生|降生|出世|娩出|"
    rf"足月[^,，。;；\n]{{0,6}}娩出)|生[人的于]|的生日|[剖顺][的产]|,?属[{_ANIMALS}]|生(?=[,，。;；、)|\s]|$)))"
)
"""What says behind a day that somebody was born."""

DAYS: tuple[Pattern, ...] = (
    pattern(
        "DATE_OF_BIRTH",
        rf"{_BIRTH}{_IS}(?P<v>{DAY}|{_MOON}|{_ERA}|{HAN_YEAR}|{_SHORT}|{YEAR}\s?年|{YEAR}[-/.](?:1[0-2]|0?[1-9])(?!\d)"
        rf"|(?<!\d){YEAR}(?:0[1-9]|1[0-2])(?!\d)|\d\d(?P<t>[-/.])(?:1[0-2]|0?[1-9])(?P=t)(?:3[01]|[12]\d|0?[1-9])(?!\d)"
        rf"|(?<=年份[:是为|]){YEAR}(?!\d)|{_MONTH_DAY}|{WESTERN_DAY})",  # without its year a birthday is one still
        day(0.95),
        cues="出生 生日 生辰 生于 DOB D.O.B 证上",
    ),
    pattern(
        "DATE_OF_BIRTH",
        rf"(?<!\d)(?P<v>{DAY}|{HAN_YEAR}|{YEAR}\s?年|{_SHORT}){_BORN}",
        day(0.95),
        cues=f"生 娩 出世 剖 顺 {' '.join('属' + animal for animal in _ANIMALS)}",
    ),
    # Between sex and people in a document of a court.
    pattern(
        "DATE_OF_BIRTH",
        rf"[男女]性?[,、 ](?P<v>{DAY})(?=[,、 ][\u4e00-\u9fff]{{1,4}}族)",
        day(0.95),
        digits=5,
        cues="族",
    ),
    pattern(
        "DATE_OF_BIRTH", rf"(?<!\d)(?P<v>{_MONTH_DAY})(?=\s?(?:出生(?!证|[医地])|的生日))", 0.95, digits=2, cues="生"
    ),
    pattern("DATE_OF_BIRTH", rf"(?<!\d)(?P<v>{_MOON}){_BORN}", 0.95, cues="月初 月十 月廿 月二十 月三十"),
    pattern("DATE", rf"(?<!\d)(?P<v>{DAY})", day(0.8), digits=5),
    pattern("DATE", rf"(?P<v>{HAN_YEAR})", 0.8, cues="年"),
    pattern("DATE", rf"(?<![\d/\-])(?P<v>{YEAR}[-/.](?:1[0-2]|0[1-9]))(?![\d\-/.])", 0.5, digits=6, cues="- / ."),
    # Without a day, and even without a month, a date beside shifted ones gives their shift away.
    pattern("DATE", rf"(?<![\d])(?P<v>{YEAR}\s?年)(?![版度制])", 0.6, digits=4, cues="年"),
    pattern("DATE", rf"(?<!\d)(?P<v>{_MONTH_DAY})", 0.6, digits=2, cues="月"),
    # An exact age is a quasi-identifier that no class of an edition counted.
    pattern("AGE", r"(?<![\d.])(?P<v>(?:1[0-4]\d|\d{1,2})\s?(?:周岁|岁))", 0.6, digits=1, cues="岁"),
)
