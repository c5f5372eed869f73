"""A rule is left out for the signs that a text lacks; that saves time and loses nothing."""

import random
import re

import pytest

from anonymize.detect.english import patterns as english
from anonymize.detect.findings import Finding
from anonymize.detect.fold import fold
from anonymize.detect.identifiers import patterns
from anonymize.detect.identifiers.pattern import Pattern, Search
from anonymize.detect.persons import peoples
from tests.common.corpus.identifiers import numbered

RNG = random.Random(11)
SIGNS = "0123456789ABCDEFabcdef:.：。-·•岁月年号@经纬NSEW/渝京护照信代码xX 仓"


def mangled(text: str) -> str:
    """Put signs of rules into a text, here and there."""
    for _ in range(RNG.randrange(5)):
        at = RNG.randrange(len(text) + 1)
        text = text[:at] + RNG.choice(SIGNS) + text[at + RNG.randrange(2) :]
    return fold(text)


TEXTS = [mangled(sentence.text) for sentence in numbered(1, 5, unseen=False)]


@pytest.mark.parametrize("known", [patterns.PATTERNS, english.PATTERNS], ids=["Chinese", "English"])
def test_the_digits_and_signs_that_a_rule_asks_for_stop_nothing_it_would_find(known: tuple[Pattern, ...]):
    search = Search(known)
    for text in TEXTS:
        plain = [
            finding
            for wanted in known
            if not wanted.cues or any(cue in text for cue in wanted.cues)
            for finding in wanted.findings(text)
            if len(re.findall(r"\d", text)) >= wanted.digits
        ]
        assert search.findings(text) == plain, text


@pytest.mark.parametrize("kind", ["IP", "MAC", "COORDINATES", "PLATE"])
def test_a_rule_asks_for_no_sign_that_what_it_finds_can_lack(kind: str):
    for wanted in patterns.PATTERNS:
        if wanted.type == kind:
            for text in TEXTS:
                if list(wanted.findings(text)):
                    assert any(cue in text for cue in wanted.cues), text


def test_two_parts_of_a_name_are_found_whatever_they_begin_with():
    for words in (peoples._TIBETAN, peoples._MONGOLIAN):
        parts = words.split("|")
        for first, second in zip(parts, RNG.sample(parts, len(parts)), strict=True):
            found = list(peoples.other_names(f"家长{first}{second}，已到"))
            assert Finding(2, 2 + len(first + second), "PERSON", 0.7) in found, first + second
