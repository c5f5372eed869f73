"""Whether the text around a span speaks as clinical notes do: doses, findings, operations, anatomy, short forms."""

import re
from bisect import bisect_left, bisect_right
from functools import lru_cache

from anonymize.detect.alternatives import by_first
from anonymize.detect.persons.vetoes import BODY, DRUG

_PARTS = "".join(sorted({*BODY, *"肱腓髂髋踝腕肘腋骶颞颧眶睑跖跗喙髁髌"} - {*"便血症毒疫龄孕婴胎僵烧喉痴体剂灸肤丸"}))
_LOOSE = "炎腕胞瓣病剪血伤疾"
"""Parts and illness that names and other words hold as well (章太炎, 侨胞)."""
_0_9 = "[0123456789]"
_SAID = (
    r"静[滴推脉注点]|月经|病理|输[血液]|服用|孕妇|产妇|患儿|适应症|用法|用量|不良反应|禁忌|贮藏|商品名|通用名|成份|滴注|注射|泵入|输注|肌注|皮下|口服|嚼服|吸入|雾化|鼻饲|外用|外敷|滴[眼鼻]|冲服|煎服|含服|水煎|疗程|周期|剂量|"
    rf"毫[克升米]|微[克升]|{_0_9}\s?(?:mg|ml|mL|ug|μg|g|kg|U|IU|cm|mm)|"
    rf"[阳阴]性|[(（][+\-±＋－]+[)）]|[≤≥↑↓→×]|[IV](?<![A-Za-z].)(?:(?<=I)(?:I{{0,2}}|V)|(?<=V))[级期型度类区段]|[一二三四]级|分[级型]|评分|量表|指数|CT|MRI|磁共振|超声|彩超|B超|造影|增强|钼靶|X线|"
    rf"术[前后中式]|行[^，。；行]{{1,10}}术|切[除开口]|吻合|缝合|引流|穿刺|活检|镜下|染色|培养|敏感|耐药|涂片|免疫|试验|反射|"
    r"植入|置[入管换]|固定|复位|骨折|关节|支架|导管|插管|麻醉|通气|监测|敷料|压[痛疮]|叩痛|反跳|结节|积液|钙化|低[回密信]|高[回密信]|"
    r"回声|信号|占位|转移|浸润|分化|未见|狭窄|扩张|反流|梗[死阻塞]|增生|肥厚|畸形|水肿|出血|贫血|昏迷|发热|乏力|麻木|"
    r"室[间壁性上]|[左右双]侧|[左右]室|心[电律率功]|动脉|静脉|神经|淋巴|抗[体原凝炎感]|化疗|放疗|靶向|方案|手法复位|手术|护理|"
    r"[舌苔]|脉[弦细滑沉濡涩数浮]|证属|辨证|加减|针刺|留针|取穴|[活补益养清祛][血气阴热湿风]|升高|降低|降至|治疗|"
    r"镇[静痛]|躁动|谵妄|意识[清模障不丧]|瞳孔|呼吸|体温|血压|血糖|患者|病[史程情]|主诉|查房|[，。；]嘱|[入出住]院|复查|门诊|会诊|就诊|带药|上药|服药|处方|复诊|"
    rf"{_0_9}[片粒支枚剂盒瓶袋丸滴克升](?![a-zA-Z])|[一二两三四五六七八九十][片粒支枚剂盒瓶袋丸滴克升](?![a-zA-Z])|征(?=[，。；、,;(（阳阴])|氏[^，。；、]{{0,2}}[征法术管环斑线膜球囊肠腺]|"
    r"杂音|亢进|小体|[钳镊剪]|外涂|丝线|封堵|射频|消融|起搏|房颤|智商|眼震|视[野力]|斜视|眼[压底]|听力|"
    rf"蛋白|细胞|激素|肌酐|转氨|胆红|{_0_9}(?<=[A-Z] .)\d?分|盐水|灌注|球囊|宫[颈口缩腔底]|憩室|截骨|"
    rf"切排|穿孔|坏疽|胃[镜管]|肠镜|[DR]管|入路|钢板|锁定板|服[^，。；、]{{1,8}}后|皮试|[平斜]板|球[菌蛋]|孢子|"
    rf"{_0_9}h(?![A-Za-z])|[×xX]\d|{_0_9}\s?[mμuUk]?g(?![A-Za-z])|{_0_9}#|给予|停用|加用|改[用为服]|"
    r"予(?!以)(?<![^，。；、\n,;\s].)|[拟继续仍故嘱]予(?!以)(?<![^，。；、\n,;\s]..)"
)
_LABEL = (
    "(?:骨科|外科|内科|普外|[心神胸脑][内外]|[儿眼妇皮]科|妇产|产科|口腔|泌尿|检验|病理|血液|肿瘤|护理|超声|内镜|影像|中医|感染|风湿|消化|肾[病内]|内分泌|康复|营养|疼痛|肛肠|麻醉|输血|急诊|移植|血管|呼吸|神经|心[脏血]管?|用?药|外用|手术|遗传|免疫|腹部|睡眠|放疗|血透|烧伤|脊柱|小儿|"
    "查体|主诉|诊断|术式|镜检|医嘱|(?<![\u3400-\u9fff])[术镜查]|处方|用药|既往)[:：]"
)
"""How a section of a note is headed."""


