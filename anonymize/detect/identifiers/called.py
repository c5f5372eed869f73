"""Numbers that the words right before them call a thing's: 燃气表编号, 罚单, 血袋号, 停车小票.

Nobody can list all things that bear a number. What persons bear is few: papers, accounts, cards, records of care and
of insurance, ways to be reached. So a number with a word or a key for it is a thing's unless that is one of those.
"""

import re
from collections.abc import Iterator

_KIND = (
    "[号单票](?!码)|[字告复]第?(?=\\d+号)|第(?=\\d{6,}号)|码|ID|批次|流水|单子|[收单票]据|凭证|许可证?|[格记]证|[诉访办事]件|"
    "主键|血袋|钢印|标签|铭牌"
)
NUMBER = r"(?P<v>(?=[A-Za-z\-]{0,6}\d)[A-Za-z0-9](?:[A-Za-z0-9\-./]| (?=\d{3,}))*)"
"""A number as things bear it: letters before it, signs within."""
PHONE = r"1[3-9]\d{9}(?!\d)|0\d{2,3}-?\d{7,8}(?!\d)"
"""A telephone is one whatever the word before it."""
_CALLED = re.compile(
    rf"(?:{_KIND})(?:[是为叫]|[:#=\s|\"'(【>]){{0,5}}(?!{PHONE})"
    f"{NUMBER}"
)
_BEHIND = re.compile(r"(?<![0-9A-Za-z])(?P<v>[A-Za-z]{0,3}\d{4,12})(?=[这那]个?批|号?批[次号文])")
"""A batch or an approval named behind its number."""
_KEYED = re.compile(
    r"(?<![A-Za-z0-9])(?P<key>[A-Za-z][A-Za-z_\-. ]{1,23})[\"']?(?:\s?[=:]\s?|\s?#)[\"']?"
    rf"(?!{PHONE})(?P<v>(?:[A-Z]{{1,4}}_?)?\d{{9,}})(?!\d)"
)
_SOMEBODYS_KEY = re.compile(
    r"(?i:id\b|id$|_id_|\bno\b|no$|num|card|acc|tel|phone|mob|pat|mrn|user|cust|client|member|person|polic|insur|ssn|passp|licen|"
    r"contact|fax|qq|wx|we_?chat|bank|pay(?:ee|er)|tax|permit|\bpan\b|staff|employ|stud|holder|owner)|^[b-df-hj-np-tv-z]{2,9}[hm]$"
)
"""Keys of records by which persons bear a number, in English or in the initials of pinyin."""
_LONG = re.compile(r"\d{9,}")
_MEASURES = re.compile(
    r"(?:[量额值数](?:是|为|达到?|[:=\s]){0,2}|[¥￥$€£]\s?|(?<![A-Za-z])(?:RMB|CNY|USD)\s?|"
    r"(?<![预签合履违续邀解契])约|逾|[高多]达|超过)$"
)
_MEASURED = re.compile(
    r"\s?(?:[剂条份张套辆株头亩枚颗帧页]|例(?![如外])|台(?![湾胞])|名(?![下称字为])|"
    r"位(?![于置数])|户(?![名主籍口])|公顷|[美港欧日]元|立方|千瓦|kWh|拷贝|CFU)|\.\d{1,2}(?![\d.])"
)
_FILE = re.compile(r"\.(?i:jpe?g|png|gif|bmp|pdf|docx?|xlsx?|txt|zip|rar|mp[34]|mov|amr|wav|dcm)(?![A-Za-z])")
"""What is counted, measured or paid, by the word before it or by what follows it; and the name of a file."""
_WORD = re.compile("[\u3400-\u9fffA-Za-z]{0,8}$")
_SAYS_NOTHING = re.compile("(?:.*[我他她它你您们这那个的了有另其原新旧本该此])?[编号码代序单票证件字ID]*")
"""The word for a number before its kind, and one that is no word for anything (我的编号)."""
_PERSONAL = re.compile(
    "身份|证件|护照|通行|往来|双程|回乡|台胞|港澳|居[住留]|驾[驶照]|行驶|军[官人]|警官|士兵|公民|个人|本人|残疾|低保|婚|出生|执业|资格|"
    "社[保会]|医[保疗院]|参[保合]|保[险单]|投保|[农合]合|合疗|养老|统一|信用|机构代码|纳税|税号|主体|房产|不动产|(?<!合格)(?<!许可)(?<!登记)(?<!注册)证号|[车号]牌|牌照|"
    "病|住院|[门急就问]诊|诊[疗断]|挂号|患[者儿]|婴儿|[产孕]妇|腕带|登记号|体检|档案|影像|检[查验]|标本|片号|床|"
    "(?<!商)户|[账帐卡]|存[折单]|会员|学[号籍生]|[工警]号|[职员]工|(?<!参)考[生号证]|准考|[人者员]的?[编序]?号|"
    "电话|手机|联系|座机|传真|微信|[Qq扣]|企鹅|邮|快[递件]|运单|物流|包裹|[寄派]件|顺丰|[圆中申]通|韵达|极兔|驿站"
)
"""What persons bear a number by."""
_THING = re.compile("支付|交易|订单|结算|退款|投诉|工单|商[户品]|耗材|发票|终端|目录|仪器|电梯|账单|(?<![手司])机编?号")
"""What is nobody's, whoever it is of."""


def called(folded: str) -> Iterator[tuple[int, int]]:
    """Find in *folded* the numbers that their own words call a thing's, and give where they stand."""
    for match in _CALLED.finditer(folded):
        word = _WORD.search(folded, max(0, match.start() - 8), match.start())
        what = folded[word.start() if word else match.start() : match.start("v")].rstrip(" \n:#=|\"'(【>是为叫")
        if _THING.search(what) or not (_SAYS_NOTHING.fullmatch(what) or _PERSONAL.search(what)):
            yield match.span("v")
    for match in _KEYED.finditer(folded):
        if _SOMEBODYS_KEY.search(match["key"]) is None:
            yield match.span("v")
    for match in _LONG.finditer(folded):
        if _is_counted(folded, *match.span()):
            yield match.span()
    for match in _BEHIND.finditer(folded):
        yield match.span("v")


def _is_counted(folded: str, start: int, end: int) -> bool:
    """Say whether the number at *start* to *end* of *folded* is a count, a measure or a sum, or a file's name."""
    if _FILE.match(folded, end):
        return end - start <= 18
    return end - start <= 12 and bool(
        _MEASURES.search(folded, max(0, start - 5), start)
        or (folded[start - 1 : start] not in (".", "-") and _MEASURED.match(folded, end))
    )
