"""A hundred thousand strings of any kind through detection: no crash, every span inside its text."""

import pytest
from hypothesis import given, settings

from anonymize.detect.analyzer import find_all
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
