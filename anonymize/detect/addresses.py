"""Chinese postal addresses as whole spans, from the large to the small, down to house, building, unit and room.

Three things begin one: a place that the tagger sees, a province with what lies in it, and a cue (住址, 家住 …). From
there it goes on for as long as parts of an address follow each other. What has a number in it, or two levels under a
province, is an address; a place alone stays a place. Where nobody saw a beginning, a house number looks back for the
road or village before it.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from anonymize.detect import address_parts as parts
from anonymize.detect.findings import Finding

_REST = re.compile(parts.REST)
_HAS_NUMBER = re.compile(f"{parts.NUMBERED}|{parts.KILOMETRE}")
_LEVELS = re.compile(rf"{parts.PROVINCE}[ ]?(?:{parts.AREA}[ ]?){{1,4}}(?:{parts.STREET}){{0,3}}")
_UNUSUAL = re.compile(r"兵团|师.{1,6}团|香港|澳门|九龙|新界|港岛|公里|千米|[Kk]\d")
_FARM = re.compile(
    rf"(?:(?:{parts.PROVINCE})?生产建设兵团|新疆兵团)(?:第?{parts.COUNT}师)?(?:第?{parts.COUNT}团)?(?:第?{parts.COUNT}连)?"
    rf"|第?{parts.COUNT}师{parts.COUNT}团(?:{parts.COUNT}连)?"
)
"""Regiments and companies of the corps that settles Xinjiang."""
_HARBOUR = re.compile(
    rf"(?:香港|澳门|九龙|新界|港岛)(?:特别行政区)? ?{parts.HAN}{{2,14}}?(?:{parts.WAYS}|{parts.BUILT}|台|字楼)(?={parts.NUMBERED}|[A-Z]座)"
)
_MARKED = re.compile(
    rf"(?P<way>(?:[GSXY]?\d{{1,4}})?{parts.HAN}{{0,12}}?(?:国道|省道|县道|乡道|高速公路|高速|公路|快速路|[GSXY]\d{{1,4}}))"
    rf"(?:[GSXY]?\d{{2,4}}线?)?(?:{parts.HAN}{{1,6}}?[方向段])?(?:{parts.KILOMETRE})"
)
"""A place on a long road by its kilometre."""
_CROSSED = re.compile(parts.CROSSING)
_JUNCTION = re.compile("交叉口|交汇处|交界处|路口")
_CUE = re.compile(
    r"(?:家庭住址|家庭地址|联系地址|通讯地址|居住地址|户籍地址|现住址|住址|地址|户籍地?|籍贯|居住地|居住于|居住在|现住|家住|住在|住于)"
    r"(?:是|为|在|于|[: ：]){0,3}"
    rf"(?P<v>(?:{parts.AREA}|{parts.STREET}|{parts.NUMBERED}){{1,8}}{parts.POSTCODE})"
)
_NUMBER = re.compile(rf"(?<![\dA-Za-z〇零一二三四五六七八九十百]){parts.NUMBERED}")
_MAY_BE_NUMBERED = re.compile(r"[号栋幢室组社座层楼#]|\d[Ff]|[\dA-Z]-\d")
_LEADS = (
    "现居|所在地|送达|配送|派送|邮寄|发往|寄送|入住|搬至|迁往|回到|返回|抵达|到达|去往|驶入|途径|停在|地处|处于|落户|借住|暂住|"
    "长住|定居|寄居|门牌|地点|场所|坐落|座落|经营|"
    "租住|寄至|寄往|寄到|送到|送至|赶到|赶往|赶至|开在|请给|位于|家住|现住|住在|常住|路过|途经|经过|前往|来到|核实|查处|走访|赶赴|事发|地址|住址|今早|一下|坐落于|落于|"
    "反映|举报|投诉|租下了|断了|变更为|更改为|改为|家属住|亲属住|家人住|所称|设在|迁入|迁出|到达|抵至|独居于|位于|人称|电称|众称|民称|反映称|关于|对于|请问|"
    "今天|昨天|昨日|今日|昨晚|今晚|今晨|上午|下午|凌晨|傍晚|晚上(?!海)|半夜|夜里|日前|近日|目前|现在|如今|上周|本周|去年|今年|前年|领导|您好|你好"
)
_PARTICLE = "(?:为(?![民公])|是|在|[至到于:：])?"
_LED_BY = re.compile(
    rf".*(?:{_LEADS}|居住|来自|迁至|搬到|就住|咨询|留言|(?<=[路街道巷村区园号楼院城])[和与及]|[住在于到从至往为是由的我有经给对把将了])(?=.{{2}})",
    re.DOTALL,
)
"""What leads up to a road is no part of its name."""
_STUB = re.compile(rf"{parts.HAN}?(?:{parts.WAYS})")
"""A road that lost its name: one character before its kind."""
_LEAD = re.compile(
    rf"(?:.{{0,2}}?(?:{_LEADS})|(?<=经)过|(?<=一)下|(?<=今)早|(?<=核)实|(?<=[落位居住])于|(?<=住)地|(?<=[寄送赶])[至往到]|(?<=家)属住|[住在到给把将因由]|从(?![江化])|(?<={parts.HAN})于(?![洪都田潜桥家]))(?=..)"
)
_LOST = re.compile(
    rf"(?:^|[^\u3400-\u9fff\dA-Za-z]|(?:{_LEADS})|[是的为在到至于])(?P<first>(?![在住到从于往因由是的了我你他请原该本某各此这那近靠临距离经过沿等共有又去回来进出现户属对给把将为与及至系但自如或即若虽且并同约里外和按据凭达白]){parts.HAN})$"
)
"""The first character of a name, which the tagger left out."""
_LED_WORDS = re.compile(rf".*(?:{_LEADS}){_PARTICLE}[: ]?(?=.{{2}})", re.DOTALL)
_ANY_NUMBER = re.compile(r"\d")
_TAIL = re.compile(f"(?:{parts.NEAR})?{parts.POSTCODE}")
_CODED = re.compile(r"(?<![A-Za-z\d编码][:：])(?<![A-Za-z\d号编码\-+.])\d{6} ?$")
"""A postcode before an address; not one that a word names."""
LOOK_BACK = 20
"""Characters before a house number in which its road begins."""
STRADDLES = 3
"""Characters before an address in which a word may begin that leads up to it."""
EDGE = 0.4
"""Least score of a place of the tagger from which an address can go on."""


def addresses(folded: str, named: Sequence[Finding] = ()) -> Iterator[Finding]:
    """Find addresses in *folded* text, in which the tagger saw *named*; they do not overlap."""
    folded = parts.simplified(folded)
    persons = sorted(person for person in named if person.type == "PERSON")
    begun = [
        (_begin(folded, p, persons), p.end, 1)
        for p in named
        if p.type == "LOCATION" and p.end - p.start > 1 and p.score >= EDGE
    ]
    begun += [
        (_begin(folded, p, persons), p.end, 1) for p in named if p.type == "ORGANIZATION" and _REST.match(folded, p.end)
    ]
    begun += [(match.start(), match.end(), 2) for match in _LEVELS.finditer(folded)]
    if _UNUSUAL.search(folded):
        begun += [(match.start(), match.end(), 2) for match in _FARM.finditer(folded)]
        begun += [(match.start(), match.end(), 1) for match in _HARBOUR.finditer(folded)]
        begun += [(_named_from(folded, *match.span("way")), match.end(), 1) for match in _MARKED.finditer(folded)]
    begun += [(match.start("v"), match.end("v"), 2) for match in _CUE.finditer(folded)]
    if _JUNCTION.search(folded):
        begun += [(_named_from(folded, *match.span("a")), match.end(), 1) for match in _CROSSED.finditer(folded)]
    spans: list[list[int]] = []
    for start, end, levels in sorted(begun):
        end = _go_on(folded, start, end)
        if spans and start <= spans[-1][1] + 1 and not folded[spans[-1][1] : start].strip(" "):
            spans[-1][1:] = [_go_on(folded, spans[-1][0], max(spans[-1][1], end)), max(spans[-1][2], levels)]
        else:
            spans.append([start, end, levels])
    if _MAY_BE_NUMBERED.search(folded):
        spans += [[*span, 1] for span in _looked_back(folded, spans)]
    for start, end, levels in _joined(spans):
        start = _led_up(folded, start, end)
        if levels > 1 or _HAS_NUMBER.search(folded, start, end):
            tail = _TAIL.match(folded, end)
            code = _CODED.search(folded, max(start - 8, 0), start) if start > 5 else None
            yield Finding(code.start() if code else start, tail.end() if tail else end, "ADDRESS", 0.8)


def _joined(spans: Sequence[Sequence[int]]) -> Iterator[tuple[int, int, int]]:
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


def _begin(folded: str, place: Finding, persons: Sequence[Finding]) -> int:
    """Give where a place begins: without a verb that the tagger took along, with a name that it took for a person's."""
    lead = _LEAD.match(folded, place.start, place.end)
    if lead:
        return lead.end()
    lost = _LOST.search(folded, max(place.start - 9, 0), place.start)
    if lost:
        return lost.start("first")
    at = bisect_left(persons, place.start, key=lambda person: person.start) - 1
    stub = int(_STUB.match(folded, place.start) is not None)
    return persons[at].start if at >= 0 and place.start < persons[at].end + stub else place.start


