"""In clinical notes, what is written like a name is a medical word; who is introduced or plainly named is somebody."""

import pytest

from anonymize.detect.analyzer import find_all

KINDS = {"PERSON", "LOCATION", "ORGANIZATION"}


def named(text: str) -> list[str]:
    return [text[f.start : f.end] for f in sorted(find_all([text])[0]) if f.type in KINDS]


@pytest.mark.parametrize(
    "text",
    [
        "右腕肿胀，考虑史密斯骨折，予石膏固定，克氏针备用。",
        "术前评估里士满躁动镇静评分负一分，留置福莱导尿管。",
        "夹闭胆囊动脉，于温氏孔置引流管，逐层缝合切口。",
        "行毕罗氏Ⅰ式吻合，术中出血少，未输血。",
        "予柴胡疏肝散加郁金、川楝子，水煎服，日一剂。",
        "停倍他乐克，予安舒妥敷料覆盖，环磷酰胺加长春新碱化疗。",
        "心脏彩超：左室舒张末内径增大，二尖瓣反流。",
        "予多西环素联合利福平口服，复查布鲁菌抗体。",
        "新生儿出生后五分钟阿氏评分十分，反射正常。",
        "护胃：达克普隆30mg，得必欣、翁沥通、膜固思达，大便隐血(-)。",
        "心尖区闻及奥斯汀-弗林特杂音，P2亢进。",
        "骨科：尼尔二部分骨折，贝尼特牵开，拉塔尔杰术，肩吊带4w。",
        "手术器械：柯克钳、德贝基镊、梅奥剪清点无误。",
    ],
)
def test_medical_words_in_notes_are_nobody_and_nowhere(text):
    assert named(text) == []


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("今日李春梅复查胸部CT示炎症吸收，白细胞正常。", ["李春梅"]),
        ("嘱王建国戒烟，低盐饮食，继续口服阿司匹林，监测血压。", ["王建国"]),
        ("予周桂兰静脉输液，出现皮疹，停用后缓解。", ["周桂兰"]),
        ("今日陳國強复查胃镜，黏膜活检送病理。", ["陳國強"]),
        ("中医科萧欣辨证为脾虚湿困，予参苓白术散七剂。", ["萧欣"]),
        ("检验者刘桂珍，审核者施梅，血培养阳性。", ["刘桂珍", "施梅"]),
        ("责任护士陈文评估布雷登评分十二分，予翻身。", ["陈文"]),
        ("患者王华行R-CHOP方案化疗，其母张成患桥本甲状腺炎。", ["王华", "张成"]),
        ("麻醉傅婷婷、李建平，器械张静，术中输红细胞2U。", ["傅婷婷", "李建平", "张静"]),
        ("护送余丽华至CT室行增强扫描，途中无呕吐。", ["余丽华"]),
        ("夜班赵玉梅：特护，气管切开处渗液，q4h吸痰。", ["赵玉梅"]),
        ("杨军医师嘱观察，查体：腹软，无压痛。", ["杨军"]),
        ("父丁峰、母杨军均体健，家长朱兰英述患儿夜间喘憋。", ["丁峰", "杨军", "朱兰英"]),
        ("李亚男，45岁，肝穿示桥接纤维化。", ["李亚男"]),
        ("高云因反复眩晕就诊，手法复位后好转。", ["高云"]),
        ("前总理哈里顿与反对党领袖侯赛因会谈。", ["哈里顿", "侯赛因"]),
    ],
)
def test_who_is_named_in_notes_is_found_and_no_more_than_the_name(text, names):
    assert list(dict.fromkeys(named(text))) == names


def test_a_place_in_notes_stays_a_place_and_a_drug_that_begins_like_one_is_none():
    assert named("患者来自长春，行胃镜检查，黏膜活检送病理。") == ["长春"]
    assert named("环磷酰胺、长春新碱静滴，第三周期化疗。") == []
