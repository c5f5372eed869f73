"""Persons named after a cue word (患者, 家属, 联系人 …) or before a title (… 先生, … 医生).

Without a model a name's end is a guess: surname and one or two characters, the second one not taken where it
begins a common verb or particle. The guess leans towards taking one character too many.
"""

import re
from collections.abc import Collection, Iterator

from anonymize.detect.alternatives import by_first
from anonymize.detect.findings import Finding
from anonymize.detect.persons.surnames import COMMON, COMPOUND, SINGLE
from anonymize.detect.persons.titles import PARTICLES, PREPOSITIONS, TAILS, title_at
from anonymize.detect.persons.vetoes import DOUBLED

_KIN = (
    "丈夫|妻子|儿子|女儿|父亲|母亲|配偶|老伴|爱人|哥哥|弟弟|姐姐|妹妹|儿媳|女婿|孙子|孙女|外孙女|外孙|侄子|侄女|外甥女|外甥|岳父|岳母|公公|婆婆|"
    "爸爸|妈妈|爷爷|奶奶|外公|外婆|舅舅|姑姑|叔叔|伯伯|之子|之女|之妻|之夫|其子|其女|其妻|其夫|其父|其母"
)
_ROLE = (
    "患者|患儿|病人|病员|产妇|家属|联系人|陪护人?|陪同人?|监护人|委托人|代理人|投诉人|举报人|来电人|报案人|当事人|市民|居民|村民|业主|司机|驾驶员|"
    "经办人|负责人|法定代表人|主治医[师生]|主管医[师生]|经治医[师生]|接诊医[师生]|手术医[师生]|住院医[师生]|麻醉医[师生]|主刀医[师生]|主刀|术者|"
    "助手|一助|二助|营养师|检验者|审核者|医[师生]|大夫|护士长?|主任|教授|随访人|记录人|记录者|报告人|审核人|报告医[师生]|审核医[师生]|签名|签字|介绍人|同事|邻居|朋友|同学|"
    "助产士|园长|班主任|住户|受理人|代收人|收件人|受送达人|接收人|送检人|配偶|长子|次子|长女|次女|记录者|主持人|房东|租客|租户|户主|"
    "护工|保安|保洁|楼长|组长|网格员|快递员|外卖员|担保人|调解员|志愿者|申请人|申诉人|被告|原告|证人|受害人|死者|伤者|同伴|学生|教师|"
    "工人|民警|交警|律师|经纪人|包工头|经理|会计师(?![资协])|会计(?![师学信科核制准主报电])|成员|先证者|产妇|孕妇|其兄|其弟|其姐|其妹|外婆|丈母娘|岳父母"
)
_NAMED = "姓名|名字|名叫|叫做|姓名及电话|本名|原名|曾用名|别名|化名"
_CUES = by_first(f"{_ROLE}|{_KIN}|{_NAMED}")

_HAN = r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af〇]"
_RARE = r"[\u3400-\u4dbf\uf900-\ufaff\U00020000-\U000323af]"
"""Characters beyond the basic block: in running text they occur in names."""
_NEVER_FIRST = "因于在的为与和诉自已到入行经有无住将及称说被其是予拟需告也并且但而而所则都只才了着过个这那此该每或至往"
_NEVER_SECOND = _NEVER_FIRST + (
    "查男女今电术主要等后前曾未同现复随签陪手表否述患反就转病可不昨确接发感伴约提收向对由从把请让均又再还仍最很拒咨投报刚正便即使令时日月年岁"
)
_VERBS = (
    "会诊|书写|签署|建议|希望|认为|要求|联系|出院|出现|出生|办理|去年|先生|女士|小姐|医生|医师|主任|护士|教授|陈述|申请"
)
_GIVEN = rf"(?!{_VERBS}|[{_NEVER_FIRST}]){_HAN}(?:(?!{_VERBS}|[{_NEVER_SECOND}]){_HAN})?"
_SURNAME = f"(?:{'|'.join(sorted(COMPOUND))}|[{''.join(sorted(SINGLE))}])"
_DOTTED = rf"{_HAN}{{1,8}}·{_HAN}{{1,8}}(?:·{_HAN}{{1,8}})?"
"""Names of other peoples, whose parts a dot joins."""
_NAME = rf"(?:{_SURNAME}[ ·]?{_GIVEN}|(?={_HAN}{{0,2}}{_RARE}){_HAN}{_GIVEN}|{_DOTTED})"
_KIN_NOTE = rf"(?:[(（](?:{_KIN}|本人|家属)[)）])?"

