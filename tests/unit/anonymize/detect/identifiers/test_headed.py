"""A heading over a column, or set wide, says what a value is; a text without headings is left as it is."""

import pytest

from anonymize.detect.analyzer import find_all
from anonymize.detect.findings import merge
from anonymize.detect.identifiers.headed import headed


def types(text: str) -> list[tuple[str, str]]:
    return [(finding.type, text[finding.start : finding.end]) for finding in merge(find_all([text])[0])]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("姓名,住院号,科室\n某某,88123456,骨科\n", "MRN", "88123456"),
        ("科室\t门诊号\n骨科\t1234567", "MRN", "1234567"),
        ("| 科室 | 出生日期 |\n|---|---|\n| 骨科 | 1960-02-03 |", "DATE_OF_BIRTH", "1960-02-03"),
        ("科室   医保卡号\n骨科   A12345678", "INSURANCE_NO", "A12345678"),
        ("导出结果\nks;csrq\n骨科;19600203\n内科;19610203", "DATE_OF_BIRTH", "19610203"),
        ("INSERT INTO t (ks, inp_no) VALUES ('骨科', '88123456');", "MRN", "88123456"),
        ("住 院 号：88123456", "MRN", "88123456"),
        ("出 生 日 期 1960年2月3日", "DATE_OF_BIRTH", "1960年2月3日"),
        ("出生 年月：1960年2月", "DATE_OF_BIRTH", "1960年2月"),
        ("Q Q：12345678", "QQ", "12345678"),
    ],
)
def test_a_value_is_found_by_its_heading(text, kind, value):
    assert (kind, value) in types(text)


@pytest.mark.parametrize(
    "text",
    [
        "科室,申请单号\n骨科,2023112800123",
        "项目\t结果\t单位\n白细胞\t5.62\t10^9/L",
        "药品,批号\n阿司匹林,20231",
        "INSERT INTO t (ks, order_no) VALUES ('骨科', 202311280012);",
        "金 额：123456789元",
    ],
)
def test_what_a_heading_says_is_nobodys_stays(text):
    assert types(text) == []


@pytest.mark.parametrize(
    "text", ["", "\n", "，\n，", "一句话，没有表格。\n另一句话，2个苹果，3个梨。", ",".join("ab") + "\n1"]
)
def test_where_no_heading_is_nothing_is_made_up(text):
    assert list(headed(text)) == []