_SHORT = r"qd bid tid qid qn qod prn iv im ih po q\d+[hwd] SpO2 Hb HbA1c Ig[GMAE] p\d\d Vit[A-Z]?\d* d\d+(?:[-,]\d+)*"
"""Short forms that are words of their own."""
_ANY, _HEADING, _CLEAR, _FAINT = re.compile(""), 4, 2, 1
_SIGNS = (
    (re.compile(by_first(f"{_SAID}|{DRUG.pattern}")), _ANY, _CLEAR),
    (
        re.compile(by_first("|".join(rf"{one[0]}(?<![A-Za-z].){one[1:]}(?![A-Za-z])" for one in _SHORT.split()))),
        re.compile("[a-zHSIV]"),
        _CLEAR,
    ),
    (re.compile(_LABEL), re.compile("[:：]"), _HEADING),
    (re.compile(f"[{_PARTS}]+(?<![{_LOOSE}])|[{_PARTS}]{{2,}}"), _ANY, _CLEAR),
    (re.compile(f"[{_LOOSE}]"), _ANY, _FAINT),
    (re.compile("(?<![A-Za-z])[A-Z]{2,6}(?![A-Za-z])"), re.compile("[A-Z]"), _FAINT),
)
"""What clinical notes are full of: how a drug is taken, what is measured and done, parts of the body, illness.

Beside each is what a text must hold to be searched for it, and what it counts for.
"""
AROUND = 60
"""Characters on either side among which signs are counted."""
_SPEECH, TOLD = re.compile("[的了我是在有和为人年国]"), 8
"""What sentences are full of and notes are not, and how much of it within reach leaves no note."""


@lru_cache(maxsize=64)
def is_clinical(text: str, start: int, end: int) -> bool:
    """Say whether signs of a clinical note stand around a span: a clear one, and more of them than of speech."""
    first, last = max(0, start - AROUND), end + AROUND
    said = _speech(text)
    speech = bisect_left(said, last) - bisect_left(said, first) - bisect_left(said, end) + bisect_left(said, start)
    if speech >= TOLD:
        return False
    starts, ends, counts = _signs(text)
    near = range(bisect_right(ends, first), bisect_left(starts, last))
    signs = [counts[at] for at in near if starts[at] < start or ends[at] > end]
    return max(signs, default=0) >= _CLEAR and sum(signs) > speech


@lru_cache(maxsize=2)
def _speech(text: str) -> list[int]:
    """Find where in a text stands what sentences are full of."""
    return [found.start() for found in _SPEECH.finditer(text)]


@lru_cache(maxsize=2)
def _signs(text: str) -> tuple[list[int], list[int], list[int]]:
    """Find the signs of a text once for all of its spans: where each begins and ends, and how many it counts for."""
    found = sorted(
        (sign.start(), -sign.end(), -weight)
        for signs, needed, weight in _SIGNS
        if needed.search(text)
        for sign in signs.finditer(text)
    )
    starts, ends, counts = list[int](), list[int](), list[int]()
    for start, end, said in found:  # of those that begin together the longest comes first
        if not ends or start >= ends[-1]:
            starts.append(start)
            ends.append(-end)
            counts.append(-said)
    return starts, ends, counts
