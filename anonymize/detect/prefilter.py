"""Which values of a column could hold anything at all, decided for the whole column at once.

Most columns of a register hold codes, labels and measures, and most texts no identifier. So bytes are looked at
before characters, and shapes (RE2, in Arrow) before rules. The filter may let through what holds nothing; it may
never stop what a recogniser would find (tests/unit/anonymize/detect/test_columns.py tries).
"""

from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from anonymize.detect.identifiers.disguised import SPOKEN

Flags: TypeAlias = NDArray[np.bool_]

_DIGIT, _CHAT, _LETTER, _OTHER, _RARE = 1, 2, 4, 8, 16
_KIND = np.zeros(256, np.uint8)
_KIND[[*b"0123456789@"]] = _DIGIT
_KIND[[*b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"]] = _LETTER
_KIND[[*b"vwVW"]] = _LETTER | _CHAT
_KIND[[*b".:([{<#"]] = _CHAT
_KIND[0x80:] = _OTHER
_KIND[[*range(0xC2, 0xE3), *range(0xEA, 0xF5)]] = _OTHER | _RARE
"""Bytes beyond ASCII; hanzi begin with E3 to E9, digits of other scripts and full-width signs with a rarer one."""

_ND = r"\p{Nd}"
_NET = (
    r"[:.](?:[0-9A-Fa-f]{0,4}[:.]|//)|[0-9A-Fa-f]{2}(?:[:\-][0-9A-Fa-f]{2}){3}|[A-Za-z0-9]\.[A-Za-z]{2}"
    r"|[0-9]\.[0-9]{2,}[^0-9]*[0-9]+\.[0-9]{2,}|(?i:www\.)"
)
"""Addresses of the net and of the map."""
_HIDING = r"[\x00-\x08\x0B\x0C\x0E-\x1F\x7F]|</?[A-Za-z]|&(?:#|[A-Za-z]{2,6};)|[0-9]\t"
"""What is not seen, or is written for one sign: something may be seen that no shape shows (see `visible`)."""
_MAIL = r"[(\[{<【（［｛＜][ ]?(?i:at|艾特|@)|艾特|[#＃](?:[0-9１２３６８９]{2,3}|(?i:[a-z]{2,8}))[ .。点]"
_PARTED = (
    r"%1[3-9]%D(?:%S|[,、，\r\n]|%D{4}(?:%S|[\r\n]))%D{4}|%1(?:%S|[.\-])[3-9](?:%S|[.\-])%D|[(（]%1[3-9]%D[)）]"
    r"|[1lI][3-9][0-9OolI]{9}|%D{6}(?:%S|\.)%D{4}|%D(?:%S|\.)(?:%D(?:%S|\.)){9}|%D{17}[×ⅹ]"
).replace("%S", "[·•∙/_*|~／＿＊｜～]")
"""Numbers with other signs between their digits, or for them (see `disguised`)."""
_RECORD = (
    r"(?i:[a-z]{2}[\"'\]]?\.?\s?[:=|>]\s{0,3}[\"'\[(]?"
    r"(?:[0-9][0-9a-z\-]{3}|[a-z\-][0-9][0-9a-z\-]{2}|[a-z\-]{2}[0-9][0-9a-z\-]|[a-z\-]{3,6}[0-9]))"
)
"""A key of letters, a sign, and a number: four signs or more, of which one of the first seven is a digit."""
_LATIN = (
    rf"@|(?:[0-9][ .\-]{{0,2}}){{7}}|(?:1[89]|20)[0-9]{{2}} ?[\-/.]|(?i:wx|vx|\+v|chat|passport|qq|tel|dob)|ID|MRN"
    rf"|{_NET}|{_HIDING}|{_MAIL}|{_RECORD}|(?s:\n.*[0-9]{{4}})|(?i:values?\s{{0,4}}\()"
) + f"|{_PARTED.replace('%D', '[0-9]').replace('%1', '1')}"
"""What a value of ASCII alone must hold: digits in a row, a day, a cue, a key and value, a table, an address."""
_HAN = (
    r"(?:\p{Nd}\pZ?[ .\-‐‑‒–—―−﹣－\x{AD}\x{200B}-\x{200D}\x{2060}\x{FEFF}]{0,2}){5}"
    r"|[@＠年月岁号码照．]|\p{Nd}\pZ?[°º度]|保[^0-9]{0,12}\p{Nd}{4}|[:：][0-9A-Fa-f０-９]{0,4}[:：]"
    r"|[微威薇围]信|[微薇][❤♥]|卫星号|加薇|代码|[vwVWｖｗＶＷ]|(?i:passport|mrn|id|[nd][:：= #])|[Ａ-Ｚａ-ｚ]"
    rf"|[{SPOKEN}](?:[ .\-·、,]?[0-9{SPOKEN}]){{10}}|[0-9](?:[ .\-·、,]?[0-9{SPOKEN}]){{10}}|{_MAIL}"
    r"|[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][ ·•.\-]?[A-Za-z]"
    rf"|{_NET}|{_HIDING}|{_RECORD.replace('0-9', _ND)}"
    rf"|[\p{{Cf}}\p{{Me}}\x{{034F}}\x{{180B}}-\x{{180F}}\x{{FE00}}-\x{{FE0F}}\x{{0300}}-\x{{036F}}\x{{20D0}}-\x{{20FF}}]"
) + f"|{_PARTED.replace('%D', _ND).replace('%1', _ND).replace('[3-9]', _ND)}"
"""What any other value must hold to be searched for identifiers alone."""

_HANZI_ALONE = rf"年|[{SPOKEN}](?:[·、]?[{SPOKEN}]){{10}}"
"""What can be written in hanzi alone: a year, or the digits of a number."""


def worth_a_look(values: pa.Array, *, names: bool = True, language: str = "zh") -> Flags:
    """Say for each of *values*, which must be strings, whether a recogniser could find anything in it.

    Without *names* only identifiers are wanted, no persons, places or addresses: most texts hold none.
    """
    if not len(values):
        return np.zeros(0, np.bool_)
    if language != "zh":
        return _hold(values, _DIGIT | _CHAT | _RARE | (_LETTER | _OTHER if names else 0))
    other = _beyond_ascii(values)
    flags = other.copy() if names else np.zeros(len(values), np.bool_)
    if not other.all():
        _look(values, ~other & _hold(values, _DIGIT | _CHAT), _LATIN, flags)
    if not names:
        _look(values, other, _HAN, flags)
        held = np.flatnonzero(flags & other)
        plain = held[~_hold(values.take(pa.array(held)), _DIGIT | _LETTER | _RARE)]
        flags[plain] = False
        due = np.zeros(len(values), np.bool_)
        due[plain] = True
        _look(values, due, _HANZI_ALONE, flags)
    return flags


def _look(values: pa.Array, due: Flags, shapes: str, flags: Flags) -> None:
    """Flag the values that are *due* and hold one of *shapes*."""
    places = np.flatnonzero(due)
    if not len(places):
        return
    some = values if len(places) == len(values) else values.take(pa.array(places))
    held = (pc.match_substring if len(shapes) == 1 else pc.match_substring_regex)(some, shapes)
    flags[places] = pc.fill_null(held, False).to_numpy(zero_copy_only=False)


def _beyond_ascii(values: pa.Array) -> Flags:
    """Say which values hold a byte beyond ASCII."""
    ends, data = _bytes(values)
    if not len(data) or data.max() < 0x80:
        return np.zeros(len(values), np.bool_)
    told: Flags = _each(ends, data, np.maximum) >= 0x80
    return told


def _hold(values: pa.Array, wanted: int) -> Flags:
    """Say which values hold a byte of one of the *wanted* kinds."""
    ends, data = _bytes(values)
    if not len(data):
        return np.zeros(len(values), np.bool_)
    kinds = np.empty(len(data), np.uint8)
    # Of each byte an index of eight is made: in pieces, so that they do not leave the cache.
    for at in range(0, len(data), _CACHED):
        np.take(_KIND, data[at : at + _CACHED], out=kinds[at : at + _CACHED], mode="clip")
    told: Flags = (_each(ends, kinds, np.bitwise_or) & wanted) > 0
    return told


_CACHED = 1 << 16


def _bytes(values: pa.Array) -> tuple[Any, Any]:
    """Give where each value ends, and the next begins, in the one buffer that holds them all; and that buffer."""
    if not len(values):
        return np.zeros(1, np.int64), np.zeros(0, np.uint8)
    wide = pa.types.is_large_string(values.type)
    _, offsets, data = values.buffers()
    ends = np.frombuffer(offsets, np.int64 if wide else np.int32)[values.offset : values.offset + len(values) + 1]
    start, end = int(ends[0]), int(ends[-1])
    return ends - start, np.frombuffer(data, np.uint8)[start:end] if end > start else np.zeros(0, np.uint8)


def _each(ends: Any, data: Any, unite: np.ufunc) -> Any:
    """Unite the bytes of each value; an empty one has 0."""
    # reduceat gives an empty value the byte after it, and cannot begin past the end: both are put right.
    found = unite.reduceat(data, np.minimum(ends[:-1], len(data) - 1))
    found[ends[:-1] == ends[1:]] = 0
    return found
