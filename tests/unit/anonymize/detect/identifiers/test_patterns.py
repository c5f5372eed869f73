"""Structured identifiers are found beside hanzi, in every written form, and typed; everyday numbers stay."""

import random

import pytest

from anonymize.detect.analyzer import find_all, make_analyzer
from anonymize.detect.findings import Finding, merge
from anonymize.detect.identifiers.checksums import USCC_ALPHABET, is_luhn, resident_id_check, uscc_check

RNG = random.Random(7)


def types(text: str) -> list[tuple[str, str]]:
    return [(finding.type, text[finding.start : finding.end]) for finding in merge(find_all([text])[0])]


def resident_id() -> str:
    body = f"500103{RNG.randint(1900, 2015)}{RNG.randint(1, 12):02}{RNG.randint(1, 28):02}{RNG.randrange(1000):03}"
    return body + resident_id_check(body)


def card(length: int) -> str:
    body = "62" + "".join(RNG.choice("0123456789") for _ in range(length - 3))
    return next(body + digit for digit in "0123456789" if is_luhn(body + digit))


def uscc() -> str:
    body = "91500103" + "".join(RNG.choice(USCC_ALPHABET[10:]) for _ in range(9))
    return body + uscc_check(body)


def wide(text: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)


ID, CARD16, CARD19, CODE = resident_id(), card(16), card(19), uscc()

EXAMPLES = [
    ("CN_ID", ID),
    ("CN_ID", f"{ID[:6]} {ID[6:14]} {ID[14:]}"),
    ("CN_ID", f"{ID[:6]}-{ID[6:14]}-{ID[14:]}"),
    ("CN_ID", "110101900307009"),
    ("PHONE", "13800138000"),
    ("PHONE", "+86 138 0013 8000"),
    ("PHONE", "0086-138-0013-8000"),
    ("PHONE", "(+86)13800138000"),
    ("PHONE", "138-0013-8000"),
    ("PHONE", "1 3 8 0 0 1 3 8 0 0 0"),
    ("PHONE", "023-68681234"),
    ("PHONE", "0855-6868123转12"),
    ("PHONE", "(023)6868 1234"),
    ("BANK_CARD", CARD16),
    ("BANK_CARD", CARD19),
    ("BANK_CARD", " ".join(CARD19[at : at + 4] for at in range(0, 19, 4))),
    ("BANK_CARD", "-".join(CARD16[at : at + 4] for at in range(0, 16, 4))),
    ("USCC", CODE),
    ("PLATE", "渝A12345"),
    ("PLATE", "渝A·1B2C3"),
    ("PLATE", "渝AD12345"),
    ("PLATE", "渝A12345D"),
    ("PLATE", "京A1234警"),
    ("PASSPORT", "E12345678"),
    ("PASSPORT", "EA1234567"),
    ("PERMIT", "H12345678"),
    ("PERMIT", "C12345678"),
    ("EMAIL", "zhang.wei+1@gov.cn"),
    ("DATE", "2019年3月4日"),
    ("DATE", "2019-03-04"),
    ("DATE", "2019/3/4"),
    ("DATE", "2019.03.04"),
    ("DATE", "20190304"),
    ("DATE", "一九〇三年五月七日"),
    ("DATE", "1985年3月"),
    ("AGE", "68岁"),
    ("NUMBER", "123456789"),
    ("NUMBER", "987654321098765432109876"),
]


@pytest.mark.parametrize(("kind", "value"), EXAMPLES)
@pytest.mark.parametrize("frame", ["{}", "患者说{}已登记", "（{}）", "其{}，其"])
def test_a_structured_identifier_is_found_whole_glued_to_hanzi_or_not(kind, value, frame):
    assert (kind, value) in types(frame.format(value))


@pytest.mark.parametrize(("kind", "value"), [pair for pair in EXAMPLES if any(char.isdigit() for char in pair[1])])
def test_full_width_digits_are_found_at_the_places_they_stand(kind, value):
    text = f"登记{wide(value)}完"
    found = types(text)
    assert found == [(kind, wide(value))]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("住院号：ZY00123456，", "MRN", "ZY00123456"),
        ("门诊号12345678。", "MRN", "12345678"),
        ("病案号 2019-0033", "MRN", "2019-0033"),
        ("MRN: 778899", "MRN", "778899"),
        ("医保卡号A12345678", "INSURANCE_NO", "A12345678"),
        ("加微信号abc_12345联系", "WECHAT", "abc_12345"),
        ("QQ号：12345678", "QQ", "12345678"),
        ("出生日期：1970年1月2日", "DATE_OF_BIRTH", "1970年1月2日"),
        ("1970-01-02出生", "DATE_OF_BIRTH", "1970-01-02"),
        ("生日19700102", "DATE_OF_BIRTH", "19700102"),
        ("护照号X1234567", "PASSPORT", "X1234567"),
        ("台胞证12345678", "PERMIT", "12345678"),
        ("电话68681234", "PHONE", "68681234"),
        ("身份证号500103190013010001", "CN_ID", "500103190013010001"),
    ],
)
def test_a_cue_word_gives_a_number_its_type(text, kind, value):
    assert types(text) == [(kind, value)]


