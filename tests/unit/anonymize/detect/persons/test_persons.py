"""Persons are found by the tagger, by cue, in every script; diseases, drugs and everyday words are nobody."""

import numpy as np
import pytest

from anonymize.detect.analyzer import find_all
from anonymize.detect.persons.pinyin import pinyin_names
from anonymize.detect.recall import BALANCED, HIGH, STRICT
from anonymize.detect.tagger.judging import judge, said


def persons(text: str, **how) -> list[str]:
    found = sorted(f for f in find_all([text], **how)[0] if f.type == "PERSON")
    return [text[finding.start : finding.end] for finding in found]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("昨天张建国和李秀英一起去了社区。", ["张建国", "李秀英"]),
        ("经办人欧阳娜娜已联系上官云飞。", ["欧阳娜娜", "上官云飞"]),
        ("会诊医师乌云其木格建议复查。", ["乌云其木格"]),
        ("阿卜杜拉·买买提来电咨询。", ["阿卜杜拉·买买提"]),
        ("業主陳國強反映電梯停運。", ["陳國強"]),
        ("王主任查房后，李医生书写病程。", ["王", "李"]),
        ("受理人：璩美凤，审核人：亓官磊", ["璩美凤", "亓官磊"]),
        ("联系人Zhang Weimin，电话不详。", ["Zhang Weimin"]),
        ("<p>投诉人：<b>刘志强</b></p>", ["刘志强"]),
        ("网友董雷留言，保安殴打业主。", ["董雷"]),
        ("患者陆平之子张磊代诉病史。", ["陆平", "张磊"]),
        ("反映人阴女士，称超市扰民", ["阴"]),
        ("心内科单主任会诊：考虑心衰", ["单"]),
        ("派出所幸警官办事热心", ["幸"]),
        ("巩固先生，1970年出生，中国国籍", ["巩固"]),
        ("William Chan（陈威廉），58岁，独立董事", ["William Chan", "陈威廉"]),
        ("让·皮埃尔，法国籍，对青霉素过敏", ["让·皮埃尔"]),
        ("患者姓名：步惊云生 床号：18", ["步惊云生"]),
        ("与会的有张建国李秀英王志强陈桂兰杨树行刘敏", ["张建国", "李秀英", "王志强", "陈桂兰", "杨树行", "刘敏"]),
        ("记者任桂香报道", ["任桂香"]),
        ("患者张伟骨折入院，其妻李秀英昏迷。", ["张伟", "李秀英"]),
        ("组织学分级2级。侄女伊宁陪护，电话不详。", ["伊宁"]),
        ("术后切口愈合好。妹妹苏宁陪护。", ["苏宁"]),
        ("组织学分级2级。家属㠇䓨（侄女）知情并签字。", ["㠇䓨"]),
        ("苏宁，女，44岁，体检发现乳腺占位，门诊收入院。", ["苏宁"]),
        ("切口愈合好。组织学分级2级。姐姐盘浩陪护，电话13950601234。", ["盘浩"]),
        ("给予王建军行政处罚，使用人为陈桂兰。", ["王建军", "陈桂兰"]),
    ],
)
def test_a_person_is_found_whole_and_without_title(text, names):
    assert persons(text) == names


def test_who_gave_a_doctrine_its_name_is_masked_whole_or_not_at_all():
    for text, name in (("坚持马克思主义基本原理。", "马克思"), ("达尔文主义与自然选择。", "达尔文")):
        assert persons(text) in ([name], [])


@pytest.mark.parametrize(
    "text",
    [
        "要求学生有一个安静的环境。",
        "成员国承诺共同促进。",
        "村民代表会讨论后报告。",
        "请业主房屋权属登记后到场，工人施工时注意。",
        "班主任让家长签字，科主任在开会。",
        "骨科查医生资质，各位先生、女士请坐。",
    ],
)
def test_a_cue_and_the_word_after_it_are_nobody(text):
    assert persons(text) == []


def test_a_sure_name_is_found_wherever_it_stands_again():
    text = "法定代表人尉迟金宝未到场。另查，该店由尉迟金宝经营，工商登记为尉迟金宝。"
    assert persons(text) == ["尉迟金宝"] * 3


@pytest.mark.parametrize(
    "text",
    [
        "诊断：霍奇金淋巴瘤，帕金森病，阿尔茨海默病，克罗恩病。",
        "予帕博利珠单抗联合培美曲塞治疗，卡马西平口服。",
        "行巴氏涂片、革兰染色、库姆斯试验、多普勒超声检查。",
        "高血压、黄疸、白细胞升高，张力正常。",
        "公交站太远，小区物业管理混乱，路灯不亮。",
        "许许多多的居民，家家户户，祖祖辈辈。",
        "腹软，无压痛及反跳痛，肝脾肋下未及。",
        "口服波立维、拜新同、倍他乐克，静滴安维汀联合希罗达化疗，改用易瑞沙靶向治疗。",
        "予某新安多汀、科瑞达联合治疗，降糖：诺和锐、达美康。",
        "墨菲征阳性，麦氏点压痛，克氏针固定，布鲁加达波，科雷氏骨折，范可尼综合征。",
        "格拉斯哥昏迷评分八分，汉密尔顿焦虑量表，普鲁士蓝染色，洛杉矶分级。",
        "历任工程师、车间主任，后任乐凯胶片集团董事。",
        "肯尼亚选手和爱沙尼亚队同组，莫桑比克队轮空。",
    ],
)
def test_diseases_drugs_tests_and_everyday_words_are_nobody(text):
    assert persons(text) == []


def test_the_dial_of_recall_takes_more_or_less():
    text = "当年的许多工人像铁人一样，热地、乌兰、白云都来过此地，潭仲池翻开了香港新近的报纸。"
    strict, balanced, high = (sum(map(len, persons(text, recall=level))) for level in (STRICT, BALANCED, HIGH))
    assert strict <= balanced <= high
    assert strict < high


@pytest.mark.parametrize("name", ["Zhang Wei", "ZHANG Wei-Min", "Weimin Zhang", "Ouyang Nana", "LIU Yang"])
def test_a_name_in_pinyin_is_found(name):
    text = f"by {name}, 2019"
    assert [text[f.start : f.end] for f in pinyin_names(text)] == [name]


@pytest.mark.parametrize(
    "text", ["New York", "Breast Cancer", "He Said", "The Patient", "San Diego Long Beach", "CT Scan"]
)
def test_other_capitals_are_no_pinyin(text):
    assert list(pinyin_names(text)) == []


@pytest.mark.parametrize("character", "征钳针点刀波氏任路")
def test_one_character_alone_is_nobody(character):
    (odds,) = said(np.array([0.05]), elsewhere=np.array([0.0]), beside=np.array([0.0]))
    assert not judge(character, 0, 1, (), odds) > BALANCED.person
