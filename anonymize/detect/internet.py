"""Addresses of the net and of the map, in text of any language: e-mail, pages, hosts, hardware, coordinates.

No list of public suffixes is needed, and none is fetched: a host is what is written like one.
"""

import re
from ipaddress import ip_address

from anonymize.detect.identifiers.pattern import Pattern, pattern

_SUFFIX = (
    "com|cn|net|org|gov|edu|mil|int|info|biz|io|co|me|tv|cc|top|vip|xyz|club|site|shop|online|app|dev|health|hospital|"
    "uk|us|eu|de|fr|it|es|nl|ru|jp|kr|hk|tw|mo|sg|in|au|ca|br|ch|se|no|dk|fi|pl|pt|at|be|nz|mx|ar|cl|gr|cz|hu|ie"
)
_PATH = r"(?:[/?#](?:[A-Za-z0-9\-._~:/?#@!$&*+=%]*[A-Za-z0-9\-_~/=&#%])?)?"
_HEX = "[0-9A-Fa-f]"
_DEGREES = (
    r"\d{1,3}(?:\.\d{1,8})?\s?(?:°|º|度)\s?(?:\d{1,2}(?:\.\d+)?\s?[′'’分]\s?(?:\d{1,2}(?:\.\d+)?\s?(?:[″\"”秒]|''))?)?"
)
_MARKED = (
    rf"(?:(?:东经|西经|北纬|南纬|(?<![A-Za-z])[NSEW])[: ]?{_DEGREES}|(?:东经|西经|北纬|南纬)[: ]?\d{{1,3}}\.\d{{2,8}}"
    # Of one letter and up to three decimals are codes of diseases (ICD-10: S51.201) and laboratory values.
    r"|(?<![A-Za-z])[NSEW][: ]?\d{1,3}\.\d{4,8}|(?<![A-Za-z])E[: ]?1[0-3]\d\.\d{2,8}"
    r"|(?<![A-Za-z])N[: ]?\d{1,2}\.\d{2,8}(?=[\s,，、;；/]{0,3}E[: ]?1[0-3]\d\.)"
    rf"|(?:{_DEGREES}|(?<![A-Za-z])\d{{1,3}}\.\d{{3,8}})(?:[NSEW]|\s[NSEW](?!\d))(?![A-Za-z]))"
)
_BETWEEN = r"[\s,，、;；/]{1,3}"


def _is_host(found: str) -> float:
    try:
        ip_address(found)
    except ValueError:
        return 0.0
    return 0.9 if "." in found or (len(found) >= 6 and not found.isalpha()) else 0.0


def _is_page(found: str) -> float:
    """Take a bare host for a page, but for names of programs, which begin as hosts end or with `self`."""
    return 0.7 if re.search("[A-Za-z]{2}.*[.]", found) and not _CODE.match(found) else 0.0


_CODE = re.compile(r"(?:com|org|java|self|this)\.|log(?:ger)?\.info", re.IGNORECASE)


def _is_on_earth(found: str) -> float:
    """Take two decimal fractions for a place: in or near China, or given to a metre."""
    parts = re.findall(r"\d+\.\d+", found)
    least, most = sorted(map(float, parts))
    near = 3 <= least <= 54 and 73 <= most <= 136
    precise = least <= 90 and most <= 180 and all(len(part.partition(".")[2]) >= 5 for part in parts)
    return 0.85 if near or (precise and most >= 1) else 0.0  # both below 1 are shares, or lie at sea


