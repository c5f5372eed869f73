r"""Identifiers with a structure, as written in Chinese texts.

Digits stand beside hanzi without a blank, and hanzi are word characters: `\b` never matches there, so each
pattern names the characters that may not stand beside it. Texts are folded (see `fold`) before they come here.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from anonymize.detect.checksums import is_date, is_luhn, is_old_resident_id, is_resident_id, is_uscc
from anonymize.detect.findings import Finding

Check = Callable[[str], float]


@dataclass(frozen=True, slots=True)
class Pattern:
    """One written form of one type: the group `v` is what is found, `check` how sure that makes us.

    A text with fewer digits than `digits`, or without any of `cues`, is not searched at all: most texts have neither.
    """

    type: str
    regex: re.Pattern[str]
    check: Check
    digits: int = 0
    cues: tuple[str, ...] = ()

    def findings(self, folded: str) -> Iterator[Finding]:
        """Find each occurrence in *folded* that the check gives a score above 0."""
        for match in self.regex.finditer(folded):
            score = self.check(match["v"])
            if score > 0:
                yield Finding(match.start("v"), match.end("v"), self.type, score)


def _sure(score: float) -> Check:
    return lambda _: score


def _when(rule: Callable[[str], bool], score: float) -> Check:
    return lambda found: score if rule(re.sub(r"[ .\-]", "", found)) else 0.0


def _pattern(
    kind: str, regex: str, check: float | Check, flags: int = 0, *, digits: int = 0, cues: str = ""
) -> Pattern:
    known = check if callable(check) else _sure(check)
    return Pattern(kind, re.compile(regex, flags), known, digits, tuple(cues.split()))


_IS = r"(?:[号码]{0,2}(?:是|为|[:#=\-\s]){0,4})"
"""What may stand between a cue word and its value."""

_S = r"[ .\-]{1,2}"
_YEAR = r"(?:1[89]|20)\d\d"
_DAY = (
    rf"(?:{_YEAR}(?P<s>[ ]?[-/.][ ]?)(?:1[0-2]|0?[1-9])(?P=s)(?:3[01]|[12]\d|0?[1-9])(?!\d)"
    rf"|{_YEAR}(?:1[0-2]|0[1-9])(?:3[01]|[12]\d|0[1-9])(?!\d)"
    rf"|{_YEAR}\s?年\s?(?:1[0-2]|0?[1-9])\s?月(?:份|底|初|中旬|\s?(?:3[01]|[12]\d|0?[1-9])\s?[日号]?)?)"
)
_HAN_YEAR = (
    r"[一二][〇零○一二三四五六七八九]{3}年(?:[一二三四五六七八九十]{1,2}月(?:[一二三四五六七八九十]{1,3}[日号])?)?"
)
_COMPACT_DAY = re.compile(r"\d{8}")


def _day(score: float) -> Check:
    """Refuse eight digits that are no day of the calendar."""
    return lambda found: score if not _COMPACT_DAY.fullmatch(found) or is_date(found) else 0.0


_PROVINCE = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"

PATTERNS: tuple[Pattern, ...] = (
    # GB 11643-1999: 6 digits of region, 8 of birth, 3 of order, 1 check character; printed in groups or not.
    _pattern(
        "CN_ID",
        r"(?<!\d)(?P<v>[1-9]\d{5}[ \-]?\d{4}[ \-]?\d{4}[ \-]?\d{3}[ \-]?[\dXx])(?!\d)",
        _when(is_resident_id, 1.0),
        digits=17,
    ),
    _pattern("CN_ID", r"(?<!\d)(?P<v>[1-9]\d{14})(?!\d)", _when(is_old_resident_id, 0.7), digits=15),
    # A cue makes any number an identity number, even one with a mistyped check digit.
    _pattern(
        "CN_ID",
        rf"(?:身份证|公民身份|证件){_IS}(?P<v>\d(?:[ \-]?\d){{13,16}}[ \-]?[\dXx])(?!\d)",
        0.8,
        digits=14,
        cues="身份证 公民身份 证件",
    ),
    # Mobile numbers: 11 digits from 13 to 19 (telephone network numbering plan, MIIT 2017).
    _pattern(
        "PHONE",
        r"(?<!\d)(?P<v>(?:(?:\((?:\+|00)?86\)|(?:\+|00)?86)[ \-]?)?1[3-9]\d"
        rf"(?:\d{{8}}|{_S}\d{{4}}{_S}\d{{4}}|{_S}\d{{3}}{_S}\d{{5}}|\d{_S}\d{{4}}{_S}\d{{3}}|\d{_S}\d{{3}}{_S}\d{{4}}"
        rf"|\d{{4}}{_S}\d{{4}}|{_S}\d{{8}}))(?!\d)",
        0.9,
        digits=11,
    ),
    _pattern("PHONE", r"(?<!\d)(?P<v>1(?:[ \-][3-9])(?:[ \-]\d){9})(?!\d)", 0.9, digits=11),
    # Landlines: area code 010, 02x or 0xxx, then 7 or 8 digits that do not begin with 0 or 1; an extension.
    _pattern(
        "PHONE",
        r"(?<!\d)(?P<v>(?:(?:\+|00)86[ \-]?)?(?:\(0?(?:10|2\d|[3-9]\d\d)\)|0(?:10|2\d|[3-9]\d\d))[ \-]{0,2}"
        r"[2-9]\d{2,3}[ \-]?\d{4}(?:(?:-|转|ext\.?)[ ]?\d{1,6})?)(?!\d)",
        0.85,
        digits=9,
    ),
    _pattern(
        "PHONE", rf"(?:电话|座机|手机|传真|[Tt][Ee][Ll]){_IS}(?P<v>[2-9]\d{{2,3}}[ \-]?\d{{4}})(?!\d)", 0.8, digits=7
    ),
    _pattern("PHONE", r"尾号(?:是|为|[: ])?(?P<v>\d{4})(?!\d)", 0.6, digits=4, cues="尾号"),
    # GB 32100-2015.
    _pattern("USCC", r"(?<![0-9A-Za-z])(?P<v>[0-9A-HJ-NPQRTUWXY]{18})(?![0-9A-Za-z])", _when(is_uscc, 0.95), digits=6),
    _pattern("USCC", rf"(?:信用代码){_IS}(?P<v>[0-9A-Za-z]{{18}})(?![0-9A-Za-z])", 0.8, digits=1, cues="信用代码"),
    # GA 36-2018: province, authority, five characters; six for new-energy vehicles (D/F first, or last of six).
    _pattern(
        "PLATE",
        rf"(?P<v>[{_PROVINCE}][A-HJ-NP-Za-hj-np-z][ ·•.\-]?"
        r"(?:[DFdf][A-HJ-NP-Za-hj-np-z0-9]\d{4}|[A-HJ-NP-Za-hj-np-z0-9]\d{4}[DFdf]|[ABCE-Kabce-k][A-HJ-NP-Za-hj-np-z0-9]\d{4}"
        r"|(?=[A-Za-z0-9]{0,4}\d)[A-HJ-NP-Za-hj-np-z0-9]{4}[A-HJ-NP-Za-hj-np-z0-9挂学警港澳试超]))(?![0-9A-Za-z])",
        0.85,
        digits=1,
    ),
    # GA/T 1180 and ICAO Doc 9303: ordinary E (with a second letter since 2012), G; diplomatic, service, public D S P.
    _pattern(
        "PASSPORT",
        r"(?<![0-9A-Za-z])(?P<v>(?:[EGeg]\d{8}|[Ee][A-HJ-NP-Za-hj-np-z]\d{7}|[DSPdsp][Ee]?\d{7}))(?![0-9A-Za-z])",
        0.7,
        digits=7,
    ),
    _pattern(
        "PASSPORT",
        rf"(?:护照|[Pp]assport){_IS}(?P<v>[A-Za-z0-9]{{6,9}})(?![0-9A-Za-z])",
        0.8,
        digits=1,
        cues="护照 assport",
    ),
    # Mainland travel permits for Hong Kong and Macao (H, M) and exit permits (C, W): 8 digits, 10 with the issue.
    _pattern(
        "PERMIT",
        r"(?<![0-9A-Za-z])(?P<v>[HMCWhmcw]\d{8}(?:\d{2})?|[Cc][A-HJ-NP-Za-hj-np-z]\d{7})(?![0-9A-Za-z])",
        0.7,
        digits=7,
    ),
    _pattern(
        "PERMIT",
        rf"(?:通行证|回乡证|台胞证|居留证){_IS}(?P<v>[A-Za-z]?\d{{7,10}})(?![0-9A-Za-z])",
        0.8,
        digits=7,
        cues="证",
    ),
    # RFC 5322, the dot-atom form; any domain passes: public suffixes are addresses too.
    _pattern(
        "EMAIL",
        r"(?<![A-Za-z0-9._%+\-])(?P<v>[A-Za-z0-9._%+\-]{1,64}@(?:[A-Za-z0-9\-]{1,63}\.){1,8}[A-Za-z]{2,24})",
        0.95,
        cues="@",
    ),
    _pattern(
        "WECHAT",
        r"(?:微信|威信|(?<![a-z])(?:we ?chat|vx|wx))(?:号|id|账号)?(?:是|为|[: ]){0,3}"
        r"(?P<v>[a-z][\-_a-z0-9]{5,19})",
        0.85,
        re.IGNORECASE,
        cues="信 x X hat Hat HAT",
    ),
    _pattern(
        "QQ",
        rf"(?:(?<![A-Za-z])[Qq]{{2}}|扣扣){_IS}(?P<v>[1-9]\d{{4,11}})(?![\dA-Za-z])",
        0.85,
        digits=5,
        cues="Q q 扣",
    ),
    _pattern(
        "DATE_OF_BIRTH",
        rf"(?:出生(?:日期|年月日?|时间|于)?|生日|生于|(?<![A-Z])DOB){_IS}(?P<v>{_DAY}|{_HAN_YEAR}|{_YEAR}年)",
        _day(0.95),
        cues="出生 生日 生于 DOB",
    ),
    _pattern(
        "DATE_OF_BIRTH", rf"(?<!\d)(?P<v>{_DAY}|{_HAN_YEAR})(?=\s?(?:出生|生人|生[,，。;；]))", _day(0.95), cues="生"
    ),
    _pattern("DATE", rf"(?<!\d)(?P<v>{_DAY})", _day(0.8), digits=5),
    _pattern("DATE", rf"(?P<v>{_HAN_YEAR})", 0.8, cues="年"),
    _pattern("DATE", rf"(?<!\d)(?P<v>{_YEAR}[-/.](?:1[0-2]|0[1-9]))(?![\d\-/.])", 0.5, digits=6),
    # Without a day, and even without a month, a date beside shifted ones gives their shift away.
    _pattern("DATE", rf"(?<![\d])(?P<v>{_YEAR}\s?年)(?![版度制])", 0.6, digits=4, cues="年"),
    _pattern(
        "DATE", r"(?<!\d)(?P<v>(?:1[0-2]|0?[1-9])\s?月\s?(?:3[01]|[12]\d|0?[1-9])\s?[日号])", 0.6, digits=2, cues="月"
    ),
    # An exact age is a quasi-identifier that no class of an edition counted.
    _pattern("AGE", r"(?<![\d.])(?P<v>(?:1[0-4]\d|\d{1,2})\s?(?:周岁|岁))", 0.6, digits=1, cues="岁"),
    _pattern(
        "MRN",
        r"(?:住院|门诊|病案|病历|就诊|登记|病理|影像|检查|患者|标本|放射|超声|(?<![A-Za-z])MRN|(?<![A-Za-z])PID|(?<![A-Za-z])ID)(?:卡)?"
        r"(?:编?号码?|(?<=[ND])(?=[: ]))(?:是|为|[:#=\s]){0,4}"
        r"(?P<v>(?=[A-Za-z\-]{0,6}\d)[A-Za-z0-9][A-Za-z0-9\-]{3,23})(?![A-Za-z0-9])",
        0.85,
        digits=1,
        cues="号 ID MRN",
    ),
    _pattern(
        "INSURANCE_NO",
        r"(?:医保|社保|社会保障|医疗保险|新农合|保单)(?:卡|证|电脑|个人)?(?:编?号码?)(?:是|为|[:#=\s]){0,4}(?P<v>(?=[A-Za-z]{0,4}\d)[A-Za-z0-9]{6,24})(?![A-Za-z0-9])",
        0.85,
        digits=1,
        cues="号",
    ),
    _pattern(
        "BANK_CARD", rf"(?:银行卡|信用卡|储蓄卡|卡|账|帐){_IS}(?P<v>\d(?:[ \-]?\d){{11,18}})(?!\d)", 0.6, digits=12
    ),
    # What is left of nine digits or more is a number that somebody could look up.
    _pattern("NUMBER", r"(?<!\d)(?P<v>\d{9,}[Xx]?)", 0.3, digits=9),
    _pattern("NUMBER", r"(?<!\d)(?P<v>\d{3,6}(?:-\d{3,6}){2,}|\d{4}(?: \d{4}){2,}(?: \d{1,4})?)(?!\d)", 0.3, digits=9),
)
"""Every structured type by form; DESIGN 11 names the types."""

_CARD_RUN = re.compile(r"(?<!\d)\d(?:[ \-]?\d){15,}(?!\d)")


def bank_cards(folded: str) -> Iterator[Finding]:
    """Find cards of 16 to 19 digits (ISO/IEC 7812-1), in groups or not.

    A shorter card must not swallow the first groups of a longer one, nor a card its neighbour's: from each group
    of a run every length is tried, the longest first, and only between groups.
    """
    for run in _CARD_RUN.finditer(folded):
        groups = list(re.finditer(r"\d+", run[0]))
        first = 0
        while first < len(groups):
            last = _card_end(groups, first)
            if last is None:
                first += 1
                continue
            yield Finding(run.start() + groups[first].start(), run.start() + groups[last].end(), "BANK_CARD", 0.75)
            first = last + 1


def _card_end(groups: list[re.Match[str]], first: int) -> int | None:
    digits, fitting = "", None
    for last in range(first, len(groups)):
        digits += groups[last][0]
        if len(digits) > 19:
            break
        if len(digits) >= 16 and is_luhn(digits):
            fitting = last
    return fitting


def structured(text: str) -> list[Finding]:
    """Find every identifier with a structure in *text*, which must be folded."""
    digits = len(_DIGIT.findall(text))
    findings = [
        finding
        for pattern in PATTERNS
        if digits >= pattern.digits and (not pattern.cues or any(cue in text for cue in pattern.cues))
        for finding in pattern.findings(text)
    ]
    if digits >= 16:
        findings.extend(bank_cards(text))
    return findings


_DIGIT = re.compile(r"\d")
