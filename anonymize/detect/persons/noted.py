"""Words of clinical notes that are written like a name.

Notes name people where something says so: a role or a title beside the name, a colon, the beginning of a sentence, a
verb of what people do to each other. What else in them looks like a foreign name, or faintly like a Chinese one, is a
sign, a drug, an operation, a herb or an instrument, whatever it is called: new brands need no list.
"""

import math
import re
from functools import cache

from anonymize.data import facts
from anonymize.detect.findings import Finding
from anonymize.detect.persons.clinic import AROUND, ENOUGH, LABELLED, is_clinical
from anonymize.detect.persons.medicine import BRANDS, THINGS
from anonymize.detect.persons.surnames import COMMON
from anonymize.detect.persons.titles import title_at
from anonymize.detect.tagger.characters import foreign, is_everyday, written
from anonymize.detect.tagger.runs import HAN

AGAINST = 8.0
"""Odds, as a natural logarithm, that speak against what is not written like a Chinese name."""
DOUBTED, ALONE = 1.0, 7.0
"""Odds of the tagger and of the characters below which a name of everyday form is a word, and below which one is that
stands alone among others."""

SURE = 0.97
"""Chance from which a name of everyday form is one whatever stands around it."""
WHOLE = 3.0
"""Odds of its characters from which a name stands behind a character that the tagger took along (夜班赵玉梅)."""

_HAN = r"[\u3400-\u9fff]"
_LINK = r"(?:[:：]\s?|是|为|系|叫)?$"
_INTRODUCED = re.compile(
    "(?:[医护药技麻养]师|医生|大夫|护士|患[者儿]|病[人友员]|同?病室|家[属长]|产妇|孕妇|助手|[一二三]助|术者|主刀|[者员人]|姓名|签[名字]|教授|主任|"
    f"[其之患][妻夫子女父母兄弟姐妹]|丈夫|老[师伴]|同[事学]|邻居|朋友){_LINK}|[内外妇儿骨眼牙医]科$|患$|"
    rf"(?:[者师生士任刀班]|助手?|麻醉|器械|巡回|洗手|跟台)[:：]?"
    rf"{_HAN}{{2,4}}(?:[、，,/ ]{_HAN}{{2,4}}){{0,4}}[、，,/ ]$"
)
"""What stands before a name, or before the first one in a list."""
_ASKED = re.compile(
    "(?:[请由经报告与同]|[夜白值接交]班|跟台|器械|巡回|洗手|麻醉|主管|经治|特护|送检|签收|采样|复核|审核|记录|录入|核对|代签|操作|[读阅]片|申请|"
    "[:：]\\s?|通知|联系|致电|随访|咨询|[今昨]日|[科室])$"
)
"""What stands before a name or before anything else."""
_ACTS = re.compile(
    r"[，,]?\s?(?:[（(]?[男女]性?(?![激性])|[（(]\d|\d{1,3}岁|[^，。；]{0,4}[医护药技][师生士嘱]|主[任治管]|教授|副?院长|大夫|老师|"
    r"[诉称说述签陪代问告]|查[房看]|会诊|书写|记录|审核|操作|汇报|报告|核对|要求|拒绝|同意|提供|反映|来[院诊电取访]|前来|服(?!务|装|从)|记[:：]|存在|就诊|入院|出院|复诊|因(?![子为素])|患(?!者)|"
    r"均|及其|之[妻夫子女父母兄弟姐妹]|评估|交班|执行|主刀|手术)"
)
"""What follows a name: sex and age, a title, what patients, relatives and staff do."""

_JOINED = frozenset("-－–—")
"""What joins the names in an eponym (吉兰-巴雷综合征)."""
_NOT_GIVEN = frozenset(
    "斯尔克特科勒塔弗普拉姆瓦萨卡巴格夫基尼诺洛索托莱哈里考茨策塞戈盖比蒂提图费莫佩布耶库默赫伯沃古冈顿坦扎兹贝司厄埃艾阿登"
)
"""Characters in which foreign names end, and hardly any given name."""
_RARELY = frozenset("艾斯哈沙沃巴尼贝")
"""Surnames that more words written like foreign names begin with than names."""
_BEARERS = frozenset("征术法管夹环钳针刀波氏")
"""What the tagger takes along of what bears the name."""
_STOPS = "，,。；;：:"
_APART = frozenset("，,、；;：:（(+/ ")
_COUNTED = re.compile("[一二两三四五六七八九十百半]+[毫微]?[克升片粒支枚剂丸滴]")
"""A dose."""
_BODY = re.compile(
    "医院|卫生|中心|大[学厦]|学院|公司|集团|委员|[省市县区镇乡村街路院校所站会厂店社国州]|局(?!部)|"
    "(?<![局头面颈胸背腰腹臀手足根底])部"
)
"""What the name of a place or an organisation holds, or what follows it."""
SHORT = 10
"""Characters of the longest word that is taken for a place."""
_TOWARDS = re.compile("(?:[在到至去从往赴于住]|来自|前往|籍贯|外院)$")
"""What leads to a place."""


