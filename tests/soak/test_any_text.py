"""A hundred thousand strings of any kind through both detectors: no crash, every span inside its text."""

import pytest
from hypothesis import given, settings

from anonymize.detect.analyzer import find_all
from anonymize.residual import KnownBuilder, audit, search
from tests.common.strings import ANY

MEGABYTES = 40


@pytest.mark.soak
@settings(max_examples=100_000, deadline=None)
@given(ANY)
def test_findings_lie_inside_a_hundred_thousand_strings(text):
    for finding in find_all([text])[0]:
        assert 0 <= finding.start < finding.end <= len(text)


@pytest.mark.soak
@pytest.mark.parametrize("unit", ["患者张伟电话13800138000，住渝中区民生路210号。", "张", "\n"])
def test_a_value_of_forty_megabytes_is_searched_to_its_end(unit):
    text = unit * (MEGABYTES * 1_000_000 // len(unit.encode())) + "。患者李建国。"
    found = find_all([text])[0]
    assert any(text[f.start : f.end] == "李建国" for f in found)
    assert all(0 <= f.start < f.end <= len(text) for f in found)


@pytest.mark.soak
@settings(max_examples=100_000, deadline=None)
@given(ANY)
def test_what_an_audit_finds_lies_inside_a_hundred_thousand_strings(text):
    for left in search(text):
        assert 0 <= left.start < left.end <= len(text)


@pytest.mark.soak
@pytest.mark.parametrize("unit", ["患者张伟电话13800138000，住渝中区民生路210号。", "张", "1-", "\n"])
def test_a_value_of_forty_megabytes_is_audited_to_its_end(unit):
    text = unit * (MEGABYTES * 1_000_000 // len(unit.encode())) + "。尾号ZY000999"
    builder = KnownBuilder()
    builder.add(["ZY000999"])
    figures = audit([[text]], builder.done())
    assert (figures.characters, figures.known) == (len(text), {"KNOWN_VALUE": 1})
