"""Chinese postal addresses as whole spans, from the large to the small, down to house, building, unit and room.

Three things begin one: a place that the tagger sees, a province with what lies in it, and a cue (住址, 家住 …). From
there it goes on for as long as parts of an address follow each other. What has a number in it, or two levels under a
province, is an address; a place alone stays a place. Where nobody saw a beginning, a house number looks back for the
road or village before it.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from anonymize.detect.findings import Finding

_REGIONS = (
    "北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海|"
    "台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门"
)
_PROVINCE = rf"(?:{_REGIONS})(?:壮族自治区|回族自治区|维吾尔自治区|特别行政区|自治区|省|市)?"
_HAN = r"[\u3400-\u9fff]"
_AREA = rf"{_HAN}{{1,10}}?(?:自治州|自治县|地区|林区|新区|街道|市|州|盟|区|县|旗|镇|乡)"
_WAYS = "大道|大街|胡同|社区|小区|花园|公寓|大厦|广场|家园|公馆|佳苑|路|街|巷|道|弄|里|村|苑|湾|坝|桥|院"
_WITHIN = r"[\u3400-\u522f\u5231-\u5410\u5412-\u5727\u5729-\u5f7f\u5f81-\u7683\u7685-\u9fff]"
"""A hanzi that can stand within the name of a street: none of 到, 向, 在, 往, 的."""
_STREET = rf"(?!医院){_WITHIN}{{1,10}}?(?:{_WAYS})"
_BUILT = (
    "小区|花园|家园|公寓|佳苑|新村|公馆|名都|名苑|华庭|雅居|新城|国际|社区|大厦|广场|中心|写字楼|商务楼|大楼|酒店|宾馆|商城|市场|工业园|产业园|"
    "科技园|宿舍|家属院|家属区|安置房|廉租房|公租房|大院|院子|御府|豪庭|雅苑|时代|府邸|学院|大学|苑|城|府|村|湾|园|庭|里"
)
_COUNT = r"(?:\d{1,5}[A-Za-z]?|[A-Za-z]\d{0,4}|[〇零一二三四五六七八九十百]{1,5}|[甲乙丙丁东西南北](?=[栋幢座楼]))"
_NOT_NUMBERED = (
    "号(?:线|机|文|令|桥|航|选手|公告|店|码|召|称|角|楼?盘)|户[居人家]|[层组队](?:数|员|合|长|成|里人)|室[内外]|房[价租产东]|"
    "楼[下上道顶梯宇盘房主长市]|门[前口外卫禁牌锁窗市店诊]|院[内外子长区]"
)
_UNITS = "号院(?![内外])|号楼(?![下上道顶梯前后])|号|支弄|弄|栋|幢|座|单元|楼|层|室|房|户|组|社|队|院|门|排|巷|铺"
_UNIT = rf"(?!{_NOT_NUMBERED})(?:{_UNITS})"
_NUMBERED = rf"(?:附|第|地下|负)?{_COUNT}(?:[\-/]{_COUNT})*{_UNIT}(?:之\d{{1,3}}|附\d{{1,4}}号?)?"
_PHASE = (
    rf"(?:{_COUNT}期|[A-Za-z\d东西南北中一二三四五六]{{1,2}}区)(?=[A-Za-z\d〇零一二三四五六七八九十百甲乙丙丁东西南北])"
)
_ROOM = (
    r"(?<=[栋幢座楼元层号院门0-9A-Za-z])-?\d{1,5}(?:(?:-\d{1,5}){1,3}[A-Za-z]?(?![\d号])"
    r"|[A-Za-z]?(?![\d年月日元米分岁人个名条次万千百%.:℃度号])(?!(?<!\d\d\d)[点时]))室?"
)
_NAMED = rf"{_HAN}{{0,6}}?(?:{_BUILT})(?={_PHASE}|{_NUMBERED}|\d{{1,4}}-\d)"
_ROAD = rf"{_HAN}{{1,6}}?(?:{_WAYS})(?={_NUMBERED})"
_CROSSING = (
    rf"(?P<a>{_HAN}{{2,8}}?(?:{_WAYS}))"
    rf"[与和及]{_HAN}{{2,8}}?(?:{_WAYS})(?:交叉口|交汇处|交界处|十字路口|路口)(?={_NUMBERED})"
)
_ASIDE = rf"[(（]{_HAN}{{2,10}}[)）](?={_NUMBERED})"
_POSTCODE = r"(?:[ ,，]?\d{6}(?!\d))?"

_REST = re.compile(rf"(?:[ ,，、]?(?:{_NUMBERED}|{_PHASE}|{_ROOM}|{_NAMED}|{_ROAD}|{_ASIDE}))+")
_HAS_NUMBER = re.compile(rf"{_COUNT}(?:[\-/]{_COUNT})*{_UNIT}")
_LEVELS = re.compile(rf"{_PROVINCE}[ ]?(?:{_AREA}[ ]?){{1,4}}(?:{_STREET}){{0,3}}")
_CROSSED = re.compile(_CROSSING)
_JUNCTION = re.compile("交叉口|交汇处|交界处|路口")
_CUE = re.compile(
    r"(?:家庭住址|家庭地址|联系地址|通讯地址|居住地址|户籍地址|现住址|住址|地址|户籍地?|籍贯|居住地|居住于|居住在|现住|家住|住在|住于)"
    r"(?:是|为|在|于|[: ：]){0,3}"
    rf"(?P<v>(?:{_AREA}|{_STREET}|{_NUMBERED}){{1,8}}{_POSTCODE})"
)
_NUMBER = re.compile(rf"(?<![\dA-Za-z〇零一二三四五六七八九十百]){_NUMBERED}")
_MAY_BE_NUMBERED = re.compile("[号栋幢室组社座层楼]")
_LEADS = (
    "现居|所在地|送达|配送|派送|邮寄|发往|寄送|入住|搬至|迁往|回到|返回|抵达|到达|去往|驶入|途径|停在|地处|处于|落户|借住|暂住|"
    "长住|定居|寄居|门牌|地点|场所|坐落|座落|经营|"
    "租住|寄至|寄往|寄到|送到|送至|赶到|赶往|赶至|开在|请给|位于|家住|现住|住在|常住|路过|途经|经过|前往|来到|核实|查处|走访|赶赴|事发|地址|住址|今早|一下|坐落于|落于|"
    "反映|举报|投诉|租下了|断了"
)
_LED_BY = re.compile(
    rf".*(?:{_LEADS}|居住|来自|迁至|搬到|就住|咨询|留言|(?<=[路街道巷村区园号楼院城])[和与及]|[住在于到从至往为是由的我有经给对把将了])(?=.{{2}})",
    re.DOTALL,
)
"""What leads up to a road is no part of its name."""
_STUB = re.compile(rf"{_HAN}?(?:{_WAYS})")
"""A road that lost its name: one character before its kind."""
_LEAD = re.compile(
    rf"(?:.{{0,2}}?(?:{_LEADS})|(?<=经)过|(?<=一)下|(?<=今)早|(?<=核)实|(?<=[落位居住])于|(?<=住)地|(?<=[寄送赶])[至往到]|(?<=家)属住|[住在到给把将]|从(?![江化]))(?=..)"
)
_LED_WORDS = re.compile(rf".*(?:{_LEADS})(?=.{{2}})", re.DOTALL)
_ANY_NUMBER = re.compile(r"\d")
_TAIL = re.compile(_POSTCODE)
LOOK_BACK = 20
"""Characters before a house number in which its road begins."""
EDGE = 0.4
"""Least score of a place of the tagger from which an address can go on."""


def addresses(folded: str, named: Sequence[Finding] = ()) -> Iterator[Finding]:
    """Find addresses in *folded* text, in which the tagger saw *named*; they do not overlap."""
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
    for start, end, levels in sorted(spans):
        start = _led_up(folded, start, end)
        if levels > 1 or _HAS_NUMBER.search(folded, start, end):
            tail = _TAIL.match(folded, end)
            yield Finding(start, tail.end() if tail else end, "ADDRESS", 0.8)


def _begin(folded: str, place: Finding, persons: Sequence[Finding]) -> int:
    """Give where a place begins: without a verb that the tagger took along, with a name that it took for a person's."""
    lead = _LEAD.match(folded, place.start, place.end)
    if lead:
        return lead.end()
    at = bisect_left(persons, place.start, key=lambda person: person.start) - 1
    stub = int(_STUB.match(folded, place.start) is not None)
    return persons[at].start if at >= 0 and place.start < persons[at].end + stub else place.start


