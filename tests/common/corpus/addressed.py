"""Sentences that hold one address: every frame with every form, which makes some hundreds of templates in each half.

Frames are what people write around an address, forms what an address is made of. Those named *unseen* were written
before the rules were changed and are not read for them.
"""

import random
from collections.abc import Iterator
from pathlib import Path

from tests.common.corpus.addresses import REGIONS, Addresses
from tests.common.corpus.sentences import Sentence, written

FOLDER = Path(__file__).parent / "addressed"
_ROADS = (
    "路",
    "街",
    "大道",
    "巷",
    "北路",
    "南路",
    "东路",
    "西路",
    "中路",
    "一路",
    "二路",
    "三路",
    "支路",
    "正街",
    "后街",
)
_ESTATES_TEXT = "小区 花园 家园 公寓 佳苑 新村 名都 华庭 雅居 新城 丽苑 豪庭 嘉园 安置房 家属院"
_ESTATES = _ESTATES_TEXT.split()
_TOWERS = ["大厦", "广场", "国际中心", "商务楼", "写字楼", "中心"]
_BRANDS_TEXT = (
    "金地格林小镇 绿城桃花源 保利香槟国际 中海锦城 龙湖春江郦城 华润橡树湾 "
    "融创壹号院 招商雍华府 世茂滨江 首开国风上观 金科十年城"
)
_BRANDS = _BRANDS_TEXT.split()
_HAMLETS = tuple("湾坝沟冲垸庄窑台墩洼塆集桥店岭")


class Parts(Addresses):
    """Draws the parts of an address."""

    def __init__(self, draw: random.Random) -> None:
        super().__init__(draw)
        self._region = REGIONS[0]

    def fill(self, form: str) -> str:
        """Fill a form; province, city and county belong together."""
        self._region = self._draw.choice(REGIONS)
        return "".join(
            self.part(part) if number % 2 else part for number, part in enumerate(form.replace("}", "{").split("{"))
        )

    def part(self, name: str) -> str:
        """Draw the part of an address of that *name*."""
        return str(getattr(self, f"_part_{name}")())

    def _part_province(self) -> str:
        return self._region[0]

    def _part_city(self) -> str:
        return self._region[1] or self._region[0]

    def _part_county(self) -> str:
        return self._draw.choice(self._region[2])

    def _part_town(self) -> str:
        return self._name() + self._draw.choice(("镇", "乡", "街道"))

    def _part_village(self) -> str:
        return self._name() + self._draw.choice(("村", "社区"))

    def _part_road(self) -> str:
        return self._name() + self._draw.choice(_ROADS)

    def _part_estate(self) -> str:
        return self._name() + self._draw.choice(_ESTATES)

    def _part_tower(self) -> str:
        return self._name() + self._draw.choice(_TOWERS)

    def _part_phase(self) -> str:
        return self._draw.choice(("一期", "二期", "A区", "南区", "3期"))

    def _part_n(self) -> int:
        return self._draw.randint(1, 320)

    def _part_h(self) -> str:
        return self._draw.choice("一二三四五六七八九")

    def _part_room(self) -> int:
        return self._draw.randint(1, 33) * 100 + self._draw.randint(1, 12)

    def _part_floor(self) -> int:
        return self._draw.randint(1, 33)

    def _part_unit(self) -> int:
        return self._draw.randint(1, 8)

    def _part_letter(self) -> str:
        return self._draw.choice("ABCD")

    def _part_name(self) -> str:
        return self._name()

    def _part_hamlet(self) -> str:
        return self._draw.choice("李王张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗") + "家" + self._draw.choice(_HAMLETS)

    def _part_brand(self) -> str:
        return self._draw.choice(_BRANDS)

    def _part_post(self) -> int:
        return self._draw.randint(100_000, 859_999)

    def _part_km(self) -> int:
        return self._draw.randint(101, 999)

    def _part_wide(self) -> str:
        return "".join(chr(ord(digit) + 0xFEE0) for digit in str(self._draw.randint(1, 320)))


def templates(*, unseen: bool, family: str = "") -> list[tuple[str, str]]:
    """Give the frames and forms of one half of a *family*, each with each."""
    half, folder = "unseen" if unseen else "build", FOLDER / family
    frames, forms = (written(folder / f"{kind}_{half}.txt") for kind in ("frames", "forms"))
    return [(frame, form) for frame in frames for form in forms]


def addressed(each: int, seed: int, *, unseen: bool, family: str = "", kind: type[Parts] = Parts) -> Iterator[Sentence]:
    """Fill each template of one half of a *family* *each* times, with parts of that *kind*."""
    parts = kind(random.Random(seed))
    for frame, form in templates(unseen=unseen, family=family):
        for _ in range(each):
            address, at = parts.fill(form), frame.index("{a}")
            yield Sentence(frame.replace("{a}", address), ((at, at + len(address), "ADDRESS"),), ())
