"""Where a text speaks as clinical notes do, a word that is written like a name is seldom one.

Notes name people where something says so: a role or a title beside the name, a colon, the beginning of a sentence, a
verb of what people do to each other. Everything else in them that looks like a name is a sign, a drug, an operation, a
herb or an instrument, whatever it is called: new brands need no list.
"""

import math
import re
from functools import cache

from anonymize.data import facts
from anonymize.detect.findings import Finding
from anonymize.detect.medicine import BRANDS, THINGS
from anonymize.detect.peoples import TRANSCRIBED
from anonymize.detect.surnames import COMMON
from anonymize.detect.tagger.characters import foreign, is_everyday, written
from anonymize.detect.tagger.runs import HAN
from anonymize.detect.titles import title_at
from anonymize.detect.vetoes import BODY, DRUG

_PARTS = "".join(sorted({*BODY, *"肱腓髂髋踝腕肘腋骶颞颧眶睑跖跗喙髁髌"} - {*"便血症毒疫龄孕婴胎僵烧喉痴体剂灸肤丸"}))
_SAID = (
    r"静[滴推脉注点]|滴注|注射|泵入|输注|肌注|皮下|口服|嚼服|吸入|雾化|鼻饲|外用|外敷|滴[眼鼻]|冲服|煎服|含服|水煎|疗程|周期|剂量|"
    r"毫[克升米]|微[克升]|\d\s?(?:mg|ml|mL|ug|μg|g|kg|U|IU|cm|mm)|(?<![A-Za-z])(?:qd|bid|tid|qid|qn|qod|prn|iv|im|ih|po|q\d+[hwd])(?![A-Za-z])|"
    r"[阳阴]性|[(（][+\-±＋－]+[)）]|(?<![A-Za-z])(?:I{1,3}|IV|V)[级期型度类区段]|[一二三四]级|分[级型]|评分|量表|指数|CT|MRI|磁共振|超声|彩超|B超|造影|增强|钼靶|X线|"
    r"术[前后中式]|行[^，。；行]{1,10}术|切[除开口]|吻合|缝合|引流|穿刺|活检|镜下|染色|培养|敏感|耐药|涂片|免疫|试验|反射|"
    r"植入|置[入管换]|固定|复位|骨折|关节|支架|导管|插管|麻醉|通气|监测|敷料|压[痛疮]|叩痛|反跳|结节|积液|钙化|低[回密信]|高[回密信]|"
    r"回声|信号|占位|转移|浸润|分化|未见|狭窄|扩张|反流|梗[死阻塞]|增生|肥厚|畸形|水肿|出血|贫血|昏迷|发热|乏力|麻木|"
    r"室[间壁性上]|[左右双]侧|[左右]室|心[电律率功]|动脉|静脉|神经|淋巴|抗[体原凝炎感]|化疗|放疗|靶向|方案|手法复位|手术|护理|"
    r"[舌苔]|脉[弦细滑沉濡涩数浮]|证属|辨证|加减|针刺|留针|取穴|[活补益养清祛][血气阴热湿风]|升高|降低|降至|治疗|"
    r"镇[静痛]|躁动|谵妄|意识[清模障不丧]|瞳孔|呼吸|体温|血压|血糖|患者|病[史程情]|主诉|查房|[，。；]嘱|[入出住]院|复查|门诊|会诊|就诊|带药|上药|服药|处方|复诊|"
    r"[\d一二两三四五六七八九十][片粒支枚剂盒瓶袋丸滴克升](?![a-zA-Z])|(?<=.)征(?=[，。；、,;(（阳阴])|氏[^，。；、]{0,2}[征法术管环斑线膜球囊肠腺]|"
    r"(?<![A-Za-z])[A-Z]{2,5}\s?[<>]?\d+(?:\.\d+)?(?![A-Za-z\d])|杂音|亢进|外涂|智商|眼震|视[野力]|斜视|眼[压底]|听力|"
    r"蛋白|细胞|激素|肌酐|转氨|胆红|\d分(?![钟局期])|盐水|灌注|球囊|宫[颈口缩腔底]|憩室|截骨|切排|穿孔|坏疽|胃[镜管]|肠镜|[DR]管|入路|钢板|锁定板|服[^，。；、]{1,8}后|皮试|[平斜]板|球[菌蛋]|孢子|"
    r"(?<![A-Za-z])(?:BP|HR|SpO2|ECG|EKG|ICU|WBC|RBC|PLT|Hb|HGB|CRP|PCT|ESR|BNP|PCI|CABG|DES|IVIG|NRS|VAS|IHC|PCR|Ig[GMAE]|PPI|VSD|DJ|PTH|"
    r"MDT|TNM|HIV|CD\d+|p\d\d|CK\d+|[DM]RI|CTA|AFP|CEA|PSA|VF|DM|EF|LVEF|HbA1c|Vit[A-Z]?\d*|d\d+(?:[-,]\d+)*)(?![A-Za-z])|"
    r"\dh(?![A-Za-z])|[×xX]\d|\d\s?[mμuUk]?g(?![A-Za-z])|\d#|给予|停用|加用|改[用为服]|(?:^|[，。；、\n,;])\s*(?:拟|继|续|仍|故|嘱)?予(?!以)"
)
_LABEL = (
    "(?:骨科|外科|内科|普外|[心神胸脑][内外]|[儿眼妇皮]科|妇产|产科|口腔|泌尿|检验|病理|血液|肿瘤|护理|超声|内镜|影像|中医|感染|风湿|消化|肾[病内]|内分泌|康复|营养|疼痛|肛肠|麻醉|输血|急诊|移植|血管|呼吸|神经|心[脏血]管?|用?药|外用|手术|评分|组织|遗传|免疫|激素|腹部|睡眠|放疗|血透|烧伤|脊柱|小儿|"
    "查体|主诉|诊断|术式|医嘱|处方|用药|既往)[:：]"
)
_EPONYM = f"[{''.join(sorted(TRANSCRIBED))}]{{2,6}}(?:征|试验|小体|[钳镊剪]|结节|细胞|分[级型])"
_LABELLED = re.compile(f"{_LABEL}$")
_SIGN = re.compile(f"{_SAID}|{_EPONYM}|{_LABEL}|{DRUG.pattern}|[{_PARTS}]+")
"""What clinical notes are full of: how a drug is taken, what is measured and done, parts of the body, illness."""
AROUND, ENOUGH = 60, 2
"""Characters on either side among which signs are counted, and the count that makes a text clinical."""
AGAINST = 8.0
"""Odds, as a natural logarithm, that speak against what is not written like a Chinese name."""
DOUBTED, ALONE = 1.0, 7.0
"""Odds of the tagger and of the characters below which a name of everyday form is a word, and below which one is that
stands alone among others."""

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
_TOWARDS = re.compile("[在到至去从往赴于住]|来自|前往|籍贯|外院$")
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
    joined = not _JOINED.isdisjoint(text[max(0, start - 1) : end + 1])
    if end - start == 4 and not is_everyday(text[start:end]) and is_everyday(text[start + 1 : end]):
        start += int(written(text[start + 1 : end]) >= WHOLE)
    everyday = not joined and is_everyday(text[start:end]) and not _is_transcribed(text[start:end])
    if is_introduced(text, start, end, everyday) or not is_clinical(text, start, end, 1 if joined else ENOUGH):
        return False
    if _COUNTED.search(text, start + 1, end + 2) or any(text[start:at] in BRANDS for at in range(start + 2, end + 1)):
        return True
    if _is_in_a_list(text, start, end):
        return True
    odds = math.log(max(score, 1e-6) / max(1 - score, 1e-6))
    if everyday and end - start == 3 and start > 0 and foreign(text[start:end]) == 1:
        everyday = not THINGS.match(text, end)
    if everyday:
        alone = start > 0 and text[start - 1] in _APART and not HAN.match(text[end : end + 1])
        return odds + written(text[start:end]) < (ALONE if alone else DOUBTED)
    return odds - AGAINST < math.log(least / (1 - least))


def _is_in_a_list(text: str, start: int, end: int) -> bool:
    """Say whether the span is one of many things in a list, most of which are not written like Chinese names."""
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
    if _BODY.search(text, start, min(end + 2, len(text))) or _TOWARDS.search(text[max(0, start - 4) : start]):
        return False
    return text[start:end] not in _places() and is_clinical(text, start, end)


def is_clinical(text: str, start: int, end: int, enough: int = ENOUGH) -> bool:
    """Say whether *enough* signs stand around a span."""
    count = 0
    for found in _SIGN.finditer(text, max(0, start - AROUND), end + AROUND):
        outside = found.start() < start or found.end() > end
        count += ENOUGH if outside and found[0][-1] == ":" else outside
        if count >= enough:
            return True
    return False


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
    if _LABELLED.search(before):
        return False
    stops = end >= len(text) or not text[end].isalnum()
    return acts is not None or (stops and (opens or _ASKED.search(before) is not None))