@cache
def _places() -> frozenset[str]:
    """Give the names of China's places, in full and short, and of the world's countries and great cities."""
    china = {row["name"] for row in facts("gbt2260.csv")}
    short = {name[:-1] for name in china if len(name) > 2 and name[-1] in "省市县区"}
    return frozenset(china | short | {row["name"] for row in facts("world_places.csv")})


def is_word(text: str, finding: Finding, least: float) -> bool:
    """Say whether a person that the tagger found is rather a word of the clinical notes around it.

    *least* is the chance from which a finding counts.
    """
    start, end, _, score = finding
    if score >= SURE and end - start <= 3 and is_everyday(text[start:end]) and text[end - 1] not in _NOT_GIVEN:
        return False
    if end - start == 4 and not is_everyday(text[start:end]) and is_everyday(text[start + 1 : end]):
        start += int(written(text[start + 1 : end]) >= WHOLE)
    joined = not _JOINED.isdisjoint(text[max(0, start - 1) : end + 1])
    everyday = not joined and is_everyday(text[start:end]) and not _is_transcribed(text[start:end])
    if not _may_be_a_word(text, start, end, everyday, math.log(max(score, 1e-6) / max(1 - score, 1e-6)), least):
        return False
    return not is_introduced(text, start, end, everyday) and is_clinical(text, start, end, 1 if joined else ENOUGH)


def _may_be_a_word(text: str, start: int, end: int, everyday: bool, odds: float, least: float) -> bool:
    """Say whether the span is no name if the text is clinical; *odds* are the tagger's."""
    if _COUNTED.search(text, start + 1, end + 2) or any(text[start:at] in BRANDS for at in range(start + 2, end + 1)):
        return True
    if _is_in_a_list(text, start, end):
        return True
    bears = end - start == 3 and start > 0 and foreign(text[start:end]) == 1 and THINGS.match(text, end) is not None
    if not everyday or bears:
        return odds - AGAINST < math.log(least / (1 - least))
    alone = start > 0 and text[start - 1] in _APART and not HAN.match(text[end : end + 1])
    return odds + written(text[start:end]) < (ALONE if alone else DOUBTED)


def _is_in_a_list(text: str, start: int, end: int) -> bool:
    """Say whether the span is one of many things in a list, most of which are not written like Chinese names."""
    if "、" not in text:
        return False
    first = max((text.rfind(sign, max(0, start - AROUND), start) for sign in _STOPS), default=-1) + 1
    last = min((at for sign in _STOPS if (at := text.find(sign, end, end + AROUND)) >= 0), default=end + AROUND)
    items = text[first:last].split("、")
    names = sum(is_everyday(item) and not _is_transcribed(item) for item in items)
    return len(items) > 2 and 2 * names <= len(items)


def _is_transcribed(name: str) -> bool:
    """Say whether a name with a surname is rather a foreign one, with or without what bears it."""
    if name[-1] in _BEARERS and foreign(name[:-1]) == 1:
        return True
    written_out = len(name) == 3 and foreign(name) == 1
    if foreign(name) == 1 and name[0] in _RARELY:
        return True
    return name[-1] in _NOT_GIVEN or (written_out and (name[0] not in COMMON or name[1] in _NOT_GIVEN))


def is_no_place(text: str, finding: Finding) -> bool:
    """Say whether a place or an organisation that the tagger found is rather a word of the notes around it."""
    start, end = finding.start, finding.end
    if end - start > SHORT or text[start:end] in _places() or _BODY.search(text, start, min(end + 2, len(text))):
        return False
    return _TOWARDS.search(text[max(0, start - 4) : start]) is None and is_clinical(text, start, end)


def is_introduced(text: str, start: int, end: int, everyday: bool) -> bool:
    """Say whether something beside the span speaks for a person; *everyday*: it is written like a Chinese name."""
    before = text[max(0, start - 24) : start]
    if _INTRODUCED.search(before) or _INTRODUCED.search(before + text[start]) or title_at(text, end):
        return True
    if any(title_at(text, start - size) == start for size in range(2, min(start, 5) + 1)):
        return True
    opens, acts = not before or before[-1] in "\n。；;！？ ", _ACTS.match(text, end) or _ACTS.match(text, end - 1)
    if not everyday:
        return opens and acts is not None and end - start <= 4
    if LABELLED.search(before):
        return False
    stops = end >= len(text) or not text[end].isalnum()
    return acts is not None or (stops and (opens or _ASKED.search(before) is not None))
