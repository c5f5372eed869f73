"""What the tagger takes along at the edges of a name: 由 before a foreign one, 于 after any."""

import re

from anonymize.detect.findings import Finding
from anonymize.detect.persons.titles import title_at
from anonymize.detect.tagger.characters import is_everyday

SURE = 0.5
"""Score from which a title may be a name as well."""
_BEFORE = "由是人家的与为被把给长任员后"
"""Characters in which no foreign name is written, and which end the word before one."""
_AFTER = frozenset("于以被在从要系摄说你我他她您这的了吗呢吧患予")
"""Characters in which no name ends."""
_LEADS = frozenset("今昨患嘱现予给让被把将使送台父母妻夫内")
"""What leads to a name, and no surname."""
_GOES_ON = re.compile(
    r"均(?=[要同签拒不为无已未自能可在有])|"
    r"行(?=[A-Za-z]|[^，。；、\s]{1,12}(?:术|治疗|检查|化疗|放疗|造影|活检|固定|复位))|"
    r"评(?=估)|医(?=嘱)|述(?=[患其说:：])|报(?=[危告称])|复(?=[查诊])|本(?=人)|转(?=[A-Z入至科院])|记(?=[:：])|来(?=[取电院诊访])|"
    r"服(?![务装从]|$)|静(?=[滴推脉注点])|"
    "(?<!赛)因(?=[^，。；]{0,16}(?:就诊|[入住]院|来[诊院]|复诊|病|症|痛|术|转))"
)
"""What goes on after a name and may end one, where it does not."""
_DEPARTMENT = re.compile(
    "(?:[内外妇产儿骨眼牙药]|中医|西医|口腔|检验|急诊|麻醉|影像|病理|皮肤|放[射疗]|超声|肿瘤|康复|感染|[神内]经内?|心[脏血管内]*|呼吸|消化|泌尿|内分泌|肾病|血液|"
    "风湿|重症|鼻喉|营养)科(?=[\u3400-\u9fff])|药房(?=[\u3400-\u9fff]{2})"
)
"""Whose department stands before a name."""
_ROOMS = frozenset("科房")
"""What a finding must hold to be searched for one."""
_CHOSEN = re.compile("(?<![\\w])[字号]|[艺笔网法]名")
"""What says that a chosen name follows."""


def is_title(folded: str, finding: Finding) -> bool:
    """Say whether the finding is a title alone, or begins one."""
    return finding.score < SURE and title_at(folded, finding.start) >= finding.end


def trimmed(folded: str, finding: Finding) -> Finding:
    """Take off what stands before a name with a dot, and a last character that ends no name of two or more."""
    start, end, kind, score = finding
    if chosen := _CHOSEN.match(folded, start, end - 1):
        start = chosen.end()
    dot = folded.find("·", start, end)
    if dot > 0:
        start = max((at + 1 for char in _BEFORE if (at := folded.rfind(char, start, dot - 1)) >= 0), default=start)
    department = None
    if not _ROOMS.isdisjoint(folded[start:end]):
        department = _DEPARTMENT.search(folded, max(0, start - 4), end)
    if department and start < department.end() < end - 1:
        start = department.end()
    if end - start > 3 and folded[end - 2 : end] in ("评估", "查房", "查体", "会诊"):
        end -= 2
    if folded[start] in _LEADS and is_everyday(folded[start + 1 : end]):
        start += 1
    while end - start > 2 and (
        folded[end - 1] in _AFTER or _GOES_ON.match(folded, end - 1) or title_at(folded, end - 1) > end
    ):
        end -= 1
    if end - start > 2 and folded[end - 1] in "为任" and title_at(folded, end):
        end -= 1
    return Finding(start, end, kind, score)
