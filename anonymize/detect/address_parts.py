"""What a Chinese postal address is made of, as pieces of regular expressions: regions, ways, estates, numbers, rooms.

They are for folded text in simplified characters (see `simplified`).
"""

import re

REGIONS = (
    "北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海|"
    "台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门"
)
PROVINCE = rf"(?:{REGIONS})(?:壮族自治区|回族自治区|维吾尔自治区|特别行政区|自治区|省|市)?"
HAN = r"[\u3400-\u9fff]"
_OTHER = "了在是到的往称请住"
NAMING = rf"(?:(?![{_OTHER}]){HAN})"
"""A hanzi that can stand in the name of a place: none that speaks of being, going or saying."""
UNKINDED = rf"(?:(?![{_OTHER}有与和及因被把将说搬送寄从至于由我你他您们反映居民业主住户共约附近楼对面旁门口]){HAN})"
"""A hanzi of a name that does not say what kind of place it is."""
AREA = rf"{HAN}{{1,10}}?(?:自治州|自治县|地区|林区|新区|街道|苏木|市|州|盟|区|县|旗|镇|乡)"
WAYS = "大道|大街|胡同|社区|小区|花园|公寓|大厦|广场|家园|公馆|佳苑|嘎查|路|街|巷|道|弄|里|村|苑|湾|坝|桥|院|屯"
_WITHIN = r"[\u3400-\u522f\u5231-\u5410\u5412-\u5727\u5729-\u5f7f\u5f81-\u7683\u7685-\u9fff]"
"""A hanzi that can stand within the name of a street: none of 到, 向, 在, 往, 的."""
STREET = rf"(?!医院)(?:(?!属于){_WITHIN}){{1,10}}?(?:{WAYS})屯?"
BUILT = (
    "小区|花园|家园|公寓|佳苑|新村|公馆|名都|名苑|华庭|雅居|新城|国际|社区|大厦|广场|中心|写字楼|商务楼|大楼|酒店|宾馆|商城|市场|工业园|产业园|"
    "物流园|软件园|科技园|开发区|宿舍|家属院|家属区|家属楼|宿舍楼|教工楼|安置房|安置点|廉租房|公租房|经济适用房|大院|院子|御府|豪庭|雅苑|时代|府邸|"
    "学院|大学|天地|天街|百货|购物中心|绿洲|壹号|大队|苑|城|府|村|湾|园|庭|里|坊|郡|轩|阁|居|邸|墅|岸|庄|寓|围"
)
_HAMLET = "湾|坝|沟|冲|垸|垅|屯|庄|窑|台|墩|洼|塆|集|店|岭|坪|坡|岗|堡|营|寨|坳|咀|嘴|铺|塘|埠|坎|峪|滩|桥|院|家"
COUNT = r"(?:\d{1,5}[A-Za-z]?|[A-Za-z]\d{0,4}|[〇零一二三四五六七八九十百]{1,5}|[甲乙丙丁东西南北](?=[栋幢座楼]))"
_NOT_NUMBERED = (
    "号(?:线|机|文|令|桥|航|选手|公告|店|码|召|称|角|楼?盘)|户[居人家]|[层组队](?:数|员|合|长|成|里人)|室[内外]|房[价租产东]|"
    "楼[下上道顶梯宇盘房主长市]|门[前口外卫禁牌锁窗市店诊]|院[内外子长区]"
)
_UNITS = (
    "号院(?![内外])|号楼(?![下上道顶梯前后])|号厂房|号仓库|号铺(?!面)|号|支弄|弄|栋|幢|座|单元|字楼|楼|层|室|房|户|村民小组|小组(?![长员成])|组|"
    "生产队|小队(?![长员])|社|队|院|门|排|巷|铺|#(?:号?楼|栋)?|[Ff](?![A-Za-z\\d])"
)
_UNIT = rf"(?!{_NOT_NUMBERED})(?:{_UNITS})"
_BELOW = r"之\d{1,3}|附\d{1,4}号?"
_DASHED = (
    r"(?<![\d\-])(?:\d{1,3}[A-Za-z]?-\d{1,2}-\d{1,4}|(?:\d{1,3}|[A-Z])-\d{3,4})[A-Za-z]?(?![\d\-年月日米元人岁天%.:/])(?:号|室)?"
)
"""Building, unit and room with nothing but dashes between them."""
_ONE = rf"(?:附|第|地下|负|[甲乙丙丁](?=\d))?{COUNT}(?:[\-/]{COUNT})*{_UNIT}"
NUMBERED = rf"(?:{_ONE}(?:{_BELOW})?|{_DASHED})"
_GOES_ON = r"(?=[A-Za-z\d〇零一二三四五六七八九十百甲乙丙丁东西南北])"
PHASE = (
    rf"(?:{COUNT}(?:期|段|村|街坊|街|条|大队|师|团|连)|[东西南北中]段|[A-Za-z\d东西南北中一二三四五六]{{1,2}}区|[东西南北正][大]?门|底商|临街|地下室?){_GOES_ON}"
)
ROOM = (
    r"(?<=[栋幢座楼元层号院门#0-9A-Za-z])-?\d{1,5}(?:(?:-\d{1,5}){1,3}[A-Za-z]?(?![\d号])"
    r"|[A-Za-z]?(?![\d年月日元米分岁人个名条次万千百%.:℃度号])(?!(?<!\d\d\d)[点时]))室?"
)
_SHOP = rf"(?<=[号楼层栋幢座商门])\d{{1,5}}号(?:商铺|门面|铺面|车库|车位)"
NAMED = rf"{NAMING}{{0,6}}?(?:{BUILT})(?= ?(?:{PHASE}|{NUMBERED}|\d{{1,4}}-\d))"
ROAD = rf"{NAMING}{{1,6}}?(?:{WAYS})(?= ?(?:{NUMBERED}|{PHASE}))"
_SETTLED = rf"{NAMING}{{1,4}}?(?:{_HAMLET})(?:组|屯|社|队)?(?={NUMBERED})"
_CALLED = rf"(?<=[号区县路街道市镇]){UNKINDED}{{2,8}}?(?={COUNT}(?:栋|幢|座|号楼|#))"
CROSSING = (
    rf"(?P<a>{HAN}{{2,8}}?(?:{WAYS}))"
    rf"[与和及]{HAN}{{2,8}}?(?:{WAYS})(?:交叉口|交汇处|交界处|十字路口|路口)(?={NUMBERED})"
)
_ASIDE = rf"[(（]{HAN}{{2,10}}[)）](?={NUMBERED})"
NEAR = rf"[(（](?:近|靠近|邻近|临|原|旧称)[\u3400-\u9fffA-Za-z\d\-]{{2,16}}[)）]"
KILOMETRE = r"[Kk]?\d{1,4}(?:公里|千米|[Kk][Mm])(?:[+加]?\d{1,3}米)?|[Kk]\d{1,4}\+\d{1,3}米?"
POSTCODE = r"(?:[ ,，]?\d{6}(?!\d))?"
REST = (
    rf"(?:(?<=[号室楼层])(?:{_BELOW})|(?<=号)(?:厂房|仓库|铺(?!面))|[ ,，、]?"
    rf"(?:{_SHOP}|{NUMBERED}|{PHASE}|{ROOM}|{NAMED}|{ROAD}|{_SETTLED}|{_CALLED}|{_ASIDE}))+"
)

_TRADITIONAL = re.compile("[號樓區縣鄉鎮棟層園門莊圍橋國際廣場東灣臺單華龍團連戶廈邨隊]")
_SIMPLE = str.maketrans(
    "號樓區縣鄉鎮棟層園門莊圍橋國際廣場東灣臺單華龍團連戶廈邨隊壩溝舊麗濱內貴雲陝遼寧蘇慶衚衕劉長馬義興聯",
    "号楼区县乡镇栋层园门庄围桥国际广场东湾台单华龙团连户厦村队坝沟旧丽滨内贵云陕辽宁苏庆胡同刘长马义兴联",
)


def simplified(folded: str) -> str:
    """Write the characters of addresses that are traditional as simplified ones; the length stays."""
    return folded.translate(_SIMPLE) if _TRADITIONAL.search(folded) else folded
