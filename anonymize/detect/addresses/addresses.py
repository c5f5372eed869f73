"""Chinese postal addresses as whole spans, from the large to the small, down to house, building, unit and room.

Three things begin one: a place that the tagger sees, a province with what lies in it, and a cue (住址, 家住 …). From
there it goes on for as long as parts of an address follow each other. What has a number in it, or two levels under a
province, is an address; a place alone stays a place. Where nobody saw a beginning, a house number looks back for the
road or village before it.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from anonymize.detect.addresses import parts
from anonymize.detect.addresses.begins import begin_of, led_up, named_from
from anonymize.detect.addresses.numbers import MARK, looked_back
from anonymize.detect.addresses.zones import zones
from anonymize.detect.alternatives import by_first
from anonymize.detect.findings import Finding

_REST = re.compile(parts.REST)
_HAS_NUMBER = re.compile(f"{parts.NUMBERED}|{parts.KILOMETRE}|{parts.AWAY}|{parts.TEAM}")
_LEVELS = re.compile(rf"{parts.PROVINCE}{parts.PARTED}?(?:{parts.AREA}{parts.PARTED}?){{1,4}}(?:{parts.STREET}){{0,3}}")
_UNUSUAL = re.compile(by_first(r"兵团|师.{1,6}团|团(?<=\d.)\d|香港|澳门|九龙|新界|港岛|公里|千米|[Kk]\d"))
_FARM = re.compile(
    rf"(?:(?:{parts.PROVINCE})?生产建设兵团|(?:新疆)?兵团)(?:第?{parts.COUNT}师)?(?:第?{parts.COUNT}团)?(?:第?{parts.COUNT}连)?"
    rf"|第?{parts.COUNT}师{parts.COUNT}团(?:{parts.COUNT}连)?"
    rf"|(?<!\d)\d{{1,3}}团\d{{1,3}}[连营](?={parts.NUMBERED})"
)
"""Regiments and companies of the corps that settles Xinjiang."""
_HARBOUR = re.compile(
    rf"(?:香港|澳门|九龙|新界|港岛)(?:特别行政区)? ?{parts.HAN}{{2,14}}?"
    rf"(?:{parts.WAYS}|{parts.BUILT}|台|字楼)(?={parts.NUMBERED}|[A-Z]座)"
)
"""A street or estate of Hong Kong or Macau."""
_MARKED = re.compile(
    rf"(?P<way>(?:[GSXY]?\d{{1,4}})?{parts.HAN}{{0,12}}?(?:国道|省道|县道|乡道|高速公路|高速|公路|快速路|[GSXY]\d{{1,4}}))"
    rf"(?:[GSXY]?\d{{2,4}}线?)?(?:{parts.HAN}{{1,6}}?[方向段])?(?:{parts.KILOMETRE})"
)
"""A place on a long road by its kilometre."""
_CROSSED = re.compile(parts.CROSSING)
_JUNCTION = re.compile("交叉口|交汇处|交界处|交口|路口")
_CUE = re.compile(
    r"(?:家庭住址|家庭地址|联系地址|通讯地址|居住地址|户籍地址|现住址|住址|地址|户籍地?|籍贯|居住地|居住于|居住在|现住|家住|住在|住于(?![洪都田潜桥家]))"
    r"(?:是|为|在|于|[: ：]){0,3}"
    rf"(?P<v>(?:{parts.UNKINDED}{{2,8}}?(?={parts.COUNT}(?:栋|幢|座|号楼|#)))?(?:{parts.AREA}|{parts.STREET}|{parts.NUMBERED}){{1,8}}{parts.POSTCODE})"
)
_TAIL = re.compile(f"(?:{parts.NEAR})?{parts.POSTCODE}")
_INSIDE = frozenset(
    f"0123456789〇零一二三四五六七八九十百号栋幢座单元楼层室房户组社队期区段村屯铺排#-ABCDEFGHf{parts.WAYS}{parts.BUILT}"
) - {"|"}
"""What stands where the tagger stopped too early."""
_WITHOUT_MARK = re.compile(r"[ ,，、\-]?[\dA-Z]|[〇零一二三四五六七八九]{3}|[金银商双主副Ⅰ-Ⅻ]座|.{1,5}组")
"""What goes on with an address although no mark of a number is near."""
_WITHIN_NUMBER = re.compile(r"(?<=\d)\d|(?<=[\dA-Z])[区座栋幢号楼期](?=\d)")
_EXTRA = re.compile(
    rf"(?<=[\dA-Z室])(?!{parts.HAN}{{0,3}}(?:{parts.WAYS}|{parts.BUILT}|[室楼层栋座幢号门院房户区组村侧口元间厢铺店舍社队期段米里带边])){parts.HAN}{{1,4}}$"
)
"""What the tagger took along behind the last number (902公司)."""
_FAR = 24
"""Characters within which the number stands that lets an address go on."""
LONGEST = 120
"""Characters that an address goes on for at most."""
EDGE = 0.4
"""Least score of a place of the tagger from which an address can go on."""
SOMEBODY = 0.03
"""Chance from which a person may stand before an address."""


def addresses(folded: str, named: Sequence[Finding] = ()) -> Iterator[Finding]:
    """Find addresses in *folded* text, in which the tagger saw *named*; they do not overlap."""
    folded = parts.simplified(folded)
    begun = list(_begun(folded))
    marks = [match.start() for match in MARK.finditer(folded)]
    if not (marks or begun):
        return
    seen: set[int] = set()
    for place in named:
        if place.type == "PERSON" or _WITHIN_NUMBER.match(folded, place.start):
            continue
        is_place = place.type == "LOCATION" and place.end - place.start > 1 and place.score >= EDGE
        if is_place or (place.type == "ORGANIZATION" and _go_on(folded, marks, place.start, place.end) > place.end):
            begun.append((place.start, place.end, 1))
            seen.add(place.start)
    spans: list[list[int]] = []
    for start, end, levels in sorted(begun):
        if spans and end <= spans[-1][1]:
            spans[-1][2] = max(spans[-1][2], levels)
            continue
        end = _go_on(folded, marks, start, end)
        if spans and start <= spans[-1][1] + 1 and not folded[spans[-1][1] : start].strip(" "):
            spans[-1][1:] = [_go_on(folded, marks, spans[-1][0], max(spans[-1][1], end)), max(spans[-1][2], levels)]
        else:
            spans.append([start, end, levels])
    spans += [[begin, _go_on(folded, marks, begin, number), 1] for begin, number in looked_back(folded, marks, spans)]
    tagged = {place.end for place in named if place.type != "PERSON"}
    persons = sorted(person for person in named if person.type == "PERSON" and person.score >= SOMEBODY)
    for start, end, levels in _joined(spans):
        if levels > 1 or _HAS_NUMBER.search(folded, start, end):
            start = led_up(folded, begin_of(folded, start, end, persons) if start in seen else start, end)
            extra = _EXTRA.search(folded, max(start, end - 5), end) if end in tagged else None
            end = extra.start() if extra else end
            tail = _TAIL.match(folded, end)
            yield Finding(start, tail.end() if tail else end, "ADDRESS", 0.8)


def _begun(folded: str) -> Iterator[tuple[int, int, int]]:
    """Give where an address begins by its words, how far that goes, and how many levels it has."""
    for match in _LEVELS.finditer(folded):
        yield match.start(), match.end(), 2
    for match in _CUE.finditer(folded):
        yield match.start("v"), match.end("v"), 2
    if _UNUSUAL.search(folded):
        for match in _FARM.finditer(folded):
            yield match.start(), match.end(), 2
        for match in _HARBOUR.finditer(folded):
            yield match.start(), match.end(), 1
        for match in _MARKED.finditer(folded):
            yield named_from(folded, *match.span("way")), match.end(), 1
    for start, end in zones(folded):
        yield start, end, 1
    if _JUNCTION.search(folded):
        for match in _CROSSED.finditer(folded):
            yield named_from(folded, *match.span("a")), match.end(), 1


def _joined(spans: Sequence[list[int]]) -> Iterator[tuple[int, int, int]]:
    """Unite spans that follow each other without a gap, in order of place."""
    last: tuple[int, int, int] | None = None
    for start, end, levels in sorted(spans):
        if last and start <= last[1]:
            last = last[0], max(end, last[1]), max(levels, last[2])
            continue
        if last:
            yield last
        last = start, end, levels
    if last:
        yield last


def _go_on(folded: str, marks: Sequence[int], start: int, end: int) -> int:
    """Give where the address that stands from *start* to *end* ends, in a text with numbers at *marks*."""
    near = bisect_left(marks, end - 1)
    if (near == len(marks) or marks[near] > end + _FAR) and not _WITHOUT_MARK.match(folded, end):
        return end
    rest = _REST.match(folded, end, end + LONGEST)
    if (
        rest is None
        and end - start > 2
        and (folded[end : end + 1] in _INSIDE or (near < len(marks) and marks[near] < end + 6))
    ):
        # The tagger may stop within a number, or within the name of a building.
        inside = _REST.search(folded, max(start + 2, end - 6), min(len(folded), end + 24))
        rest = inside if inside and inside.start() < end < inside.end() else None
    return rest.end() if rest else end
