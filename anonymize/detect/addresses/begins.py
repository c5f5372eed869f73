"""Where a Chinese address begins: what leads up to it is no part of it, and what the tagger left out is."""

import re
from bisect import bisect_left
from collections.abc import Sequence

from anonymize.detect.addresses import parts
from anonymize.detect.findings import Finding

_LEADS = (
    "家住|现住|住在|常住|租住|借住|暂住|长住|入住|[原曾也还就都均只前]住|家搬(?!迁)|[家亲]属住|家人住|现居|定居|寄居|久居|迁居|移居|暂居|独居于|居住在|落户|"
    "位于|落于|处于|地处|[坐座]落|设在|开在|停在|迁入|迁出|迁往|搬至|变更为|更改为|改为|租下了|断了|"
    "送[达到至]|寄[至往到送]|单至|邮寄|配送|派送|发往|请[给寄送]|赶[到往至赴]|奔?赴|前往|去往|来到|回到|返回|[抵到]达|抵至|驶入|途[经径]|路过|经过|[到去来]过|"
    "出院后?回|[后又再]回(?![龙民澜族])|[租购买卖]了|租赁了|户籍(?!地)|排查|检查|承租|买下|购得|查封|抵押了?|负责|归属|隶属于?|入户|前去|靠近|挨着|邻近|原籍|确认[为是]|[想询]问|"
    "(?:[我他她它咱俺]们?|爸妈|父母|爷爷|奶奶|外[公婆]|姥[姥爷]|[婆娘老]|亲戚|朋友|儿子|女儿|哥|姐|弟|妹|姑|舅|叔|伯)家|"
    "地址(?:上?写|填)(?:[的着]?是|[的着成为])?|地[点址]|住址|所在地|登记地|注册地|住所地|居住地|经营地|[出发]生地|户籍地|[案事]发地|"
    "门牌|场所|导航|经营|事发|"
    "核实|查处|走访|修复|修缮|检修|拆除|改造|整治|解决|出售|购买|感谢|轨迹:|[者人其]系|反映|举报|投诉|所称|[报诉声自人电众民映]称|关于|对于|咨询|请问|"
    "[今昨](?:[天晚晨早]|日(?![花家新嘉]))|上午|下午|凌晨|傍晚|晚上(?!海)|半夜|夜里|日前|近日|目前|现在|如今|上周|本周|[去今前]年|一下|领导|[您你]好"
)
"""What people write before an address."""
_PARTICLE = "(?:为(?![民公])|是|系|在|于(?![洪都田潜桥家])|[至到:：])?"
_WORD = (
    r"从(?!江县|化(?![肥工学妆]))|到(?!家)|为(?![民公])|将(?![台军乐])|经(?![一二三四五六七八九十纬济])|"
    r"于(?![洪都田潜桥家])|由(?!义)"
)
"""Words of one character that lead up to an address; not where a name begins with them (为民路, 将军路, 经三路)."""
_LED_BY = re.compile(
    rf".*(?:{_LEADS}|居住|来自|迁至|搬到|就住|咨询|留言|(?<=[路街道巷村区园号楼院城])[和与及]|{_WORD}|[住在至往是的我有给对把了])"
    r"(?=.{2})",
    re.DOTALL,
)
_LED_WORDS = re.compile(rf".*(?:{_LEADS}){_PARTICLE}[: ]?(?=.{{2}})", re.DOTALL)
_BARE = rf"{parts.HAN}[东西南北中一二三四五六七八九十]?(?:大道|大街|胡同|路|街|巷|弄|里|村)"
"""A way with one character before its kind: what stands before that is most likely part of its name (朝晖路)."""
_LEAD = re.compile(
    rf"(?:.{{0,2}}?(?:{_LEADS})|(?<=经)过|(?<=一)下|(?<=今)早|(?<=核)实|(?<=[落位居住])于|(?<=住)地|(?<=[寄送赶])[至往到]|"
    rf"(?<=家)属住|(?<=[患者人])系|(?<={parts.HAN})至(?![善诚德])|(?<=[报诉声自])称|(?<![\u3400-\u9fff])[据称]|(?:[投放寄送搁]|(?<![\u3400-\u9fff])系)(?=[\u3400-\u9fff]{{2,4}}[省市区县镇乡])|"
    rf"(?<=登记|注册|住所|居住|经营|户籍)地|[住在到给把因了替帮就咱]|(?<=[\u3400-\u9fff])(?<![住在到至从于为是])朝(?![阳天歌]|{_BARE})|离(?!石)|将(?![台军乐])|由(?!义)|从(?!江县|化(?![肥工学妆]))|"
    rf"(?<={parts.HAN})于(?![洪都田潜桥家]))(?=..)"
)
_NOT_FIRST = (
    "住在到从于往因由是的了我你他请原该本某各此这那近靠临距离经过沿等共有又去回来进出现户属对给把将为与及至系但自如或即若虽且并同约里外"
    "按据凭达白"
)
_LOST = re.compile(
    r"(?:(?:^|[:(“\"【|｜]|[,，。;；家现]住)和|"
    rf"(?:^|[^\u3400-\u9fff\dA-Za-z])(?![{_NOT_FIRST}和]){parts.HAN}|"
    rf"(?:{_LEADS}|[是的为在到至于])(?![{_NOT_FIRST}]){parts.HAN})$"
)
"""The first character of a name, which the tagger left out."""
_TWO = re.compile("沿[江河湖海滨]|[经纬][一二三四五六七八九十]")
"""The beginning of the name of a road that reads like a word before one: 沿江路, 经三路."""
_STUB = re.compile(rf"{parts.HAN}?(?:{parts.WAYS})")
"""A road that lost its name: one character before its kind."""
_KIND_ALONE = re.compile(
    r"[东西南北中前后正支横老新上下]{0,2}(?:大道|大街|胡同|路|街|巷|道|弄|里)(?![\u3400-\u9fff]*[路街道])"
)
"""A road of which the tagger saw the kind alone."""
_ESTATE_ALONE = re.compile(
    r"(?:小区|花园|家园|公寓|佳苑|嘉园|新村|新城|家属[院楼区]|宿舍|大厦|广场)(?=[东西南北中\dA-Z一二三四五六七八九十(])"
)
"""An estate of which it saw the kind alone."""
_ANY_NUMBER = re.compile(r"\d")
_CODED = re.compile(r"(?<![A-Za-z\d编码][:：])(?<![A-Za-z\d号编码\-+.])\d{6} ?$")
"""A postcode before an address; not one that a word names."""
_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_LATIN = re.compile(r"(?<![A-Za-z\d])[A-Z]{1,4}$")
_BUILT = re.compile(rf"{parts.HAN}{{1,6}}?(?:{parts.BUILT})")
"""Letters with which the name of an estate begins, as in C时代广场."""
_NAMES = 7
"""Characters before the kind of a road among which its name stands."""
_STRADDLES = 3
"""Characters before an address in which a word may begin that leads up to it."""