_LINK = r"(?:是|为|系|叫|名叫|[:：,， ]){0,3}"
_WORDLIKE = (
    "[从和全公后相能都经应有国爱]|查[房体看]|高血|高危|高度|高龄|才能|初中|那样|代表|尚未|连续|强调|管[理人]|文化|向[上下前后]|童工|平[静时]|曾[给经]|"
    "门[门口]|商[量议讨定]|盘[问查点]|战[战栗胜]"
)
"""Surnames that far more often begin a word, and words that begin like a name: a name only after a colon."""
_CUED = re.compile(rf"(?:{_CUES}){_KIN_NOTE}{_LINK}(?!{_WORDLIKE})(?P<v>{_NAME})")
_STATED = re.compile(rf"(?:{_CUES}){_KIN_NOTE}(?:姓名)?[:：]\s?(?P<v>{_HAN}{{2,4}})(?=[,，。;；、/|\s(（\d]|$)")
"""After a colon and up to the next stop any short word is a name, whatever its surname."""
FIELD = 0.65
"""How sure that makes us."""
_CREDIT = (
    "责编|责任编辑|编辑|校对|摄影|撰文|作者|译者|翻译|导演|编剧|主演|监制|制片人|作词|作曲|演唱|主唱|主持人?|嘉宾|指导教师|指导老师|领队|"
    "教练|裁判|门将|后卫|中场|前锋|记者|通讯员|实习生|保荐代表人|协办人|董事长?|独立董事|监事|总经理|董秘"
)
_CREDITED = re.compile(rf"(?:{_CREDIT})[:：]\s?(?P<v>{_SURNAME}{_HAN}{{1,2}})(?=[,，。;；、/|\s(（)）]|$)")
"""Who made, played or signed something, after a colon and up to the next stop."""
_LIST = re.compile(rf"[、和及与/](?P<v>{_SURNAME}{_GIVEN})(?![\u3400-\u9fff])")
_TITLE = "先生|女士|小姐|太太|医生|医师|主任|大夫|教授|护士长|护士|护师|同志|阿姨|师傅|老师"
_TITLED = re.compile(
    rf"(?P<v>(?:{'|'.join(sorted(COMPOUND))}|[{''.join(sorted(COMMON))}])(?:(?![{_NEVER_FIRST}]){_HAN}){{0,2}}?)(?:{_TITLE})"
)
_STRONG = "先生|女士|小姐|太太|同志|阿姨|师傅|大爷|大妈|大娘"
_ADDRESSED = re.compile(
    rf"(?P<v>(?:{'|'.join(sorted(COMPOUND))}|[{''.join(sorted(SINGLE))}])(?:(?![{_NEVER_FIRST}位名各]){_HAN}){{1,2}}?)(?:{_STRONG})"
)
"""Before a title that is given to persons alone, any surname with a given name."""
_ADDRESSED_ALONE = re.compile(r"(?:(?<![^\n])|[,，。;；:：、\s])[\u3400-\u9fff]{2,3}(?:先生|女士)\s?[,，:：(（]")
"""A name that is an everyday word as well, with a title between two signs (巩固先生，1970年出生)."""
_NO_LONE = (
    frozenset("原代时元管师后相能都应那和全是名正公养法麦席通道步首令白方高江金毛查") | PARTICLES | PREPOSITIONS | TAILS
)
"""Surnames that say something else before a title (原主任, 全主任): no one is addressed by them alone."""
_OFFICE = "女士|先生|警官|主任|经理|医[生师]|大夫|护士|教授|律师|法官"
_LONE = re.compile(
    r"(?:(?<![^\n])|(?<=[科所司院队局组校班区人者,，。;；:：、\s]))"
    rf"(?P<v>[{''.join(sorted(SINGLE - COMMON - _NO_LONE))}])(?={_OFFICE})"
)
"""A rare surname alone, at the beginning of a part of a sentence or after a body, before a title (心内科单主任)."""
_HIDDEN = re.compile(
    rf"(?P<v>{_SURNAME}(?:某某?|[*×○●]{{1,2}}|[Xx]{{1,2}}(?![A-Za-z0-9]))(?:[\u3400-\u9fff](?=[,，。;；、\s]|$))?)"
)
_LIFE = (
    r"(?=\s?(?:[(（][^)）]{2,12}[)）])?[,，:：、]\s?(?:[^,，。;；]{2,10}[,，]){0,2}[男女]性?(?:[,，。;；、\s(（]|$)|[,，]\s?[又一]?[字号]\w{1,4}[,，。]|[,，]\s?\w{1,3}族[,，]|"
    r"[,，:：]\s?(?:[^,，。;；]{2,10}[,，])?(?:中国国籍|\d{4}年\w{0,8}生)|\s?[(（][^)）]{0,12}\d{3,4}年?[^)）]{0,12}[－\-—–至])"
)
_BORN = re.compile(rf"(?:^|(?<=[。;；\n]))\s{{0,4}}(?P<v>{_NAME}){_LIFE}")
"""A name at the beginning of a sentence, and of a life: sex, people, nationality, birth or another name follow."""
_KIN_OF = re.compile(rf"(?:[为系是]|控制人|股东|董事长?|总经理|监事)(?P<v>{_NAME})(?=之[子女妻夫父母孙弟兄妹姐])")
_HANDLE = re.compile(rf"@(?P<v>{_SURNAME}{_GIVEN})(?![\w\-])")

