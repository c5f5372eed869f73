"""Words of medicine that look like names: drugs by their brand, by what is done with them, and what bears a name.

A brand (赫赛汀) and an eponym (墨菲征) are built like a foreign name. What gives them away stands around them: a drug
is taken (口服、静滴), a sign, an instrument or an operation follows the eponym. A person breaks a bone as well
(张伟骨折), so what can happen to somebody makes an eponym only of X氏 and of what is written like a foreign name.
"""

import re

from anonymize.detect.alternatives import by_first, parted
from anonymize.detect.persons.peoples import TRANSCRIBED
from anonymize.detect.persons.surnames import COMMON

_BRANDS_TEXT = (
    "赫赛汀 帕捷特 赫赛莱 优赫得 美罗华 易瑞沙 特罗凯 泰瑞沙 格列卫 多吉美 索坦 拜万戈 乐卫玛 安维汀 爱必妥 希罗达 "
    "健择 泰素 泰素帝 力比泰 诺雷得 弗隆 芳可得 阿诺新 瑞宁得 法乐通 达菲林 抑那通 亮丙瑞林 可瑞达 欧狄沃 拓益 "
    "达伯舒 艾瑞卡 百泽安 英飞凡 泰圣奇 逸沃 择捷美 爱博新 飞尼妥 凯美纳 艾坦 福可维 安罗替尼 爱优特 阿美乐 赛可瑞 "
    "安圣莎 艾乐替尼 利普卓 则乐 泽珂 安可坦 亿珂 施达赛 达希纳 万珂 瑞复美 波立维 拜阿司匹灵 倍林达 泰嘉 立普妥 "
    "可定 舒降之 益适纯 拜新同 络活喜 波依定 代文 安博维 科素亚 洛汀新 蒙诺 雅施达 倍他乐克 康忻 诺和龙 诺和锐 "
    "诺和灵 诺和平 来得时 甘舒霖 优泌乐 优泌林 达美康 亚莫利 捷诺维 欧唐静 欧唐宁 安达唐 拜糖平 拜唐苹 格华止 "
    "文迪雅 艾可拓 诺和泰 泰诺 泰诺林 美林 芬必得 西乐葆 安康信 扶他林 奇曼丁 多瑞吉 奥施康定 美施康定 开瑞坦 "
    "仙特明 顺尔宁 舒利迭 信必可 万托林 思力华 普米克 爱全乐 舒普深 泰能 美平 特治星 斯沃 稳可信 科赛斯 大扶康 "
    "威凡 罗氏芬 复达欣 可乐必妥 拜复乐 希舒美 克赛 拜瑞妥 泰毕全 艾乐妥 恩替卡韦 博路定 贺普丁 洛赛克 耐信 波利特 "
    "达喜 吗丁啉 思密达 培菲康 易善复 天晴甘美 百赛诺 凯西莱 优甲乐 赛治 密盖息 福善美 骁悉 普乐可复 新山地明 "
    "雷帕鸣 怡诺思 赛乐特 左洛复 百忧解 来士普 思瑞康 再普乐 维思通 安律凡 黛力新 德巴金 开浦兰 妥泰 得理多 森福罗 "
    "美多芭 安理申 易倍申 康莱特 华蟾素 金水宝 百令 参芪扶正 艾迪 复方斑蝥 金龙胶囊 鸦胆子 云南白药 "
    "达芙通 欣母沛 密固达 罗盖全 钙尔奇 吉粒芬 爱若华 益赛普 派丽奥 力月西 达力士 诺适得 安舒妥 康士得 艾恒 丁桂儿 "
    "季德胜"
)
BRANDS = frozenset(_BRANDS_TEXT.split())
"""Brands of drugs in everyday use in Chinese hospitals."""
_HERBS_TEXT = (
    "柴胡 郁金 黄芪 黄芩 黄连 黄柏 黄精 白术 白芍 白芷 白及 白薇 白前 白蔹 白果 麦冬 麦芽 杜仲 石斛 "
    "石膏 石韦 石决明 石菖蒲 牛膝 牛蒡子 车前子 车前草 金银花 金钱草 金樱子 连翘 党参 荆芥 防己 常山 "
    "商陆 柏子仁 苍术 苍耳子 水蛭 通草 路路通 桑叶 桑椹 桑枝 桑白皮 桑寄生 桑螵蛸 桂枝 桂心 红花 "
    "夏枯草 秦艽 秦皮 龙骨 龙胆草 沙参 沙苑子 沙棘 海藻 海螵蛸 海金沙 海风藤 乌梅 乌药 乌梢蛇 巴戟天 "
    "全蝎 全瓜蒌 谷芽 谷精草 芦根 胡黄连 胡芦巴 花椒 元胡 青蒿 青黛 青皮 万年青 温郁金 蒲黄 蒲公英 "
    "薄荷 荷叶 卷柏 甘草 甘遂 赤芍 辛夷 祁蛇 山药 山楂 山茱萸 明矾 广藿香 川楝子 葛根 羌活 苏叶 苏子 "
    "苏梗 云苓 干姜 冬葵子"
)
HERBS = frozenset(_HERBS_TEXT.split())
"""Herbs and other matter of Chinese medicine that begin with a surname (Pharmacopoeia of China, 2020, part 1)."""
_LONG_BRAND = re.compile(
    by_first("|".join(sorted((brand for brand in BRANDS if len(brand) > 2), key=len, reverse=True)))
)
"""Those that are no part of a name, wherever they stand."""

