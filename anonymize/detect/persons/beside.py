"""What stands before and after a name in clinical notes, and before and after what is none."""

import re
from collections.abc import Iterator
from functools import cache

from anonymize.data import facts
from anonymize.detect.persons.cues import is_cued
from anonymize.detect.persons.titles import PARTICLES, PREPOSITIONS, TAILS, title_at
from anonymize.detect.persons.vetoes import NO_NAME
from anonymize.detect.tagger.runs import HAN
from anonymize.detect.tagger.tagger import tagger

_LEADS = PREPOSITIONS | frozenset(
    "后前中天午周月年晨夜晚日起时床示见查取嘱请予给由因对为现经令与使让将把送据若待并而遂故且扶本"
)
"""What ends the word before a name: a time, a place, what is done to somebody."""
_GOES_ON = PARTICLES | TAILS | frozenset("之均仍又再可不无")
"""What follows a whole name, and ends none."""
_OPENS, _LISTS, _DASHES, _AND = map(frozenset, ("\n。；;！？!?", "、+/", "-－–—", "的及和与"))
_MEDICINE = re.compile("(?:[服用换转改停加]|推荐|首剂|鼻喷|[吸喷]|商品名|联合|[续继]|序贯|[单首]药)[：:]?$")
"""What stands before a drug."""
_USED = re.compile("维持|[减加]量|停用|[续连]用|不耐受|抗[凝血]|抑酸|升[白血]|止[吐痛血咳]|输注|泵入|方案|[（(+]")
"""What follows a drug."""
_ROLE = re.compile(
    "(?:(?:[医护药技麻养]师|医生|大夫|护士|患[者儿]|病[人友员]|同?病室|家[属长]|产妇|孕妇|助手|[一二三]助|术者|主刀|[者员人]|"
    "姓名|签[名字]|教授|主任|[其之患][妻夫子女父母兄弟姐妹]|丈夫|老[师伴]|同[事学]|邻居|朋友)(?:[:：]\\s?|是|为|系|叫)?|"
    "[内外妇儿骨眼牙医]科|患)$"
)
"""Who is said to be named."""
LISTED = re.compile(
    "(?:[者师生士任刀班]|助手?|麻醉|(?<!手术)器械|巡回|洗手|跟台)[:：]?"
    "[\u3400-\u9fff]{2,4}(?:[、/ ][\u3400-\u9fff]{2,4}){0,4}[、/ ]$"
)
"""Who is said to be named first in a list."""
_ASKED = re.compile(
    "(?:[请由经报告与同]|[夜白值接交]班|跟台|器械|巡回|洗手|麻醉|主管|经治|特护|送检|签收|采样|复核|审核|记录|录入|核对|代签|操作|[读阅]片|申请|"
    "[:：]\\s?|通知|联系|致电|随访|咨询|[今昨]日|[科室])$"
)
"""What stands before a name or before anything else."""
SEX = re.compile(r"[，,、]?\s?[（(]?(?:[男女](?!性?激)|\d{1,3}岁)")
ACTS = re.compile(
    "[^，。；]{0,4}[医护药技][师生士嘱]|主[任治管]|教授|副?院长|大夫|老师|[诉称说述签陪代问告]|查[房看]|会诊|书写|记录|审核|操作|"
    "汇报|报告|核对|要求|拒绝|同意|提供|反映|来[院诊电取访]|前来|服(?!务|装|从)|记[:：]|存在|就诊|入院|出院|复诊|因(?![子为素])|"
    "患(?!者)|均|及其|之[妻夫子女父母兄弟姐妹]|评估|交班|执行|主刀|手术"
)
"""What follows a name: a title, what patients, relatives and staff do."""


def before(text: str, start: int) -> Iterator[tuple[str, float]]:
    """Give the signs that stand before a name which begins at *start*."""
    led, last = text[max(0, start - 24) : start], text[start - 1 : start]
    if HAN.match(last):
        yield "led to", last in _LEADS
        yield "word before", text[start - 2 : start] in words()
        yield "within a word", text[start - 1 : start + 1] in words()
        yield "and", last in _AND
    yield "opens", not last or last in _OPENS
    yield "listed", last in _LISTS
    yield "figure before", last.isascii() and last.isalnum()
    yield "joined", last in _DASHES
    yield "role", is_named(text, start) or is_cued(text, start)
    yield "named after", last in _LISTS and LISTED.search(led) is not None
    yield "asked", _ASKED.search(led[-4:]) is not None
    yield "medicine", _MEDICINE.search(led[-4:]) is not None


def after(text: str, end: int) -> Iterator[tuple[str, float]]:
    """Give the signs that stand after a name which ends at *end*."""
    follows = text[end : end + 1]
    if HAN.match(follows):
        yield "word after", any(text[end : end + size] in words() for size in (2, 3, 4))
        yield "leaves one", not HAN.match(text[end + 1 : end + 2]) or title_at(text, end + 1) > 0
        yield "ends in a word", text[end - 1 : end + 1] in words()
        yield "body after", follows in NO_NAME
        yield "goes on", follows in _GOES_ON
    yield "letter after", follows.isascii() and follows.isalpha()
    yield "figure after", follows.isdecimal()
    yield "joined", follows in _DASHES
    yield "used", _USED.match(text, end) is not None
    yield "sex", SEX.match(text, end) is not None
    yield "acts", ACTS.match(text, end) is not None


def is_named(text: str, start: int) -> bool:
    """Say whether a role or a title before a place says that somebody is named there."""
    titled = any(title_at(text, start - size) == start for size in range(2, min(start, 5) + 1))
    return titled or _ROLE.search(text[max(0, start - 6) : start]) is not None


@cache
def words() -> frozenset[str]:
    """Give everyday words of two to four characters."""
    return tagger().words | {row["word"] for row in facts("words.csv")}
