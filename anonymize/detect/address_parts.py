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
_DOING = (
    f"{_OTHER}有与和及因被把将说搬送寄从至于由我你他您们反映居民业主住户共约附近楼对面旁门口建设该这此其同经可也询别为按已次号者详子某各问题中内按房"
    "一二三四五六七八九十"
)
UNKINDED = rf"(?:(?![{_DOING}]){HAN})"
"""A hanzi of a name that does not say what kind of place it is."""
AREA = rf"{HAN}{{1,10}}?(?:自治州|自治县|地区|林区|新区|街道|苏木|管理局|林业局|农场|林场|牧场|市|州|盟|区|县|旗|镇|乡)"
WAYS = (
    "村民委员会|居民委员会|村委会|居委会|大道|大街|胡同|社区|小区|花园|公寓|大厦|广场|家园|公馆|佳苑|嘎查|路|街|巷|道|弄|里|村|苑|湾|坝|桥|院|屯|"
    "农场|林场|牧场"
)
_WITHIN = r"[\u3400-\u522f\u5231-\u5410\u5412-\u5727\u5729-\u5f7f\u5f81-\u7683\u7685-\u9fff]"
"""A hanzi that can stand within the name of a street: none of 到, 向, 在, 往, 的."""
STREET = rf"(?!医院)(?:(?!属于|楼下|门[口前]|附近|对面|旁边|隔壁|有人){_WITHIN}){{1,10}}?(?:{WAYS})屯?"
BUILT = (
    "小区|花园|家园|公寓|佳苑|新村|公馆|名都|名苑|华庭|雅居|新城|国际|社区|大厦|广场|中心|写字楼|商务楼|大楼|酒店|宾馆|商城|市场|工业园|产业园|"
    "物流园|软件园|科技园|开发区|宿舍|家属院|家属区|家属楼|宿舍楼|教工楼|安置房|安置点|廉租房|公租房|经济适用房|大院|院子|御府|豪庭|雅苑|时代|府邸|"
    "学院|大学|天地|城邦|名邸|华府|公园|山庄|别墅|半岛|水岸|首府|世家|学府|丽都|花城|商厦|商场|小镇|庄园|农场|林场|牧场|天街|百货|购物中心|绿洲|壹号|大队|苑|城|府|村|湾|园|庭|里|坊|郡|轩|阁|居|邸|墅|岸|庄|寓|围"
)
_HAMLET = "湾|坝|沟|冲|垸|垅|屯|庄|窑|台|墩|洼|塆|集|店|岭|坪|坡|岗|堡|营|寨|坳|咀|嘴|铺|塘|埠|坎|峪|滩|桥|院|家"
COUNT = r"(?:\d{1,5}[A-Za-z]?|[A-Za-z]\d{0,4}|[〇零一二三四五六七八九十百廿]{1,5}|[甲乙丙丁东西南北](?=[栋幢座楼]))"
_NOT_NUMBERED = (
    "号(?:线|床|窗口|井|岗|泵|柜台|出入?口|入口|航站|地块|病[房床区]|机|文|令|桥|航|选手|公告|店|码|召|称|角|楼?盘)|户[居人家主]|[层组队](?:数|员|合|长|成|织|建|里人)|室[内外]|房[价租产东]|"
    "楼[下上道顶梯宇盘房主长市]|门[前口外卫禁牌锁窗市店诊]|院[内外子长区]"
)
_UNITS = (
    r"号院(?![内外])|号楼(?![下上道顶梯前后])|号厂房|号仓库|号铺(?!面)|号门(?=\d)|号|支弄|弄|栋|幢|座|单元|字楼|楼|层|室|房|户|村民小组|小组(?![长员成])|组|"
    r"生产队|小队(?![长员])|社|队|院|门|排|邻|梯(?=\d)|巷|铺|/[Ff]|#(?:号?楼|栋)?|[Ff](?![A-Za-z\d])"
)
_UNIT = rf"(?!(?<=[^\dA-Za-z百十]一)[座户排]|{_NOT_NUMBERED})(?:{_UNITS})"
_BELOW = r"之(?:\d{1,3}|[一二三四五六七八九十]{1,2}(?:-?\d{3,4})?)(?:单元|号|室)?|[附增副]\d{1,4}号?"
_DASHED = (
    r"(?<![\d\-])(?:\d{1,3}[A-Za-z]?-\d{1,2}-\d{1,4}|(?:\d{1,3}|[A-Z])-\d{3,4})[A-Za-z]?"
    r"(?![\d\-年月日米元人岁天%.:/])(?:号|室)?"
)
"""Building, unit and room with nothing but dashes between them."""
_ONE = rf"(?:附|第|地下|负|[甲乙丙丁](?=\d))?{COUNT}(?:[\-/]{COUNT})*{_UNIT}"
NUMBERED = rf"(?:{_ONE}(?:{_BELOW})?|{_DASHED})"
_GOES_ON = r"(?=[A-Za-z\d〇零一二三四五六七八九十百甲乙丙丁东西南北])"
PHASE = (
    rf"(?:{COUNT}(?:期|段|村|街坊|街|条|大队|师|团|连)|[东西南北中]段|路?[东西南北]{{1,2}}[首头侧面边]?(?=[\dA-Za-z])|"
    r"[A-Za-z\d东西南北中一二三四五六]{1,2}区|[东西南北正]大?门|底商(?!\d{1,3}(?!\d|号))|临街|地下室?)"
    rf"{_GOES_ON}"
)
ROOM = (
    r"(?<=[栋幢座楼元层号院门梯#0-9A-Za-z])-?\d{1,5}(?:(?:-\d{1,5}){1,3}[A-Za-z]?(?![\d号])"
    r"|[A-Za-z]?(?![\d年月日元米分岁人个名条次万千百%.:℃度号])(?!(?<!\d\d\d)[点时]))室?"
)
_SHOP = r"(?<=[号楼层栋幢座商门])\d{1,5}号(?:商铺|门面|铺面|车库|车位)"
NAMED = rf"{NAMING}{{0,8}}?(?:{BUILT})(?= ?(?:{PHASE}|{NUMBERED}|\d{{1,4}}-\d))"
ROAD = rf"{NAMING}{{1,6}}?(?:{WAYS})[东西南北中]?(?= ?(?:{NUMBERED}|{PHASE}))"
_TEAM = rf"(?:(?<=[村区镇乡])|(?<=[村居]委会)|(?<=[村居]民委员会)){UNKINDED}{{1,4}}?组(?![织长成员建合装群团委])"
_SETTLED = (
    rf"(?:(?<=[村乡镇])|(?<=[村居]委会)|(?<=[村居]民委员会)){UNKINDED}{{1,4}}?(?={COUNT}(?:号|组|社|队))|{NAMING}{{1,4}}?{COUNT}街坊(?={NUMBERED})|"
    rf"{NAMING}{{1,4}}?(?:{_HAMLET})(?:组|屯|社|队)?(?={NUMBERED})"
)
_CALLED = rf"(?<=[号区县路街道市镇乡旗盟州村弄巷里苑园]){UNKINDED}{{2,8}}?(?={COUNT}(?:栋|幢|座|号楼|#))"
CROSSING = (
    rf"(?P<a>{HAN}{{2,8}}?(?:{WAYS}))"
    rf"[与和及]{HAN}{{2,8}}?(?:{WAYS})(?:交叉口|交汇处|交界处|十字路口|路口)(?={NUMBERED})"
)
_ASIDE = rf"[(（]{HAN}{{2,10}}[)）](?={NUMBERED})"
NEAR = rf"[(（](?:近|靠近|邻近|临|原|旧称){HAN}{{1,12}}?(?:{WAYS}|{BUILT})(?:{NUMBERED}|交叉口|路口){{0,3}}[)）]"
KILOMETRE = r"[Kk]?\d{1,4}(?:公里|千米|[Kk][Mm])(?:[+加]?\d{1,3}米)?|[Kk]\d{1,4}\+\d{1,3}米?"
POSTCODE = r"(?:[ ,，]?\d{6}(?!\d))?"
_AFTER = (
    rf"(?<=[号室楼层])(?:{_BELOW})|{COUNT}团{COUNT}[连营]|{COUNT}(?:团|街坊)(?={NAMED})|底商\d{{1,4}}号?|"
    r"(?<=[\d一二三四五六七八九十][楼层])(?:[A-Z]区|[A-Z](?![A-Za-z\d栋幢座室区单户号房馆])|[前后]座)|"
    r"(?<=[\d栋幢座号元楼层])(?:[东西南北中左右][户室]|[东西中]单元|顶楼)(?![内外])|(?<=号)(?:厂房|仓库|铺(?!面))"
)
"""What only stands right after a part of an address."""
REST = (
    rf"(?:{_AFTER}|[ ,，、]?"
    rf"(?:{_SHOP}|{NUMBERED}|{PHASE}|{ROOM}|{NAMED}|{ROAD}|{_TEAM}|{_SETTLED}|{_CALLED}|{_ASIDE}))+"
)

_TRADITIONAL = re.compile("[號樓區縣鄉鎮棟層園門莊圍橋國際廣場東灣臺單華龍團連戶廈邨隊鄰鋪廠於為]")
_SIMPLE = str.maketrans(
    "號樓區縣鄉鎮棟層園門莊圍橋國際廣場東灣臺單華龍團連戶廈邨隊壩溝舊麗濱內貴雲陝遼寧蘇慶衚衕劉長馬義興聯鄰嶺崗鋪廠倉庫後現於為從來達對報訴",
    "号楼区县乡镇栋层园门庄围桥国际广场东湾台单华龙团连户厦村队坝沟旧丽滨内贵云陕辽宁苏庆胡同刘长马义兴联邻岭岗铺厂仓库后现于为从来达对报诉",
)


def simplified(folded: str) -> str:
    """Write the characters of addresses that are traditional as simplified ones; the length stays."""
    return folded.translate(_SIMPLE) if _TRADITIONAL.search(folded) else folded
