"""Names of invented people: everyday, rare, compound, of other peoples, traditional, and in pinyin."""

import random

from faker import Faker

RARE = "璩亓仉逯贠查宓蒯郏厍訾昝相佘仝揭漆荀闵邬戚宫麻缪晏苟桑芮檀庾卞阚殳"
COMPOUND = (
    "欧阳",
    "上官",
    "司马",
    "诸葛",
    "皇甫",
    "令狐",
    "尉迟",
    "慕容",
    "东方",
    "轩辕",
    "端木",
    "公孙",
    "司徒",
    "夏侯",
    "万俟",
    "呼延",
)
GIVEN = (
    "伟芳娜敏静强磊军洋勇艳杰娟涛明超霞平刚桂英华玉兰红梅建国志文辉鹏飞凯宇浩欣怡子涵雨轩梓晨思博佳俊豪诗"
    "语昕彤嘉瑞泽瑶璇睿翰淑珍秀荣凤琴德福根生水土木火金银来宝"
)
_OTHER_TEXT = (
    "阿卜杜拉·买买提 迪丽努尔·艾力 古丽娜尔·托合提 艾山江·吐尔逊 努尔兰·哈德尔 扎西·顿珠 买合木提·依明 "
    "阿依古丽·卡德尔 巴特尔·苏和 乌云其木格 格桑卓玛 次仁旺堆 斯琴高娃 阿米娜·玉素甫 热依扎·阿力木江 库尔班·尼亚孜"
)
OTHER_PEOPLES = _OTHER_TEXT.split()
TRADITIONAL = {
    "陈": "陳",
    "张": "張",
    "刘": "劉",
    "黄": "黃",
    "吴": "吳",
    "郑": "鄭",
    "谢": "謝",
    "叶": "葉",
    "华": "華",
    "国": "國",
    "兰": "蘭",
    "凤": "鳳",
    "伟": "偉",
    "丽": "麗",
    "红": "紅",
    "军": "軍",
    "强": "強",
    "杰": "傑",
}


class People:
    """Draws names."""

    def __init__(self, draw: random.Random, *, plain: bool = False) -> None:
        self._draw, self._plain = draw, plain
        self._faker = Faker("zh_CN")
        self._faker.seed_instance(draw.randrange(2**32))

    def draw(self) -> str:
        """Draw one name; *plain* ones are everyday names alone."""
        kind = 0.0 if self._plain else self._draw.random()
        if kind < 0.62:
            return str(self._faker.name())
        if kind < 0.72:
            return self._draw.choice(RARE) + self._given()
        if kind < 0.84:
            return self._draw.choice(COMPOUND) + self._given()
        if kind < 0.92:
            return self._draw.choice(OTHER_PEOPLES)
        if kind < 0.97:
            return "".join(TRADITIONAL.get(char, char) for char in self._faker.name())
        return self._draw.choice("王李张刘陈杨") + self._given()

    def _given(self) -> str:
        return "".join(self._draw.choice(GIVEN) for _ in range(self._draw.choice((1, 2, 2))))