def _led_up(folded: str, start: int, end: int) -> int:
    """Give where an address begins once what leads up to it is left out."""
    number = _ANY_NUMBER.search(folded, start, end)
    words = _LED_WORDS.match(folded, max(start - STRADDLES, 0), number.start() if number else end)
    start = max(words.end(), start) if words else start
    lead = _LEAD.match(folded, start, end)
    return lead.end() if lead else start


def _named_from(folded: str, start: int, end: int) -> int:
    """Give where the name that stands from *start* to *end* begins, what leads up to it left out."""
    led = _LED_BY.match(folded, start, end)
    return led.end() if led else start


def _go_on(folded: str, start: int, end: int) -> int:
    """Give where the address that stands from *start* to *end* ends."""
    rest = _REST.match(folded, end)
    if rest is None and end - start > 2 and folded[end : end + 1] in _INSIDE:
        # The tagger may stop within a number, or within the name of a building.
        inside = _REST.search(folded, max(start + 2, end - 6), min(len(folded), end + 24))
        rest = inside if inside and inside.start() < end < inside.end() else None
    return rest.end() if rest else end


def _looked_back(folded: str, spans: Sequence[Sequence[int]]) -> Iterator[tuple[int, int]]:
    """Find house numbers outside *spans* that follow the name of a road, an estate or a village."""
    reached = at = 0
    for number in _NUMBER.finditer(folded):
        while at < len(spans) and spans[at][1] <= number.start():
            reached, at = max(reached, spans[at][1]), at + 1
        if number.start() < reached or (at < len(spans) and spans[at][0] <= number.start()):
            continue
        phase = _PHASED.search(folded, max(reached, number.start() - 3), number.start())
        last = phase.start() if phase else number.start()
        last -= int(folded[last - 1 : last] == " ")
        first = last
        while first > max(reached, number.start() - LOOK_BACK) and "\u3400" <= folded[first - 1] <= "\u9fff":
            first -= 1
        before = folded[first:last]
        if before.endswith(_KINDS) or before[:-1].endswith(_TURNED):
            led = _LED_BY.match(before)
            name = before[led.end() :] if led else before
            kind = _KIND.search(name)
            if kind and len(name.lstrip(_POINTING)) > len(kind[0]) and not (len(name) < 4 and _NO_PLACE.search(name)):
                begin = last - len(name)
                reached = _go_on(folded, begin, number.start())
                yield begin, reached
        elif _STRONG.match(folded, number.start()) and not (first and folded[first - 1].isalnum() and before):
            called = _CALLED.search(before)
            led = _LED_BY.match(called[0]) if called else None
            begin = first + called.start() + (led.end() if led else 0) if called else last
            if last - begin > 1 or _WHOLE.match(folded, number.start()):
                begin = begin if last - begin > 1 else number.start()
                reached = _go_on(folded, begin, number.start())
                yield begin, reached