def _led_up(folded: str, start: int, end: int) -> int:
    """Give where an address begins once what leads up to it is left out."""
    number = _ANY_NUMBER.search(folded, start, end)
    words = _LED_WORDS.match(folded, start, number.start() if number else end)
    start = words.end() if words else start
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
        last = first = phase.start() if phase else number.start()
        while first > max(reached, number.start() - LOOK_BACK) and "\u3400" <= folded[first - 1] <= "\u9fff":
            first -= 1
        before = folded[first:last]
        if before.endswith(_KINDS):
            led = _LED_BY.match(before)
            name = before[led.end() :] if led else before
            if len(name) > len(_KIND.search(name)[0]):  # type: ignore[index]  # it ends in one
                begin = last - len(name)
                reached = _go_on(folded, begin, number.start())
                yield begin, reached


_KINDS = tuple(dict.fromkeys(f"{_WAYS}|{_BUILT}".split("|")))
_PHASED = re.compile(r"(?:[一二三四五六七八九十\d]{1,2}期|[A-Za-z东西南北中]区)$")
_KIND = re.compile(f"(?:{_WAYS}|{_BUILT})$")
_INSIDE = frozenset(f"0123456789〇零一二三四五六七八九十百号栋幢座单元楼层室房户组社队期区-{_WAYS}{_BUILT}") - {"|"}
"""What stands where the tagger stopped too early."""
