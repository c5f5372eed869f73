"""Floors under what `make accuracy` measures at length: addresses, medical terms, persons in every kind of text."""

from collections.abc import Iterable
from random import Random

import pytest

from anonymize.detect.analyzer import find_all
from tests.accuracy import medical
from tests.accuracy.identifiers import by_type
from tests.accuracy.measure import Tally, percent
from tests.common.corpus import genres
from tests.common.corpus.addressed import addressed
from tests.common.corpus.english_letters import letters
from tests.common.corpus.known import KNOWN, Known
from tests.common.corpus.people import People
from tests.common.corpus.sentences import Sentence, fill, sentences


def tally(made: Iterable[Sentence], kind: str, language: str = "zh") -> Tally:
    pairs, count = list(made), Tally()
    found_in = find_all([sentence.text for sentence in pairs], language=language)
    for sentence, found in zip(pairs, found_in, strict=True):
        count.add(sentence.text, sentence.spans, [(f.start, f.end, f.type) for f in found], {kind})
    return count


def test_addresses_are_found_with_exactly_their_span():
    count = tally(list(addressed(1, 5, unseen=False))[::13], "ADDRESS")
    assert count.entities > 400
    assert percent(count.exact, count.entities) >= 97


@pytest.mark.parametrize("unseen", [False, True])
def test_addresses_made_of_known_names_are_found_with_exactly_their_span(unseen):
    count = tally(list(addressed(1, 5, unseen=unseen, family=KNOWN, kind=Known))[::13], "ADDRESS")
    assert count.entities > 600
    assert percent(count.exact, count.entities) >= (96 if unseen else 99)


@pytest.mark.parametrize(
    ("family", "unseen", "least"),
    [("registers_", False, 99.5), ("registers_", True, 99), ("told_", False, 99), ("told_", True, 98.5)],
)
def test_identifiers_are_found_in_forms_records_chats_and_letters(family, unseen, least):
    counts = by_type(each=3, seed=11, unseen=unseen, family=family).values()
    assert percent(sum(c.found for c in counts), sum(c.entities for c in counts)) >= least
    assert percent(sum(c.right for c in counts), sum(c.findings for c in counts)) >= least


def test_medical_terms_stay_in_clinical_sentences():
    made = [sentence for sentence in sentences(8, 5, unseen=False) if sentence.kept]
    masked = terms = 0
    for sentence, found in zip(made, find_all([s.text for s in made]), strict=True):
        taken = {at for f in found for at in range(f.start, f.end)}
        kept = [at for start, end in sentence.kept for at in range(start, end)]
        masked, terms = masked + len(taken.intersection(kept)), terms + len(kept)
    assert terms > 1_000
    assert percent(masked, terms) <= 0.5


@pytest.mark.parametrize("unseen", [False, True])
def test_who_writes_to_a_city_or_lies_in_a_hospital_is_found(unseen):
    count = tally(sentences(4, 11, unseen=unseen), "PERSON")
    assert count.recall >= 98
    assert count.precision >= 85


@pytest.mark.parametrize("unseen", [False, True])
@pytest.mark.parametrize(
    ("genre", "recall", "precision"),
    [("resumes", 96, 75), ("posts", 92, 50), ("encyclopaedia", 95, 65), ("newswire", 97, 70)],
)
def test_who_stands_in_other_texts_is_found(genre, recall, precision, unseen):
    count = tally(genres.sentences(genre, 4, 11, unseen=unseen), "PERSON")
    assert count.recall >= recall
    assert count.precision >= precision


@pytest.mark.parametrize("unseen", [False, True])
def test_who_is_named_in_english_letters_forms_and_chats_is_found(unseen):
    count = tally(letters(2, 11, unseen=unseen), "PERSON", "en")
    assert count.entities > 300
    assert count.recall >= 97.5
    assert count.precision >= 91


@pytest.mark.parametrize(
    "note",
    [
        "复查后{person}继续口服二甲双胍，血压平稳。",
        "经治疗后{person}症状好转，复查CT未见异常。",
        "昨夜{person}发热，予物理降温，复查血常规。",
        "停用华法林后{person}仍有牙龈出血，凝血异常。",
        "今晨{person}诉胸闷，心电图示房颤，吸氧。",
    ],
)
def test_whom_nothing_introduces_in_a_note_is_found(note):
    people = People(Random(5), plain=True)
    count = tally((fill(note, {"person": people.draw}) for _ in range(60)), "PERSON")
    assert count.recall >= 95


@pytest.mark.parametrize(
    ("charts", "unseen", "most", "least"),
    [(False, False, 0.4, 98), (False, True, 0.6, 98), (True, False, 0.5, 95), (True, True, 0.3, 87)],
)
def test_what_notes_and_charts_say_stays_and_whom_they_name_goes(charts, unseen, most, least):
    def found(texts):
        return [[(f.start, f.end, f.type) for f in found] for found in find_all(texts)]

    wrong, characters, persons = medical.count(found, unseen=unseen, charts=charts)
    assert percent(wrong, characters) <= most
    assert persons.recall >= least
