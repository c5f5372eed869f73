"""Whatever the text, findings lie inside it, and nothing of it reaches a log."""

import logging
from itertools import permutations

import pytest
from hypothesis import given, settings

from anonymize.detect.analyzer import find_all
from anonymize.detect.named import Named
from tests.common.strings import ANY


@settings(max_examples=300, deadline=None)
@given(ANY)
def test_findings_lie_inside_any_text(text):
    for finding in find_all([text])[0]:
        assert 0 <= finding.start < finding.end <= len(text)
        assert 0 < finding.score <= 1


def test_the_same_text_gives_the_same_findings_in_any_company():
    texts = ["患者张伟民住渝中区民生路210号。", "", "\ud800张伟\udfff", "张" * 3000, "\0" * 50]
    together = find_all(texts)
    assert together == [find_all([text])[0] for text in texts]
    assert find_all([*reversed(texts)]) == together[::-1]


def test_a_name_is_not_judged_by_the_text_that_happens_to_come_next():
    texts = ["来电的是仝彤", "李建国已到场", "癌症筛查通知", "昨天来了漆银", "王秀英表示同意", "5mg每日一次"]
    alone = {text: Named().find([text])[0] for text in texts}
    for company in permutations(texts, 3):
        assert Named().find(company) == [alone[text] for text in company]


def test_no_text_reaches_a_log(caplog):
    with caplog.at_level(logging.DEBUG):
        find_all(["秘密人物尉迟金宝，电话13912345678，住渝中区民生路999号"])
    assert not any(part in caplog.text for part in ("尉迟", "13912345678", "民生路"))


@pytest.mark.parametrize("unit", ["患者张伟电话13800138000，住渝中区民生路210号。", "1-", "王李张", "\n", "<b>"])
def test_a_very_long_value_is_searched_to_its_end(unit):
    text = unit * (60_000 // len(unit)) + "。患者李建国。"
    found = find_all([text])[0]
    assert any(text[f.start : f.end] == "李建国" for f in found)
    assert all(0 <= f.start < f.end <= len(text) for f in found)
