"""What persons are called besides their names: 王老师, 李姐, 字子明, 笔名听雨, and a name in Latin letters in brackets.

The tagger finds the surname and leaves the title; of a writer's chosen name it knows nothing.
"""

import re
from collections.abc import Collection, Iterable, Iterator

from anonymize.detect.findings import Finding
from anonymize.detect.persons.surnames import COMMON, COMPOUND

_HAN = r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af〇]"
_MORE = "高方江金白毛"
"""Surnames before a title of two characters alone: before a shorter one they end everyday words."""
_ALONE = COMMON | frozenset(_MORE)
_LAST = "".join(sorted(_ALONE | {surname[-1] for surname in COMPOUND}))
_LONG = "老师|老板|同学|阿姨|叔叔|伯伯|爷爷|奶奶|大[叔伯爷妈娘婶嫂哥姐]|师[傅兄姐]|学[长姐]|教练"
_SHORT = (
    "[叔姨婶嫂爸爷]|哥(?![伦特德尔斯白廷])|姐(?![妹夫])|妈(?![祖咪])|奶(?![粉茶牛糖酪奶])|妹(?![夫妹子])|"
    "总(?![是共会算体计数之得要能觉在有统理经裁书部局行署结量额工])|导(?![致演师航弹游向购读播出入体电管论火热])|"
    "董(?!事)|工(?![作程人资业厂地商会龄具艺序种时期伤夫])|队(?![员长伍列形医服旗内])"
)
"""Titles of one character, and what makes a longer word of them."""
_GOES_ON = r"(?=[^\w]|[你我他她快说家又今昨明的在就都也要和跟给把]|$)"
_CALLED = re.compile(rf"[{_LAST}](?:{_LONG}|(?<![{_MORE}])(?:{_SHORT}){_GOES_ON})")
_FRIENDS = "".join(sorted(COMMON - frozenset("牛熊龙毛孔石")))
_BIG = "张王李刘陈杨赵吴周徐孙朱胡郭何罗郑谢许邓冯曹彭曾肖董袁潘蔡蒋余杜苏魏吕丁任姚卢崔谭范廖贾"
_FAMILIAR = re.compile(
    rf"[老小大阿A-Z](?:(?<=[老小])[{_FRIENDS}]{_GOES_ON}|(?<=大)[{_BIG}]{_GOES_ON}|"
    r"(?:(?<=[老小阿])[A-Z][a-z]?|(?<=[A-Z])罗)(?![A-Za-z0-9区座栋级班型]))"
)
"""老王, 小李, 大刘, 小S and C罗."""
_JOINED = re.compile(r"[A-Za-z0-9\u3400-\u9fff]")
_LEADS = frozenset("下壁和跟给找叫让被问请带约陪替")
"""What can stand before them; otherwise no word may go on there."""
_MATE = re.compile(rf"(?:同桌|室友|舍友|闺蜜|发小|男友|女友)(?P<v>{_HAN}{{2}})(?=[,，。!！?？~\s]|$)")
_SAYS = re.compile("[字号名谥]")
_STYLED = re.compile(
    r"(?:(?<=[,，、;；)）(（])(?:[又一]?字|[又自别]?号)|[又自别]号|[笔艺网乳小]名|法[名号]|[绰外]号|诨[名号]|谥号?)[“\"]?"
    rf"(?P<v>{_HAN}{{1,4}})(?=[,，。、;；)）\s”\"]|$)"
)
_NO_STYLE = re.compile("[称召码外角令脉线楼段迹体幕样据眼句数面母典符手]")
_LATIN = re.compile(
    rf"\s?[(（](?:{_HAN}{{1,5}}[:：]\s?)?"
    r"(?P<v>[^\W\d_a-z][\w.'’-]{0,30}(?:[ ·][^\W\d_][\w.'’-]{0,30}){1,4})(?=[)）,，;；])"
)
_LATIN_BEFORE = re.compile(r"(?<![\w.'’-])(?P<v>[A-Z][\w.'’-]{0,30}(?: [A-Z][\w.'’-]{0,30}){1,3})\s?[(（]$", re.ASCII)
_TITLED_LATIN = re.compile(
    r"(?<![\w.'’-])[A-Z][\w.'’-]{0,30}(?:[ ·][A-Z][\w.'’-]{0,30}){0,3}(?=\s?(?:先生|女士|小姐|太太|博士|教授|老师))",
    re.ASCII,
)
_LATIN_TITLE = re.compile(r"[先女小太博教老](?<=[\w\s.'’-].)[生士姐太授师]", re.ASCII)
"""What a text must hold to be searched for one: a title right after a letter."""
_SPACED = re.compile(
    rf"(?<![\u3400-\u9fff])[{''.join(sorted(COMMON))}][ \u3000]{{1,4}}{_HAN}"
    r"(?=\s?(?:先生|女士|小姐|同志|、|[,，:：]\s?[男女]|[(（]))"
)
"""王  芳: a name of two characters, spaced to the width of three."""


def nicknames(folded: str, words: Collection[str] = ()) -> Iterator[Finding]:
    """Find surnames with what friends, pupils and colleagues put after them, and chosen names after what says so.

    *words* are common words of two characters: a surname is not the second one of theirs.
    """
    for match in _CALLED.finditer(folded):
        start, end = match.span()
        before = folded[max(start - 1, 0) : start + 1]
        if before in COMPOUND:
            start -= 1
        elif folded[start] not in _ALONE or (before in words and before[0] not in "老小"):
            continue
        start -= int(start > 0 and folded[start - 1] in "老小")
        yield Finding(start, end, "PERSON", 0.5)
    for match in _TITLED_LATIN.finditer(folded) if _LATIN_TITLE.search(folded) else ():
        yield Finding(*match.span(), "PERSON", 0.6)
    for match in _SPACED.finditer(folded) if " " in folded or "\u3000" in folded else ():
        yield Finding(*match.span(), "PERSON", 0.6)
    for match in _FAMILIAR.finditer(folded):
        before = folded[max(match.start() - 1, 0) : match.start()]
        if before in _LEADS or not _JOINED.match(before):
            yield Finding(*match.span(), "PERSON", 0.5)
    for match in _MATE.finditer(folded):
        if match["v"] not in words:
            yield Finding(*match.span("v"), "PERSON", 0.5)
    for match in _STYLED.finditer(folded) if _SAYS.search(folded) else ():
        if not _NO_STYLE.match(match["v"]):
            yield Finding(*match.span("v"), "PERSON", 0.6)


def latin_beside(folded: str, found: Iterable[Finding]) -> Iterator[Finding]:
    """Find the name in Latin letters that stands in brackets after a person found, or before one in brackets."""
    found = list(found)
    for end in {finding.end for finding in found if folded[finding.end : finding.end + 1] in "(（ "}:
        match = _LATIN.match(folded, end)
        if match:
            yield Finding(*match.span("v"), "PERSON", 0.5)
    for start in {finding.start for finding in found if folded[finding.start - 1 : finding.start] in ("(", "（")}:
        match = _LATIN_BEFORE.search(folded, max(0, start - 40), start)
        if match:
            yield Finding(*match.span("v"), "PERSON", 0.5)
