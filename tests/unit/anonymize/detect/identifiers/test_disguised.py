"""Numbers and addresses written past programs are found; what only looks like them stays."""

import pytest

from anonymize.detect.english.patterns import structured as english
from anonymize.detect.fold import fold
from anonymize.detect.identifiers.checksums import resident_id_check
from anonymize.detect.identifiers.patterns import structured
from anonymize.detect.visible import visible
from anonymize.residual import search

BODY = "50010319900307851"
ID = BODY + resident_id_check(BODY)
HANZI = str.maketrans("0123456789", "零一二三四五六七八九")


def found(text, kind):
    seen, places = visible(text)
    spans = [(f.start, f.end) for f in structured(fold(seen)) if f.type == kind]
    return [text[slice(*(places.back(*span) if places else span))] for span in spans]


@pytest.mark.parametrize(
    "number",
    [
        "一三八零零一三八零零零",
        "一三八〇〇一三八〇〇〇",
        "壹叁捌零零壹叁捌零零零",
        "幺三八洞洞幺三八洞洞洞",
        "1三8零零1三8零零零",
        "①③⑧⓪⓪①③⑧⓪⓪⓪",
        "¹³⁸⁰⁰¹³⁸⁰⁰⁰",
        "138·0013·8000",
        "138_0013_8000",
        "138/0013/8000",
        "138、0013、8000",
        "138，0013，8000",
        "138\n0013\n8000",
        "1380013\r\n8000",
        "1.3.8.0.0.1.3.8.0.0.0",
        "138OO138OOO",
        "l38ool38ooo",
        "(138)0013-8000",
        "（138）00138000",
        "138<br>0013<br/>8000",
        "138</td><td>0013</td><td>8000",
        "138&#45;0013&#45;8000",
    ],
)
def test_a_mobile_number_is_found_in_disguise(number):
    assert found(f"电话{number}，谢谢", "PHONE") == [number]


@pytest.mark.parametrize(
    "number",
    [
        ID.translate(HANZI),
        " ".join(ID),
        f"{ID[:6]}.{ID[6:14]}.{ID[14:]}",
        f"{ID[:6]}/{ID[6:14]}/{ID[14:]}",
        "11010519491231002x",
        "11010519491231002×",
    ],
)
def test_an_identity_number_is_found_in_disguise(number):
    assert number in found(f"本人{number}，请查", "CN_ID")


@pytest.mark.parametrize(
    "address",
    [
        "zhang.wei(at)example.com",
        "zhangwei [AT] example [dot] com",
        "zhangwei#163.com",
        "zhangwei艾特qq.com",
        "zhangwei @ qq.com",
        "zhang@qq。com",
    ],
)
def test_a_mail_address_is_found_in_disguise(address):
    assert found(f"邮箱 {address}，", "EMAIL") == [address]
    assert any(f.type == "EMAIL" for f in english(fold(f"mail {address} now")))


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("WECHAT", "加V：zhangwei88", "zhangwei88"),
        ("WECHAT", "薇信zhangwei88", "zhangwei88"),
        ("WECHAT", "加我微信吧，zhangwei_88就是", "zhangwei_88"),
        ("QQ", "企鹅号12345678", "12345678"),
        ("PLATE", "渝 A 12345", "渝 A 12345"),
        ("PLATE", "渝.A.1.2.3.4.5", "渝.A.1.2.3.4.5"),
        ("PLATE", "渝A·1B345", "渝A·1B345"),
    ],
)
def test_accounts_and_plates_are_found_as_they_are_said(kind, text, value):
    assert found(text, kind) == [value]


@pytest.mark.parametrize(
    "text",
    [
        "一二三四五六七八九十",
        "二〇一九年三月一日，共一三五七九元",
        "血压138/90，血糖5.6/8.1",
        "共13,800,138,000元",
        "每日加vitaminb12一片",
        "微信公众号cqws2020",
        "138\n2019\n2020",
        "版本1.3.8.0",
        "PLT 138*10^9/L",
        "药品批号HELLO13OOl",
    ],
)
def test_what_only_looks_disguised_stays(text):
    assert [found(text, kind) for kind in ("PHONE", "CN_ID", "WECHAT", "EMAIL")] == [[]] * 4


@pytest.mark.parametrize(
    "number", ["一三八零零一三八零零零", "138·0013·8000", "1.3.8.0.0.1.3.8.0.0.0", ID.translate(HANZI)]
)
def test_the_second_detector_sees_through_it_too(number):
    assert number in [f"回电{number}。"[left.start : left.end] for left in search(f"回电{number}。")]


@pytest.mark.parametrize(
    ("text", "value"), [('<a href="tel:13800138000">拨打</a>', "13800138000"), ('<img alt="患者张伟民来电">', "张伟民")]
)
def test_both_look_into_what_a_tag_says(text, value):
    assert value in [text[left.start : left.end] for left in search(text)]
