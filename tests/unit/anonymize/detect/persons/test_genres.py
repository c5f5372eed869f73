"""Persons in résumés, posts, entries of an encyclopaedia and newswire: found whole, and little else with them."""

import pytest

from anonymize.detect.analyzer import find_all


def persons(text: str) -> set[str]:
    return {text[f.start : f.end] for f in find_all([text])[0] if f.type == "PERSON"}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("周末和李老师一起去爬山", "李老师"),
        ("谢谢王姐，今天辛苦了", "王姐"),
        ("陈总说下周开会", "陈总"),
        ("欧阳老师的课真好", "欧阳老师"),
        ("老张师傅修好了水管", "老张师傅"),
        ("亲们，老许家的柚子到货啦", "老许"),
        ("今天和小K一起跑步", "小K"),
        ("我室友来刚，每天早起", "来刚"),
        ("为公司实际控制人项想之子", "项想"),
        ("（责编：高原、申亚欣）", "高原"),
        ("東方瑞（职工监事），女，1973年出生", "東方瑞"),
    ],
)
def test_what_colleagues_and_pupils_say_is_found_with_its_title(text, name):
    assert any(name in person for person in persons(text))


@pytest.mark.parametrize(
    "text", ["公司的总经理不在", "马总是下雨天出门", "方导致了故障", "经董事会审议通过", "高总体水平", "由于阿姨不在家"]
)
def test_a_longer_word_is_no_title_after_a_surname(text):
    assert not any(person[-1] in "总导董姨" for person in persons(text))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("王  芳女士，38岁；李 强，男。", {"王  芳", "李 强"}),
        ("JOHN ALLEN BAKER先生，英国国籍。", {"JOHN ALLEN BAKER"}),
        ("王宇，字子翰，号秋水居士，浙江人。", {"王宇", "子翰", "秋水居士"}),
        ("李婷，笔名听涛，著有《旧巷》。", {"李婷", "听涛"}),
        ("陈杰（英语：Robert Coleman），歌手。", {"陈杰", "Robert Coleman"}),
    ],
)
def test_a_chosen_name_and_one_in_latin_letters_are_found(text, names):
    assert names <= persons(text)


@pytest.mark.parametrize("text", ["他的字写得好，字体工整。", "会议号召，号称第一。", "号码和字数。"])
def test_the_words_for_a_chosen_name_name_nobody_by_themselves(text):
    assert persons(text) == set()


@pytest.mark.parametrize("name", ["漆英军", "禤子涵", "訾建国", "从维"])
@pytest.mark.parametrize("life", ["，男，满族，1969年2月生。", "，董事，女，本科学历。", "（1932年—2001年），学者。"])
def test_a_rare_surname_is_found_at_the_beginning_of_a_life(name, life):
    assert name in persons(name + life)


@pytest.mark.parametrize(
    "text",
    [
        "2001年获得高级会计师资格。",
        "曾任工程师、项目负责人。",
        "曾主编《成本会计》等教材。",
        "兼任中国注册会计师协会理事。",
        "大学文化，高级政工师，党委书记。",
        "明朝洪武年间置卫，清雍正二年改州。",
        "唐王朝由盛转衰。",
        "主要栖息于沼泽和稻田。",
        "小行星由该天文台发现。",
    ],
)
def test_offices_eras_and_stars_are_nobody(text):
    assert persons(text) == set()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("总工程师王欣先生主持完成。", "王欣"),
        ("劳动模范张宇回到家乡。", "张宇"),
        ("该定理后由利亚姆·科斯塔证明。", "利亚姆·科斯塔"),
        ("联合国秘书长哈桑呼吁停火。", "哈桑"),
        ("《长河》是张静于1986年发表的小说。", "张静"),
    ],
)
def test_a_name_is_found_without_the_word_beside_it(text, name):
    assert name in persons(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("大会选举郭娜为会长。", "郭娜"),
        ("新华社记者姜霞摄", "姜霞"),
        ("本届董事会由董事长张佳组成。", "张佳"),
        ("外交大臣列维一行今天抵京。", "列维"),
    ],
)
def test_the_tagger_takes_no_title_and_no_verb_along(text, name):
    assert persons(text) == {name}
