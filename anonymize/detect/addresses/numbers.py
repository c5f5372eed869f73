"""House numbers: where they stand in a text, and the road, estate or village before those that no place leads to."""

import re
from collections.abc import Iterator, Sequence

from anonymize.detect.addresses import parts
from anonymize.detect.addresses.begins import named_from
from anonymize.detect.alternatives import by_first

LOOK_BACK = 20
"""Characters before a house number in which its road begins."""
_COUNTING = "0-9A-Za-z〇零一二三四五六七八九十百廿甲乙丙丁东西南北"
MARK = re.compile(
    by_first(
        rf"[号弄栋幢座单字楼层室房户村小组生社队院门排邻梯巷铺#Ff/支](?:(?<=[{_COUNTING}].)|(?<=\d .))|"
        rf"-(?<=[0-9A-Za-z]-)(?=\d)|米(?<=\d米)|组(?<=[村区镇乡会].{{2}}组)|组(?<=[村区镇乡会].{{3}}组)"
    )
)
"""What stands after the count of every number of a house: a text without has none."""
_BEFORE_MARK = re.compile(rf"(?:附|第|地下|负|[新老临])?[{_COUNTING}\-/之附]{{1,12}} ?$")
_COUNTED = frozenset("0123456789〇零一二三四五六七八九十百") | frozenset(map(chr, [*range(65, 91), *range(97, 123)]))
_NUMBER = re.compile(parts.NUMBERED)
_WHOLE = re.compile(rf"(?:\d{{1,4}}号院?)?{parts.COUNT}(?:栋|幢|座|号楼){parts.COUNT}单元\d{{3,4}}(?!\d)")
"""A building with unit and room: an address without any name."""
_STRONG = re.compile(
    rf"(?:\d{{1,4}}号院?)?{parts.COUNT}(?:(?:栋|幢|座|号楼|#楼?)-?(?:{parts.COUNT}单元|\d{{3,4}}(?!\d)|\d+-\d)|门\d{{3,4}}(?!\d)|号楼\d{{1,2}}[层楼]\d{{3,4}}(?!\d)|栋\d梯\d{{3,4}}(?!\d)|排\d{{1,3}}号)"
)
"""A building with a unit or a room: an address whatever the name before it."""
_TRIPLE = re.compile(r"\d{1,3}-\d{1,2}-(?!(?:19|20)\d\d(?!\d))\d{3,4}(?!\d)")
"""Building, unit and room with nothing but dashes between them; not a date."""
_CALLED = re.compile(rf"{parts.UNKINDED}{{2,8}}$")
_POINTING = "本该此们这那各其某贵个我"
_NO_PLACE = re.compile("(?:[邻移定]居|^.?[家这那哪院村城心夜手屋楼店厂县市区镇乡公]里)$")
"""What ends like the name of a place and is none."""
_KINDS = tuple(dict.fromkeys(f"{parts.WAYS}|{parts.BUILT}".split("|")))
_TURNED = ("路", "街", "道", "巷")
_KIND = re.compile(f"(?:{parts.WAYS}|{parts.BUILT}|[路街道巷][东西南北中口])$")
_PHASED = re.compile(
    r"(?:[一二三四五六七八九十\d]{1,2}期|(?:[A-Za-z东西南北中一二三四五六]|\d{1,2})区|"
    r"[东西南北主裙附]塔|[东西南北中一二三四五六七八九十]段|[东西南北]侧|(?:[\u3400-\u9fff]{2}|[A-Z\d])组团|联排|叠拼|双拼|独栋|洋房){1,2}$"
)
"""What may stand between the name of a place and its number."""
_ASIDE = re.compile(f"[(]{parts.HAN}{{1,4}}[)]$")
"""A part of an estate in brackets, which the tagger may see as a place of its own."""


def looked_back(folded: str, marks: Sequence[int], spans: Sequence[Sequence[int]]) -> Iterator[tuple[int, int]]:
    """Find house numbers at *marks* outside *spans*, and give where the name before one begins and where it stands."""
    reached = at = 0
    for number in _numbers(folded, marks):
        while at < len(spans) and spans[at][1] <= number:
            reached, at = max(reached, spans[at][1]), at + 1
        if number < reached or (at < len(spans) and spans[at][0] <= number):
            continue
        begin = _named(folded, number, reached)
        if begin is not None:
            yield begin, number


def _numbers(folded: str, marks: Sequence[int]) -> Iterator[int]:
    """Give where the numbers of houses begin whose marks are known."""
    reached = 0
    for mark in marks:
        if mark < reached:
            continue
        before = _BEFORE_MARK.search(folded, max(reached, mark - 14), mark)
        for start in range(before.start(), mark) if before else ():
            if start and folded[start - 1] in _COUNTED and folded[start] in _COUNTED:
                continue
            number = _NUMBER.match(folded, start)
            if number:
                reached = number.end()
                yield start
                break


def _named(folded: str, number: int, reached: int) -> int | None:
    """Give where the name begins that stands after *reached* and before the number at *number*, if it is a place's."""
    phase = _PHASED.search(folded, max(reached, number - 5), number)
    if phase is None and folded[number - 1 : number] == ")":
        phase = _ASIDE.search(folded, max(number - 6, 0), number)
        reached = min(reached, max(number - LOOK_BACK, 0)) if phase else reached
    last = phase.start() if phase else number
    last -= int(folded[last - 1 : last] == " ")
    first = last
    while first > max(reached, number - LOOK_BACK) and "\u3400" <= folded[first - 1] <= "\u9fff":
        first -= 1
    before = folded[first:last]
    if before.endswith(_KINDS) or before[:-1].endswith(_TURNED):
        begin = named_from(folded, first, last)
        name = folded[begin:last]
        kind = _KIND.search(name)
        is_place = kind and len(name.lstrip(_POINTING)) > len(kind[0])
        if is_place and not (len(name) < 4 and _NO_PLACE.search(name)):
            return begin
    if not (_STRONG.match(folded, number) or _TRIPLE.match(folded, number)):
        return None
    if before and first and folded[first - 1].isalnum():
        # The tagger may have seen the first half of a name as a place of its own.
        while first > max(number - LOOK_BACK, 0) and "\u3400" <= folded[first - 1] <= "\u9fff":
            first -= 1
        before = folded[first:last]
        if len(before) < 4:
            return None
    called = _CALLED.search(before)
    begin = named_from(folded, first + called.start(), last) if called else last
    if last - begin > 1:
        return begin
    return number if _WHOLE.match(folded, number) else None