@pytest.mark.parametrize(
    "text",
    [
        "订单号 12345678 已发货",
        "CEA 3.2 ng/ml，CA15-3 25.6 U/ml，白细胞 5.6×10^9/L",
        "诊断C50.9，分期T2N1M0，形态8500/3",
        "5-FU 500mg d1-5，TAC 方案 q21d",
        "咨询市民热线12345，急救120",
        "肿块 20×15×10 mm，ER 90%，PR 5%，Ki-67 30%",
        "2015年版指南",
        "120/80 mmHg，36.5℃",
        "病灶距乳头3cm，2点钟方向",
        "患者家属要求出院，医生建议手术",
        "未特指的孕产妇高血压，我儿子从上面掉下来，市民：您好！",
        "第12床，共3次，每次6小时",
    ],
)
def test_everyday_numbers_and_words_stay(text):
    assert types(text) == []


def test_a_wrong_check_digit_is_no_resident_id_but_goes_as_a_number():
    wrong = ID[:17] + ("0" if ID[17] != "0" else "1")
    if is_luhn(wrong):
        wrong = ID[:17] + ("2" if ID[17] != "2" else "3")
    assert types(f"编号{wrong}。") == [("NUMBER", wrong)]


def test_one_digit_again_and_again_is_no_card():
    text = "咨询电话：0000-00000000 0000-00000000。"
    assert "BANK_CARD" not in {finding.type for finding in find_all([text])[0]}


def test_a_card_neither_swallows_nor_loses_its_neighbour():
    grouped = " ".join(CARD19[at : at + 4] for at in range(0, 19, 4))
    other = " ".join(CARD16[at : at + 4] for at in range(0, 16, 4))
    cards = [f for f in find_all([f"{grouped} {other}"])[0] if f.type == "BANK_CARD"]
    assert {(f.start, f.end) for f in cards} >= {(0, 23), (24, 43)}


def test_every_random_identifier_is_found_inside_text():
    for make, kind in ((resident_id, "CN_ID"), (lambda: card(19), "BANK_CARD"), (uscc, "USCC")):
        for _ in range(100):
            value = make()
            assert (kind, value) in types(f"登记{value}在案")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("现在重庆市渝中区民生路210号11栋4单元17-3就医", "重庆市渝中区民生路210号11栋4单元17-3"),
        ("家住江北区建新北路16号，", "江北区建新北路16号"),
        ("住址：四川省广安市邻水县古邻大道5号", "四川省广安市邻水县古邻大道5号"),
    ],
)
def test_an_address_with_an_obvious_grammar_is_found(text, value):
    assert ("ADDRESS", value) in types(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("患者张伟因腹痛入院", "张伟"),
        ("主治医师李建国查房", "李建国"),
        ("联系人：欧阳娜娜（女儿）", "欧阳娜娜"),
        ("家属㛃䶮在场", "㛃䶮"),
        ("姓名：逄舟", "逄舟"),
        ("女儿王芳陪同", "王芳"),
        ("王女士来电", "王"),
        ("由陈主任主刀", "陈"),
    ],
)
def test_a_person_is_found_after_a_cue_or_before_a_title(text, name):
    assert ("PERSON", name) in types(text)


def test_the_analyser_loads_no_recogniser_but_ours():
    names = [recogniser.name for recogniser in make_analyzer().registry.recognizers]
    assert names == ["sluice-zh-cn_id", "sluice-zh-person", "sluice-zh-address"]


def test_merged_findings_cover_all_their_parts_and_bear_the_surest_type():
    parts = [Finding(0, 5, "A", 0.5), Finding(3, 9, "B", 0.9), Finding(8, 10, "C", 0.1), Finding(10, 12, "D", 1.0)]
    assert merge(parts) == [Finding(0, 10, "B", 0.9), Finding(10, 12, "D", 1.0)]
