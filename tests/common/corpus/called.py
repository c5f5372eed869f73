"""What people are called besides their whole Chinese name: invented, of common parts."""

import random

from faker import Faker

from tests.common.corpus.people import GIVEN, People

_FAMILIES_TEXT = (
    "罗伯森 哈里森 安德森 马丁内斯 费尔南德斯 科瓦奇 诺瓦克 施密特 米勒 韦伯 霍夫曼 布朗 威尔逊 泰勒 卡特 "
    "佩雷拉 席尔瓦 罗西 比安奇 杜邦 莫罗 勒克莱尔 伊万诺夫 彼得罗夫 索科洛夫 科兹洛娃 约翰逊 尼尔森 拉尔森 "
    "林德伯格 范德梅尔 德弗里斯 汗 辛格 库马尔 沙玛 侯赛因 阿里 穆罕默德 哈桑 奥康纳 麦克唐纳 麦卡锡 桑切斯 "
    "冈萨雷斯 托雷斯 贝克 格林 怀特 沃克 阿德巴约 奥孔乔 卡马拉 迪亚洛 科斯塔 桑托斯 帕帕多普洛斯 科恩 列维 "
    "埃尔多安 耶尔马兹 纳扎罗夫 拉赫莫夫 李普曼 高登"
)
_GIVENS_TEXT = (
    "约翰 威廉 詹姆斯 罗伯特 迈克尔 大卫 理查德 托马斯 查尔斯 丹尼尔 马修 安东尼 保罗 安娜 玛丽 伊丽莎白 索菲亚 艾玛 "
    "伊万 谢尔盖 弗拉基米尔 娜塔莎 奥尔加 卡洛斯 何塞 路易斯 玛丽亚 弗朗索瓦 让 皮埃尔 克莱尔 汉斯 于尔根 克劳斯 "
    "格蕾塔 阿卜杜勒 优素福 法蒂玛 拉杰什 普里娅 马尔科 卢卡 朱莉娅 安德烈 尼古拉 埃里克 拉尔斯 西蒙 利亚姆 夸梅 塞缪尔"
)
_HEADS_TEXT = "罗伯 哈里 安德 弗兰 施瓦 卡斯 马尔 莱文 霍尔 布伦 克拉 贝尔 多尔 米哈 斯特 格鲁 温特 费尔 图里 奥博"
_TAILS_TEXT = "森 逊 斯 特 尔 诺夫 维奇 曼 顿 伯格 亚诺 内利 斯基 拉 蒂尼 里奥 塔斯 德森 耶娃 西"
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶"
_AFTER_TEXT = "哥 姐 总 叔 姨 老师 导 董 工 队 嫂 妈 阿姨 师傅 医生 同学 妹 爷爷"
_STYLES_TEXT = "石湖 梅溪 竹坡 松雪 砚田 半山 东篱 雪堂 秋水 听涛"
FAMILIES, GIVENS = _FAMILIES_TEXT.split(), _GIVENS_TEXT.split()
_HEADS, _TAILS, _AFTER, _STYLES = (text.split() for text in (_HEADS_TEXT, _TAILS_TEXT, _AFTER_TEXT, _STYLES_TEXT))
_STYLE_ENDS = ["", "", "居士", "老人", "山人", "先生", "道人", "主人"]


class Called:
    """Draws what a person is called."""

    def __init__(self, draw: random.Random) -> None:
        self._draw = draw
        self._plain, self._rare = People(draw, plain=True), People(draw)
        self._latin = Faker("en_US")
        self._latin.seed_instance(draw.randrange(2**32))

    def person(self) -> str:
        """Draw a whole name: an everyday one, or one time in eight one of all kinds."""
        return (self._rare if self._draw.random() < 0.125 else self._plain).draw()

    def given(self) -> str:
        """Draw a given name of two characters."""
        return "".join(self._draw.sample(GIVEN, 2))

    def nick(self) -> str:
        """Draw what friends and colleagues say: 小张, 老王, 阿强, 王哥, 晓晓."""
        kind, surname, char = self._draw.random(), self._draw.choice(_SURNAMES), self._draw.choice(GIVEN)
        if kind < 0.35:
            return self._draw.choice("小小老老大") + surname
        if kind < 0.5:
            return "阿" + char
        if kind < 0.85:
            return surname + self._draw.choice(_AFTER)
        return char * 2

    def foreign(self) -> str:
        """Draw a foreign surname in Chinese characters; half of them are of parts, so that no list has them."""
        if self._draw.random() < 0.5:
            return self._draw.choice(FAMILIES)
        return self._draw.choice(_HEADS) + self._draw.choice(_TAILS)

    def foreign_full(self) -> str:
        """Draw a whole foreign name with its dots."""
        return "·".join([*self._draw.sample(GIVENS, self._draw.choice((1, 1, 1, 2))), self.foreign()])

    def style(self) -> str:
        """Draw a name that a writer or painter chose."""
        return self._draw.choice(_STYLES) + self._draw.choice(_STYLE_ENDS)

    def latin(self) -> str:
        """Draw a name in Latin letters."""
        return f"{self._latin.first_name()} {self._latin.last_name()}"
