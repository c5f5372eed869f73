"""Invented places and addresses: towns that GB/T 2260 does not have, with roads, houses and rooms of the usual form."""

import re

from anonymize.transform.text.drawing import Draw
from anonymize.transform.text.names import words

TOWNS = words("临澄 云栖 岚溪 望榆 青柘 砚湖 栎山 澜浦 枫墅 柏渚 棠泉 鹭汀 松屿 桐埠 槐川 沐岭")
ROADS = words("望春 听泉 观澜 枕石 采薇 落霞 晓风 疏影 春晖 秋实 丹枫 碧梧")
WAYS = ("路", "街", "大道", "巷")
ENGLISH_TOWNS = words(
    "Larkmere Ashwick Fernhollow Oakhaven Brindlewood Marlstead Wickhampton Elmsford Dunmarrow Thornleigh"
)
ENGLISH_ROADS = words("Willowmere Hazelbrook Larchmont Copperfield Meadowlark Birchwater Stonebridge Foxglove")
_KIND = re.compile(r"(?:特别行政区|自治区|自治州|自治县|街道|社区|小区|省|市|州|盟|区|县|旗|镇|乡|村)$")
_HAN = re.compile(r"[\u3400-\u9fff]")


def location(draw: Draw, value: str) -> str:
    """Give a place of the kind that *value* is."""
    if not _HAN.search(value):
        return draw.of(ENGLISH_TOWNS)
    kind = _KIND.search(value)
    return draw.of(TOWNS) + (kind[0] if kind else "")


def address(draw: Draw, value: str) -> str:
    """Give an address as deep as *value* goes: with a house, a building and a room where it has them."""
    if not _HAN.search(value):
        street = f"{1 + draw.below(980)} {draw.of(ENGLISH_ROADS)} {draw.of(('Street', 'Avenue', 'Lane', 'Road'))}"
        return f"{street}, {draw.of(ENGLISH_TOWNS)}" if "," in value else street
    out = ""
    if re.search(r"[省市区县州旗]", value):
        out = f"{draw.of(TOWNS)}市{draw.of(TOWNS)}区"
    out += f"{draw.of(ROADS)}{draw.of(WAYS)}"
    if re.search(r"\d|[一二三四五六七八九十]号", value):
        out += f"{1 + draw.below(300)}号"
    if re.search(r"[栋幢座单元楼]", value):
        out += f"{1 + draw.below(20)}栋{1 + draw.below(4)}单元"
    if re.search(r"[栋幢座室房楼]", value):
        out += f"{1 + draw.below(30)}0{1 + draw.below(4)}室"
    return out