_WHOLE = re.compile(rf"(?:\d{{1,4}}号院?)?{parts.COUNT}(?:栋|幢|座|号楼){parts.COUNT}单元\d{{3,4}}(?!\d)")
"""A building with unit and room: an address without any name."""
_STRONG = re.compile(rf"(?:\d{{1,4}}号院?)?{parts.COUNT}(?:栋|幢|座|号楼|#楼?)(?:{parts.COUNT}单元|\d{{3,4}}(?!\d)|\d+-\d)")
"""A building with a unit or a room: an address whatever the name before it."""
_CALLED = re.compile(rf"{parts.UNKINDED}{{2,8}}$")
_POINTING = "本该此们这那各其某贵个我"
_NO_PLACE = re.compile("(?:[邻移定]居|^.?[家这那哪院村城心夜手屋楼店厂县市区镇乡公]里)$")
"""What ends like the name of a place and is none."""
_KINDS = tuple(dict.fromkeys(f"{parts.WAYS}|{parts.BUILT}".split("|")))
_PHASED = re.compile(r"(?:[一二三四五六七八九十\d]{1,2}期|[A-Za-z东西南北中]区)$")
_TURNED = ("路", "街", "道")
_KIND = re.compile(f"(?:{parts.WAYS}|{parts.BUILT}|[路街道][东西南北中])$")
_INSIDE = frozenset(f"0123456789〇零一二三四五六七八九十百号栋幢座单元楼层室房户组社队期区段村屯铺排#Ff-{parts.WAYS}{parts.BUILT}") - {"|"}
"""What stands where the tagger stopped too early."""
