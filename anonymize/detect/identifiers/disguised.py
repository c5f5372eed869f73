"""Numbers and mail addresses written so that a program reads past them: 一三八…, 壹叁捌, 138·0013·8000, 138OO…, (at).

What is written with other signs for digits is a number only where its digits are those of a mobile number or an
identity number; a sign between digits of ours, only in the groups that people write.
"""

import re
from collections.abc import Iterator

from anonymize.detect.findings import Finding
from anonymize.detect.identifiers.checksums import is_resident_id
from anonymize.detect.identifiers.pattern import Check, Pattern, pattern

_SPOKEN = {
    **dict(zip("零一二三四五六七八九", "0123456789", strict=True)),
    **dict(zip("零壹贰叁肆伍陆柒捌玖", "0123456789", strict=True)),
    **dict(zip("〇○洞幺貳參叄陸两拐勾", "00012336279", strict=True)),
    **dict(zip("⓪①②③④⑤⑥⑦⑧⑨", "0123456789", strict=True)),
    **dict(zip("⓿❶❷❸❹❺❻❼❽❾", "0123456789", strict=True)),
    **dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789", strict=True)),
    **dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True)),
}
"""Signs that are read as digits; 洞, 幺, 拐 and 勾 as soldiers and operators say them."""
SPOKEN = "".join(_SPOKEN)
_DIGIT = f"[0-9{SPOKEN}]"
_RUN = re.compile(
    rf"(?<![0-9{SPOKEN}]){_DIGIT}(?:[ .\-·、,]?{_DIGIT}){{10,16}}(?:[ .\-·、,]?[0-9Xx{SPOKEN}])?(?![0-9{SPOKEN}])"
)
_MAY_RUN = re.compile(rf"[{SPOKEN}][ .\-·、,]?{_DIGIT}")
_MOBILE = re.compile(r"(?:(?:00)?86)?1[3-9]\d{9}")
_PLAIN = str.maketrans({**_SPOKEN, **dict.fromkeys(" .-·、,")})
_LETTERS = str.maketrans("OolI", "0011")
_PARTS = re.compile(r"[^0-9Xx]")
_SIGN = r"(?:[·•∙/_*|~,、]|(?:\r?\n){1,2})"
_HOSTS = "qq|foxmail|163|126|139|189|yeah|sina|sohu|aliyun|tom|wo|21cn|gmail|outlook|hotmail|yahoo|icloud|live|msn"
_SUFFIX = "com|cn|net|org|edu|gov|me|cc|info|uk|de|fr"
_DOT = r"(?:\s?(?:[.。]|点|[(\[{<]\s?(?:dot|点)\s?[)\]}>])\s?|\sdot\s)"
_LOCAL = r"(?<![A-Za-z0-9._%+\-])(?P<v>[A-Za-z0-9][A-Za-z0-9._%+\-]{1,63}"


def _groups(found: str) -> float:
    """Doubt groups that are parted by ends of lines and can be years."""
    if sum(map(str.isdigit, found)) != 11:
        return 0.0
    return 0.0 if "\n" in found and re.search(r"\n(?:19|20)\d\d(?!\d)", found) else 0.6


def _lettered(found: str) -> float:
    return 0.6 if sum(map(str.isdigit, found)) >= 4 and _MOBILE.fullmatch(found.translate(_LETTERS)) else 0.0


def _is_id(found: str) -> float:
    return 1.0 if is_resident_id(_PARTS.sub("", found.replace("×", "X").replace("ⅹ", "x"))) else 0.0


_SIGNS = tuple("·•∙/_*|~,、\n")
_AT = tuple(f"{sign}{gap}{word}" for sign in "([{<【" for gap in ("", " ") for word in ("at", "At", "AT", "@"))


def _signed(kind: str, regex: str, check: Check, digits: int) -> Pattern:
    return Pattern(kind, re.compile(regex), check, digits, _SIGNS)