def begin_of(folded: str, start: int, end: int, persons: Sequence[Finding]) -> int:
    """Give where a place begins that the tagger saw from *start* to *end*.

    It is without a verb that the tagger took along, and with a name that it took for that of one of the *persons*,
    who are in order.
    """
    lead = _LEAD.match(folded, start, end)
    if lead:
        return lead.end()
    if _KIND_ALONE.match(folded, start, end) or _ESTATE_ALONE.match(folded, start):
        first = start
        while first > max(start - _NAMES, 0) and "\u3400" <= folded[first - 1] <= "\u9fff":
            first -= 1
        begin = named_from(folded, first, end)
        if 0 < start - begin < 4:
            return begin
    if _LOST.search(folded, max(start - 9, 0), start) or (start and _TWO.match(folded, start - 1)):
        return start - 1
    at = bisect_left(persons, start, key=lambda person: person.start) - 1
    stub = int(_STUB.match(folded, start) is not None)
    return persons[at].start if at >= 0 and start < persons[at].end + stub else start


def led_up(folded: str, start: int, end: int) -> int:
    """Give where an address begins once what leads up to it is left out, and a postcode before it taken in."""
    number = _ANY_NUMBER.search(folded, start, end)
    words = _LED_WORDS.match(folded, max(start - _STRADDLES, 0), number.start() if number else end)
    start = max(words.end(), start) if words else start
    lead = _LEAD.match(folded, start, end)
    start = lead.end() if lead else start
    latin = _LATIN.search(folded, max(start - 5, 0), start) if start and folded[start - 1] in _LETTERS else None
    start = latin.start() if latin and _BUILT.match(folded, start) else start
    code = _CODED.search(folded, max(start - 8, 0), start) if start > 5 else None
    return code.start() if code else start


def named_from(folded: str, start: int, end: int) -> int:
    """Give where the name that stands from *start* to *end* begins, what leads up to it left out."""
    led = _LED_BY.match(folded, start, end)
    return led.end() if led else start