NET: tuple[Pattern, ...] = (
    # RFC 5322, the dot-atom form; any domain passes: public suffixes are addresses too.
    pattern(
        "EMAIL",
        r"(?<![A-Za-z0-9._%+\-])(?P<v>[A-Za-z0-9._%+\-]{1,64}@(?:[A-Za-z0-9\-]{1,63}\.){1,8}[A-Za-z]{2,24})",
        0.95,
        cues="@",
    ),
    # RFC 3986, less the signs that end a sentence or a bracket around it.
    pattern(
        "URL",
        rf"(?i:(?<![A-Za-z])(?P<v>(?:(?:https?|ftps?|wss?)://[A-Za-z0-9\-._~%:@]*[A-Za-z0-9]|www\.[A-Za-z0-9\-.]*[A-Za-z0-9]){_PATH}))",
        0.95,
        cues=":// www WWW Www",
    ),
    pattern(
        "URL",
        rf"(?i:(?<![A-Za-z0-9@._\-])(?P<v>(?:[A-Za-z0-9](?:[A-Za-z0-9\-]{{0,61}}[A-Za-z0-9])?\.){{1,4}}(?:{_SUFFIX})(?![A-Za-z0-9\-@])(?!\.[A-Za-z0-9]){_PATH}))",
        _is_page,
        cues=".",
    ),
    # RFC 791 and RFC 4291; a fifth number, or a letter before, makes it the version of something.
    pattern(
        "IP",
        r"(?:(?<![\dA-Za-z.])|(?<=[Ii][Pp]))(?P<v>(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d))(?!\d|\.\d)",
        _is_host,
        digits=4,
        cues=".",
    ),
    pattern(
        "IP",
        rf"(?P<v>{_HEX}(?:(?<![\w.:].)|(?<=[G-Zg-z46]:.)|(?<=[^\x00-\x7f]:.)|(?<=[Ii][Pp].)){_HEX}{{0,3}}:(?:(?:{_HEX}{{1,4}}:){{6}}{_HEX}{{1,4}}|(?:{_HEX}{{1,4}}:){{0,5}}(?::{_HEX}{{1,4}}){{1,6}}|(?:{_HEX}{{1,4}}:){{0,6}}:))(?![0-9A-Za-z:])",
        _is_host,
        re.ASCII,
        cues=":",
    ),
    # IEEE 802, MA-L: six pairs, or three groups of four.
    pattern(
        "MAC",
        rf"(?P<v>{_HEX}(?<![0-9A-Za-z].)(?<!(?<![0-9A-Za-z]){_HEX}{{2}}[:\-].)(?:{_HEX}(?P<s>[:\-]){_HEX}{{2}}(?:(?P=s){_HEX}{{2}}){{4}}|{_HEX}{{3}}\.{_HEX}{{4}}\.{_HEX}{{4}}))(?![0-9A-Za-z]|[:\-]{_HEX}{{2}})",
        0.9,
        cues=": - .",
    ),
    # ISO 6709, and the forms of everyday.
    pattern(
        "COORDINATES", rf"(?<![\d.])(?P<v>{_MARKED}(?:(?:{_BETWEEN})?{_MARKED})?)", 0.85, digits=3, cues="经 纬 N S E W"
    ),
    pattern(
        "COORDINATES",
        rf"(?<![\d.])(?P<v>-?\d{{1,3}}\.\d{{3,8}}{_BETWEEN}-?\d{{1,3}}\.\d{{3,8}})(?![\d.%]|\s?[A-Za-z℃])",
        _is_on_earth,
        digits=8,
        cues=".",
    ),
    # One of the two, by its name or the key of a record; "lat" is a side of the body, too, where no sign follows.
    pattern(
        "COORDINATES",
        rf"(?:[经纬]度[\"']?(?:是|为|[\s:=|,(>]){{0,3}}|(?<![A-Za-z])(?i:lat|lon|lng|latitude|longitude)[\"']?(?:\s?[:=|>(]\s?|\s(?=-?\d{{1,3}}\.\d{{4}})))[\"']?"
        rf"(?P<v>-?(?:{_DEGREES}|\d{{1,3}}\.\d{{2,9}})(?:\s?[NSEW](?![A-Za-z]))?)(?![\d.]|\s?[cm]m)",
        0.85,
        digits=3,
        cues="经度 纬度 lat Lat LAT lon Lon LON lng Lng LNG",
    ),
    # Two figures after a word of places, and the two axes to a metre where there is one.
    pattern(
        "COORDINATES",
        rf"(?:坐标点?|经纬度|GPS|gps|定位点?)(?:是|为|在|[\s:=|,(\[]){{0,3}}"
        rf"(?P<v>\d{{1,3}}\.\d{{1,9}}{_BETWEEN}\d{{1,3}}\.\d{{1,9}})(?![\d.])",
        0.85,
        digits=4,
        cues="坐标 经纬度 GPS gps 定位",
    ),
    pattern(
        "COORDINATES",
        r"(?<![A-Za-z\d])[XYxy][\"']?\s?[:=]\s?[\"']?(?P<v>\d{2,3}\.\d{4,9})(?![\d.])",
        0.85,
        digits=6,
        cues="坐标",
    ),
)
