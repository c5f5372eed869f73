"""Persons are found by what names are made of, without the tagger, its rules, or its lists."""

import subprocess
import sys

import pytest

from anonymize.residual import search
from tests.common.corpus.sentences import DISEASES, DRUGS, sentences


def persons(text: str) -> list[str]:
    return [text[left.start : left.end] for left in search(text) if left.type == "PERSON"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("昨天张伟民和李建国一起来过", ["张伟民", "李建国"]),
        ("由欧阳静宜签收", ["欧阳静宜"]),
        ("seen by Dr. Fake Name today", ["Fake Name"]),
        ("谢谢大家，桃花镇的道路已修好", []),
        ("高血压，长期服药", []),
    ],
)
def test_names_are_told_from_words(text, names):
    assert persons(text) == names


def test_most_names_of_the_corpus_are_found_and_few_other_words():
    """It is the second of two: what it misses the first one may find, and the reverse is what it is for."""
    whole = names = wrong = characters = 0
    for sentence in sentences(2, 7, unseen=True):
        spans = [(left.start, left.end) for left in search(sentence.text) if left.type == "PERSON"]
        covered = {at for start, end in spans for at in range(start, end)}
        labelled = {at for start, end, _ in sentence.spans for at in range(start, end)}
        wanted = [(start, end) for start, end, kind in sentence.spans if kind == "PERSON"]
        names += len(wanted)
        whole += sum(covered.issuperset(range(start, end)) for start, end in wanted)
        wrong += len(covered - labelled)
        characters += len(sentence.text)
    assert whole / names > 0.55
    assert wrong / characters < 0.02


def test_diseases_and_drugs_are_seldom_names():
    words = [*DISEASES, *DRUGS]
    assert sum(bool(persons(word)) for word in words) / len(words) < 0.06


def test_the_second_detector_loads_nothing_of_the_first():
    code = "import sys, anonymize.residual as r; r.search('张伟民'); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not [name for name in loaded if name.startswith(("anonymize.detect", "presidio", "onnxruntime", "spacy"))]