BROKEN: tuple[Pattern, ...] = (
    _signed("PHONE", rf"(?<!\d)(?<!\d[,.])(?P<v>1[3-9]\d(?P<s>{_SIGN})\d{{4}}(?P=s)\d{{4}})(?!,?\d)", _groups, 11),
    _signed(
        "PHONE",
        r"(?<!\d)(?P<v>1[3-9]\d(?:\d{4}(?=\D))?(?:[·•∙_*|~]|\r?\n)(?:\d{4}){1,2})(?!\d)",
        _groups,
        11,
    ),
    pattern("PHONE", r"(?<!\d)(?P<v>1(?P<s>[.·•∙/_*|~])[3-9](?:(?P=s)\d){9})(?![\d.·•∙/_*|~])", 0.6, digits=11),
    pattern("PHONE", r"(?P<v>\(1[3-9]\d\)[ \-]?\d{4}[ \-]?\d{4})(?!\d)", 0.8, digits=11, cues="("),
    pattern(
        "PHONE",
        r"(?<![A-Za-z0-9])(?P<v>[1lI][3-9](?=\d{0,8}[OolI])[0-9OolI]{9})(?![A-Za-z0-9])",
        _lettered,
        digits=4,
        cues="O o l I",
    ),
    pattern(
        "PHONE",
        r"(?:电话|手机|联系|微信|拨打|号码?)[^\d\n]{0,4}(?P<v>1[3-9]\d(?P<s>[A-Za-z])\d{4}[A-Za-z]\d{4})(?![0-9A-Za-z])",
        0.6,
        digits=11,
        cues="电话 手机 联系 微信 拨打 号",
    ),
    pattern(
        "CN_ID",
        r"(?<!\d)(?P<v>[1-9]\d{5}(?P<s>[.·•∙/_*|~])(?:\d{8}(?P=s)|\d{4}(?P=s)\d{4}(?P=s))\d{3}[\dXx])(?!\d)",
        _is_id,
        digits=17,
    ),
    pattern("CN_ID", r"(?<!\d)(?P<v>[1-9](?P<s>[ .\-·•∙/_*|~])(?:\d(?P=s)){16}[\dXx])(?!\d)", _is_id, digits=17),
    pattern("CN_ID", r"(?<!\d)(?P<v>[1-9]\d{16}[×ⅹ])(?!\d)", _is_id, digits=17, cues="× ⅹ"),
)
"""What has signs between its parts that nobody reads, or other signs for its own."""
MAILS: tuple[Pattern, ...] = (
    Pattern(
        "EMAIL",
        re.compile(
            rf"{_LOCAL}(?:\s?(?:[(\[{{<【]\s?(?:at|艾特|@)\s?[)\]}}>】]|艾特)\s?|\s@\s?|@\s)"
            rf"(?:[A-Za-z0-9\-]{{1,63}}{_DOT}){{1,4}}(?:{_SUFFIX})(?![A-Za-z]))",
            re.IGNORECASE,
        ),
        lambda _: 0.9,
        cues=("@", "艾特", *_AT),
    ),
    pattern("EMAIL", rf"{_LOCAL}[#@](?:{_HOSTS}){_DOT}(?:{_SUFFIX})(?![A-Za-z]))", 0.9, re.IGNORECASE, cues="# @"),
)
"""Addresses with a word, or with another sign, for the sign that everybody looks for."""


def spoken(folded: str) -> Iterator[Finding]:
    """Find mobile and identity numbers some of whose digits are hanzi, or in circles, or raised."""
    if _MAY_RUN.search(folded) is None:
        return
    for run in _RUN.finditer(folded):
        plain = run[0].translate(_PLAIN)
        if _MOBILE.fullmatch(plain):
            yield Finding(*run.span(), "PHONE", 0.9)
        elif is_resident_id(plain):
            yield Finding(*run.span(), "CN_ID", 1.0)
