"""Chinese postal addresses with an obvious grammar: from the large to the small, each part ending in its kind.

Two shapes are taken: one that begins with a province or municipality by name and goes on with at least one
administrative part, and one that names a road, village or estate with a number. After a cue (住址, 家住 …) one part
is enough. A place name alone, without cue or number, is left to a later model.
"""

import re
from collections.abc import Iterator

from anonymize.detect.findings import Finding

_REGIONS = (
    "北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海|"
    "台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门"
)
_PROVINCE = rf"(?:{_REGIONS})(?:壮族自治区|回族自治区|维吾尔自治区|特别行政区|自治区|省|市)?"
_HAN = r"[\u3400-\u9fff]"
_AREA = rf"{_HAN}{{1,10}}?(?:自治州|自治县|地区|林区|新区|街道|市|州|盟|区|县|旗|镇|乡)"
_WAYS = "大道|大街|胡同|社区|小区|花园|公寓|大厦|广场|家园|公馆|佳苑|路|街|巷|道|弄|里|村|苑|湾|坝|桥|院"
_STREET = rf"{_HAN}{{1,10}}?(?:{_WAYS})"
_COUNT = r"(?:\d{1,5}|[A-Za-z]|[〇零一二三四五六七八九十百]{1,5})"
_UNITS = "号楼|号院|单元|号|弄|栋|幢|座|楼|层|室|组|社|期|户"
_NUMBER = rf"(?:附?{_COUNT}(?:-{_COUNT})*(?:{_UNITS})-?)+(?:\d{{1,5}}(?:-\d{{1,5}})*室?)?"
_POSTCODE = r"(?:[ ,，]?\d{6}(?!\d))?"

_BY_REGION = re.compile(
    rf"{_PROVINCE}[ ]?(?:{_AREA}[ ]?){{1,4}}(?:{_STREET}){{0,3}}(?:{_NUMBER})?{_POSTCODE}"
    rf"|{_PROVINCE}[ ]?(?:{_STREET}){{1,3}}{_NUMBER}{_POSTCODE}"
)
_BY_ROAD = re.compile(rf"(?P<before>{_HAN}{{0,6}}?)(?P<v>(?:{_AREA}){{0,3}}{_STREET}{_NUMBER}{_POSTCODE})")
_CUE = re.compile(
    r"(?:家庭住址|家庭地址|联系地址|通讯地址|居住地址|户籍地址|现住址|住址|地址|户籍地?|籍贯|居住地|居住于|居住在|现住|家住|住在|住于)"
    r"(?:是|为|在|于|[: ：]){0,3}"
    rf"(?P<v>(?:{_AREA}|{_STREET}|{_NUMBER}){{1,8}}{_POSTCODE})"
)
_LED_BY = re.compile(r"^.*?(?:家住|现住|居住|住址|地址|住在|位于|来自|前往|迁至|搬到|就住|住|在|于|到|从|至|往|为|是)")
"""What leads up to a road is no part of its name; taken off as long as a name is left."""


def addresses(folded: str) -> Iterator[Finding]:
    """Find addresses by their grammar in *folded* text."""
    for match in _BY_REGION.finditer(folded):
        yield Finding(match.start(), match.end(), "ADDRESS", 0.8)
    for match in _CUE.finditer(folded):
        yield Finding(match.start("v"), match.end("v"), "ADDRESS", 0.8)
    if "号" in folded or "栋" in folded or "幢" in folded or "室" in folded:
        for match in _BY_ROAD.finditer(folded):
            led = _LED_BY.match(match["v"])
            start = match.start("v") + (led.end() if led and len(match["v"]) - led.end() >= 4 else 0)
            yield Finding(start, match.end("v"), "ADDRESS", 0.7)
