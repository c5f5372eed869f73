"""Grouped by first letters an alternation matches what it matched before; what cannot be grouped is refused."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymize.detect.alternatives import by_first, parted

WORDS = st.lists(st.text("甲乙丙#/-", min_size=1, max_size=3), min_size=1, max_size=8)


@given(WORDS, st.text("甲乙丙#/-", max_size=12))
def test_the_same_is_found_at_the_same_places(words, text):
    plain = "|".join(map(re.escape, words))
    grouped = by_first("|".join(words))
    assert [m.span() for m in re.finditer(grouped, text)] == [m.span() for m in re.finditer(plain, text)]


def test_a_class_counts_for_each_of_its_letters():
    pattern = "[神月]经[期血]|月(?!球)|经过?"
    assert [re.sub(by_first(pattern), "_", text) for text in ("神经血管", "月经期", "月球", "岁月", "经过")] == [
        "神经血管".replace("神经血", "_"),
        "_",
        "月球",
        "岁_",
        "_",
    ]


def test_bars_in_groups_and_classes_part_nothing():
    assert list(parted("一(?:二|三)|[四|五]六|七")) == ["一(?:二|三)", "[四|五]六", "七"]


@pytest.mark.parametrize(
    "pattern", ["甲|", "甲?乙|丙", "(?:甲|乙)丙", "[^甲]乙", "[a-z]乙", r"\d甲", ".甲", "[甲乙]*丙"]
)
def test_what_does_not_begin_with_a_letter_is_refused(pattern):
    with pytest.raises(ValueError, match="begin with a letter"):
        by_first(pattern)