_AGED, _SINGLE = re.compile(r"[,，]\s?[男女][,，]\s?\d"), frozenset(["单身", "成人", "成年", "高龄"])
"""Sex and age, before which an everyday word is a name as well (苏宁，女，44岁), and the few that are none there."""
_STAYS = re.compile(f"[(（](?:{_KIN})[)）]|陪[护同]|代诉|知情|签[字名]")
"""What relatives do, after whom a cue names: an everyday word is a name there (姐姐范文陪护)."""
_CUED_BEFORE = re.compile(rf"(?:{_CUES}){_KIN_NOTE}(?:姓名)?(?:是|为|系|叫|名叫|[:： ]){{0,2}}$")
"""A cue word that ends where a name begins."""
_WORDS_TEXT = (
    "家属 患者 病人 医生 医师 主任 护士 电话 手机 地址 住址 同意 要求 签字 本人 不详 暂无 未知 良好 无殊 双方 "
    "没有 自己 家中 房屋 知情 全部 家人 如下 男性 女性 你好 您好"
)
_WORDS = frozenset(_WORDS_TEXT.split())
"""Short words that a form puts after a colon, and that are nobody's name."""


_FORMS = (
    (_CUED, 0.7, ""),
    (_STATED, FIELD, ":"),
    (_CREDITED, 0.6, ":"),
    (_TITLED, 0.6, re.compile(_TITLE)),
    (_ADDRESSED, 0.55, re.compile(_STRONG)),
    (_LONE, 0.5, re.compile(_OFFICE)),
    (_HIDDEN, 0.5, re.compile("[某*×○●Xx]")),
    (_BORN, 0.6, re.compile("[男女族籍生字号—－–\\-]")),
    (_KIN_OF, 0.6, re.compile("之[子女妻夫父母孙弟兄妹姐]")),
    (_HANDLE, 0.5, "@"),
)
"""How persons are written, how sure each form makes us, and what a text must hold to be searched for it."""


def people(folded: str, words: Collection[str] = ()) -> Iterator[Finding]:
    """Find named persons by cue word, title or mask in *folded* text.

    *words* are common words of two characters: after a cue without a colon they are no name, and no name of three
    characters ends in the first of one.
    """
    ends: set[int] = set()
    for regex, score, signs in _FORMS:
        if signs not in folded if isinstance(signs, str) else signs.search(folded) is None:
            continue
        for match in regex.finditer(folded):
            start, end = match.span("v")
            if match["v"] in _WORDS or DOUBLED.match(folded, start):
                continue
            if regex in (_TITLED, _ADDRESSED) and _in_title(folded, start):
                continue
            if (
                regex is _ADDRESSED
                and not _ADDRESSED_ALONE.match(folded, max(start - 1, 0))
                and (match["v"] in words or match["v"][:2] in words or folded[start - 1 : start + 1] in words)
            ):
                continue
            if regex is _LONE and (title_at(folded, start) or folded[start - 1 : start + 1] in words):
                continue
            if regex in (_KIN_OF, _HANDLE) and match["v"] in words:
                continue
            if regex is _BORN and match["v"] in (words if _AGED.match(folded, end) is None else _SINGLE):
                continue
            if regex is _CUED and (folded[end - 1] in "区县镇" or folded[end : end + 1] in tuple("区县镇")):
                continue
            if regex is _CUED and end - start > 2 and (folded[end - 1] in TAILS or folded[end - 1 : end + 1] in words):
                end -= 1
            if regex is _CUED and folded[start:end] in words and not _is_said(folded, start, end):
                continue
            ends.add(end)
            yield Finding(start, end, "PERSON", score)
    for match in _LIST.finditer(folded) if ends else ():
        if match.start() in ends:
            ends.add(match.end("v"))
            yield Finding(match.start("v"), match.end("v"), "PERSON", 0.6)


def _is_said(folded: str, start: int, end: int) -> bool:
    """Say whether an everyday word after a cue is a name: after a colon, or where it does what relatives do."""
    return folded[start - 1] in ":：" or _STAYS.match(folded, end) is not None


def is_cued(folded: str, start: int) -> bool:
    """Say whether a cue word stands right before *start*."""
    return _CUED_BEFORE.search(folded[max(0, start - 16) : start]) is not None


def _in_title(folded: str, at: int) -> bool:
    """Say whether the character at *at* ends a title or goes on in one (总工程师, 感谢)."""
    return any(title_at(folded, at - back) > at for back in range(1, min(at, 3) + 1))