_TAKE = (
    "口服|嚼服|含服|服用|冲服|顿服|鼻饲|静滴|静点|静注|静推|滴注|输注|泵入|肌注|肌肉注射|静脉注射|皮下注射|注射|"
    "吸入|雾化|外用|外敷|滴眼|冲管"
)
_USE = "给予|予以|予|使用|改用|加用|停用|换用|选用|应用|联用|合用|联合|序贯|辅以|改为|改口服|用"
_FOR = (
    "治疗|化疗|靶向|免疫|内分泌|抗感染|抗炎|抗凝|抗血小板|降压|降糖|降脂|调脂|护胃|保肝|止[痛血吐咳]|镇[痛静]|平喘|"
    "维持|口服|静滴|静脉|注射|吸入|方案"
)
_KINDS = "降[糖压脂]|调脂|抗(?:感染|凝|病毒|生素|肿瘤|血小板)|化疗|靶向|免疫|内分泌|镇[痛静]|中成药|用药|药物|药品"
_LISTED = r"[“\"（(]?(?:[^，,。；;！？\n]{0,32}[、及和与或])?"
_TAKEN_BY = "|".join(f"{verb}过?" for verb in _TAKE.split("|"))
_OF_KINDS = "|".join(rf"{kind}[^，,。；;、！？\n]{{0,6}}[：:用为予服]" for kind in parted(_KINDS))
_TAKEN = re.compile(rf"(?:{by_first(f'{_TAKEN_BY}|{_OF_KINDS}')})\s?{_LISTED}$")
_USED = re.compile(rf"(?:{by_first(_USE)})\s?{_LISTED}$")
_TREATS = re.compile(rf"[^，,。；;！？\n]{{0,24}}?(?:{_FOR})")
_BEFORE = 40
"""Characters before a span among which a drug's verb is looked for."""

_NAMED = (
    "量表|问卷|分[型类期级]|评[分定]|指数|[蓝黑红]染色|染色|试验|试剂|小体|包涵体|细胞|食管|尿管|导管|溶液|琼脂|培养基|综合|反射|现象|定律|公式|"
    "亮蓝|[直间]接反应|肉芽|甲状腺|巨球|四联|[一二三]式|二度|[ⅠⅡⅢ]度|[ⅠⅡⅢⅣ]型|机器人|入路|切口|步态|淋巴"
)
_BORNE = (
    "[征点针钳刀管钉窦环线法式波病菌囊疝孔膜]|通体(?![温重检格质])|体(?![温重检格质])|术(?![后前中])|骨折|脱位|体征|瞳孔|裂孔|韧带|三角|间隙|结节|结膜|[抑忧]郁|抑|焦虑|昏迷|痴呆|贫血|"
    "血症|肌营养|紫癜|畸形|房室|传导|吻合|切除|抗体|因子|反应|手术|眼病|麻痹|失语|呼吸|变性|分流"
)
THINGS, _ONLY_THINGS = re.compile(by_first(f"{_NAMED}|{_BORNE}")), re.compile(by_first(_NAMED))
"""What bears a name; some of it happens to a person as well (张伟骨折), the second does not."""
_OWN = frozenset("征钳针点刀波")
"""Things of one character that the tagger takes along with the name."""
_LONGEST = 6
"""Characters of the longest eponym that is looked for beyond the end of what the tagger found."""


def is_brand(text: str, start: int, end: int) -> bool:
    """Say whether the span is a herb, or a drug by its brand, ends in one, or lies in one."""
    if text[start:end] in HERBS:
        return True
    for at in range(start, max(end - 1, start + 1)):
        if text[at:end] in BRANDS:
            return True
    at = max(0, start - 4)
    while at < end and (found := _LONG_BRAND.search(text, at, end + 3)):
        if found.end() > start:
            return found.start() < end
        at = found.end()
    return False


def is_taken(text: str, start: int, end: int) -> bool:
    """Say whether the span is something that is taken, or used for a treatment."""
    before = text[max(0, start - _BEFORE) : start]
    if _TAKEN.search(before):
        return True
    return _USED.search(before) is not None and _TREATS.match(text, end) is not None


def is_eponym(text: str, start: int, end: int) -> bool:
    """Say whether a disease, a sign, an instrument or the like bears the name in the span, or the name it begins."""
    name = text[start:end]
    if name[-1] in _OWN and (name[-2:-1] == "氏" or _is_foreign(name[:-1])):
        return True
    if name.endswith("氏") or text.startswith("氏", end):
        return THINGS.match(text, end if name.endswith("氏") else end + 1) is not None
    if _ONLY_THINGS.match(text, end):
        return True
    while end < min(len(text), start + _LONGEST) and text[end] in TRANSCRIBED and not THINGS.match(text, end):
        end += 1
    found = THINGS if _is_foreign(text[start:end]) else _ONLY_THINGS
    return found.match(text, end) is not None


def _is_foreign(name: str) -> bool:
    """Say whether *name* is written like a foreign one, and unlike a Chinese one."""
    everyday = len(name) <= 3 and name[:1] in COMMON
    return len(name) >= 2 and not everyday and TRANSCRIBED.issuperset(name[1:])
