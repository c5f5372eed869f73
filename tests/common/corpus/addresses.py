"""Chinese addresses by a grammar of our own, from province to room, in the forms that people write."""

import random

REGIONS = (
    ("重庆市", "", ("渝中区", "江北区", "南岸区", "九龙坡区", "沙坪坝区", "巴南区", "万州区", "奉节县", "云阳县")),
    ("四川省", "成都市", ("武侯区", "锦江区", "青羊区", "双流区", "金堂县")),
    ("四川省", "广安市", ("邻水县", "岳池县", "广安区")),
    ("湖南省", "长沙市", ("岳麓区", "芙蓉区", "雨花区", "浏阳市", "宁乡市")),
    ("湖北省", "武汉市", ("江岸区", "洪山区", "江夏区", "黄陂区")),
    ("广东省", "广州市", ("天河区", "越秀区", "番禺区", "白云区")),
    ("江苏省", "南京市", ("鼓楼区", "玄武区", "江宁区")),
    ("浙江省", "杭州市", ("西湖区", "余杭区", "桐庐县")),
    ("河南省", "周口市", ("沈丘县", "太康县", "淮阳区")),
    ("山东省", "济南市", ("历下区", "章丘区", "商河县")),
    ("陕西省", "西安市", ("雁塔区", "碑林区", "蓝田县")),
    ("内蒙古自治区", "赤峰市", ("红山区", "敖汉旗", "翁牛特旗")),
    ("广西壮族自治区", "南宁市", ("青秀区", "武鸣区", "马山县")),
    ("贵州省", "黔东南苗族侗族自治州", ("凯里市", "台江县", "雷山县")),
    ("云南省", "大理白族自治州", ("大理市", "祥云县", "洱源县")),
    ("新疆维吾尔自治区", "伊犁哈萨克自治州", ("伊宁市", "霍城县")),
    ("北京市", "", ("朝阳区", "海淀区", "丰台区", "通州区")),
    ("上海市", "", ("浦东新区", "徐汇区", "静安区", "嘉定区")),
    ("天津市", "", ("南开区", "河西区", "蓟州区")),
)
_FIRST = (
    "民建解人中和新长东西南北大小红金银龙凤天华明光永兴福安康文青翠云石白水清学桃李柳"
    "杨松竹梅兰荷玉宝嘉锦丰万百观渝滨江河"
)
_SECOND = (
    "生新放民山平安华和阳园门桥湖湾坪溪江河林泉岭沟塘家庙寨店铺屯岗坡坝水岩峰庄台楼阁城港源乐康福祥瑞丽景秀苑馨雅庭"
)
_ROADS = (
    "路",
    "街",
    "大道",
    "大街",
    "巷",
    "北路",
    "南路",
    "东路",
    "西路",
    "中路",
    "一路",
    "二路",
    "支路",
    "胡同",
    "里",
)
_TOWNS = ("镇", "乡", "街道")
_ESTATES = (
    "小区",
    "花园",
    "家园",
    "公寓",
    "佳苑",
    "新村",
    "公馆",
    "名都",
    "华庭",
    "苑",
    "城",
    "广场",
    "大厦",
    "国际",
    "社区",
    "府",
    "雅居",
    "新城",
)
_VILLAGES = ("村", "社区")
_HAN = "一二三四五六七八九十"


class Addresses:
    """Draws addresses."""

    def __init__(self, draw: random.Random) -> None:
        self._draw = draw

    def draw(self) -> str:
        """Draw one whole address with a house, building, group or room number."""
        form = self._draw.choice(
            (self._street, self._street, self._estate, self._estate, self._village, self._tower, self._both)
        )
        return self._head() + form()

    def _name(self) -> str:
        return self._draw.choice(_FIRST) + self._draw.choice(_SECOND)

    def _head(self) -> str:
        province, city, counties = self._draw.choice(REGIONS)
        county, deep = self._draw.choice(counties), self._draw.random()
        if deep < 0.35:
            return ""
        if deep < 0.55:
            return county
        if deep < 0.7:
            return (city or province) + county
        if deep < 0.8:
            return county + self._name() + self._draw.choice(_TOWNS)
        return province + city + county + (self._name() + self._draw.choice(_TOWNS) if deep > 0.9 else "")

    def _number(self, most: int = 300) -> str:
        return str(self._draw.randint(1, most))

    def _street(self) -> str:
        number = self._draw.choice(("{}号", "{}号", "{}号", "{}号附{}号", "{}-{}号", "{}弄{}号", "{}号院")).format(
            self._number(), self._number(30)
        )
        return self._name() + self._draw.choice(_ROADS) + number + self._draw.choice(("", "", self._room()))

    def _estate(self) -> str:
        phase = self._draw.choice(("", "", "", "一期", "二期", "A区", "北区"))
        return self._name() + self._draw.choice(_ESTATES) + phase + self._room()

    def _village(self) -> str:
        group = self._draw.choice(
            (
                self._number(20) + "组",
                self._draw.choice(_HAN) + "组",
                self._number(12) + "社",
                self._draw.choice(_HAN) + "社",
            )
        )
        house = self._draw.choice(("", self._number() + "号"))
        town = self._draw.choice(("", self._name() + self._draw.choice(_TOWNS)))
        return town + self._name() + self._draw.choice(_VILLAGES) + group + house

    def _tower(self) -> str:
        floor = self._draw.choice(("{}楼", "{}层", "{}楼{}室", "{}座{}室")).format(
            self._number(33), self._draw.randint(101, 3320)
        )
        return self._name() + self._draw.choice(("大厦", "广场", "中心", "国际", "商务楼", "写字楼")) + floor

    def _both(self) -> str:
        return (
            self._name()
            + self._draw.choice(_ROADS[:7])
            + self._number()
            + "号"
            + self._name()
            + self._draw.choice(_ESTATES)
            + self._room()
        )

    def _room(self) -> str:
        building = self._draw.choice(("{}栋", "{}幢", "{}号楼", "{}座", "{}栋", "{}号楼")).format(
            self._draw.choice((self._number(40), "ABCD"[self._draw.randrange(4)]))
        )
        unit = self._draw.choice(
            ("", "", "{}单元".format(self._draw.choice((self._number(4), self._draw.choice("一二三")))))
        )
        room = self._draw.choice(("{}室", "{}", "{}号", "{}房", "{}户")).format(self._draw.randint(101, 3308))
        floor = f"{self._draw.randint(1, 33)}-{self._draw.randint(1, 8)}"
        return building + unit + self._draw.choice((room, room, floor, ""))
