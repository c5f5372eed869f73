"""Whatever the text, findings lie inside it, and what is searched for in it is found at its very end."""

import tracemalloc

import pytest
from hypothesis import given, settings

from anonymize.residual import KnownBuilder, audit, search
from anonymize.residual import known as known_module
from tests.common.strings import ANY


@settings(max_examples=300, deadline=None)
@given(ANY)
def test_findings_lie_inside_any_text(text):
    found = search(text)
    assert all(0 <= left.start < left.end <= len(text) for left in found)
    assert found == sorted(found)


@settings(max_examples=200, deadline=None)
@given(ANY, ANY)
def test_any_value_can_be_searched_for_in_any_text(value, text):
    builder = KnownBuilder()
    builder.add([value])
    figures = audit([[text, f"前{value}后"]], builder.done())
    assert figures.known.total() >= figures.known["KNOWN_ADDRESS"] >= 0


@pytest.mark.parametrize("unit", ["患者张伟民电话13800138000。", "1-", "12 ", "王李张", "\n", "<b>", "@", "9", "86"])
def test_a_very_long_value_is_searched_to_its_end_in_bounded_memory(unit):
    text = unit * (40_000 // len(unit)) + "。电话13912345678，李建国签收"
    search("张伟民")  # the tables are loaded
    tracemalloc.start()
    found = search(text)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [text[left.start : left.end] for left in found[-2:]] == ["13912345678", "李建国"]
    assert peak < 12_000_000


def test_a_value_at_a_cut_in_a_long_text_is_counted_once(monkeypatch):
    monkeypatch.setattr(known_module, "TOGETHER", 50)
    builder = KnownBuilder()
    builder.add(["张伟民", "ZY00012345"])
    held = builder.done()
    for before in range(60):
        assert held.count(["天" * before + "张伟民" + "地" * 99 + "zy 00012345"]).total() == 2
        assert held.count(["天" * before, "张伟民", "地" * 70]).total() == 1
