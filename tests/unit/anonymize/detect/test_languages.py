"""Distinct values are searched in one language or in all, and each thing is told once."""

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from anonymize.detect.findings import Finding
from anonymize.detect.languages import BOTH, find_distinct, languages, settled, types_of
from policies.texts import LANGUAGES

TEXTS = ["患者张伟民来电13800138000", "Seen by Dr. Alan Prescott today", "无", None, ""]


def test_the_languages_of_plans_are_those_that_are_known():
    assert (*languages(), BOTH) == LANGUAGES
    assert types_of(BOTH) == types_of("zh") | types_of("en")


def test_both_languages_find_what_each_finds():
    values = pa.array(TEXTS)
    both = find_distinct(values, language=BOTH, processes=1)
    for language in languages():
        alone = find_distinct(values, language=language, processes=1)
        own = 0 if language == "zh" else 1
        assert alone[own]
        assert set(alone[own]) <= set(both[own])
    assert both[2:] == [[], [], []]


def test_types_and_places_are_kept():
    (found,) = find_distinct(pa.array(TEXTS[:1]), types={"PHONE"}, processes=1)
    assert [(f.start, f.end, f.type) for f in found] == [(7, 18, "PHONE")]
    assert find_distinct(pa.array([], pa.string()), processes=1) == []


def test_what_says_less_is_left_out():
    person, name = Finding(0, 5, "PERSON", 0.5), Finding(1, 3, "PERSON", 0.9)
    identity, number, card = (
        Finding(8, 26, "CN_ID", 1.0),
        Finding(8, 26, "NUMBER", 0.3),
        Finding(8, 26, "BANK_CARD", 0.7),
    )
    place = Finding(0, 9, "ADDRESS", 0.9)
    assert settled([person, name, identity, number, card]) == [person, identity]
    assert settled([place, person]) == [person, place]
    assert settled([number]) == [number]
    assert settled([Finding(0, 2, "DATE", 0.5), Finding(0, 2, "DATE", 0.8)]) == [Finding(0, 2, "DATE", 0.8)]


SPANS = st.builds(
    lambda start, size, kind, score: Finding(start, start + size, kind, score),
    st.integers(0, 12),
    st.integers(1, 6),
    st.sampled_from(["PERSON", "PHONE", "NUMBER", "CN_ID"]),
    st.sampled_from([0.3, 0.9]),
)


@given(st.lists(SPANS, unique=True, max_size=8))
def test_every_character_that_was_found_stays_found(findings):
    kept = settled(sorted(findings))
    covered = [{at for f in of for at in range(f.start, f.end)} for of in (findings, kept)]
    assert covered[0] == covered[1]
