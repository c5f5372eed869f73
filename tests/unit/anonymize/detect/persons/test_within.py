"""A Chinese name in a note is found between the words around it, introduced or not."""

import pytest

from anonymize.detect.analyzer import find_all


def named(text: str) -> list[str]:
    return [text[f.start : f.end] for f in sorted(find_all([text])[0]) if f.type == "PERSON"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("八床王艳血压偏高，加用氨氯地平5mg qd。", "王艳"),
        ("停用肝素后李建军仍有皮下瘀斑，血小板62×10^9/L。", "李建军"),
        ("术后第四天崔琴下床活动，切口愈合，未诉疼痛。", "崔琴"),
        ("下午毕红行肠镜检查，镜下见息肉，予切除。", "毕红"),
        ("再次抽取张明外周血3ml送检，EGFR阴性。", "张明"),
        ("给予周淑珍雾化吸入沙丁胺醇，SpO2 96%。", "周淑珍"),
    ],
)
def test_whom_a_note_names_without_a_word_is_found_from_the_first_character_to_the_last(text, name):
    assert named(text) == [name]


@pytest.mark.parametrize(
    "text",
    [
        "加用甘舒霖12U皮下注射，改门冬胰岛素，监测血糖。",
        "术后予泰嘉75mg抗凝，耐信20mg抑酸，引流管通畅。",
        "霍纳综合征，左侧瞳孔缩小，颈部CT示占位。",
        "镜检见戈谢细胞，染色阳性，血小板减少。",
        "取曲池、合谷、太冲，平补平泻，留针20min。",
    ],
)
def test_a_brand_an_eponym_and_a_point_of_the_body_are_nobody(text):
    assert named(text) == []


def test_plain_text_is_judged_as_the_tagger_judges_it():
    assert named("昨天下午我在小区门口看到王艳和她的女儿。") == ["王艳"]
