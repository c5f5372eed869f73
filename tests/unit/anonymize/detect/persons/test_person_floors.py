"""How well persons are found has a floor in every kind of text; `make accuracy` says how well they are."""

from collections.abc import Iterable

import pytest

from anonymize.detect.analyzer import find_all
from tests.accuracy.measure import Tally
from tests.common.corpus import genres, sentences
from tests.common.corpus.sentences import Sentence


def tally(made: Iterable[Sentence]) -> Tally:
    pairs, count = list(made), Tally()
    for sentence, found in zip(pairs, find_all([sentence.text for sentence in pairs]), strict=True):
        count.add(sentence.text, sentence.spans, [(f.start, f.end, f.type) for f in found], {"PERSON"})
    return count


@pytest.mark.parametrize("unseen", [False, True])
def test_who_writes_to_a_city_or_lies_in_a_hospital_is_found(unseen):
    count = tally(sentences.sentences(4, 11, unseen=unseen))
    assert count.recall >= 98
    assert count.precision >= 85


@pytest.mark.parametrize("unseen", [False, True])
@pytest.mark.parametrize(
    ("genre", "recall", "precision"),
    [("resumes", 96, 75), ("posts", 92, 50), ("encyclopaedia", 95, 65), ("newswire", 97, 70)],
)
def test_who_stands_in_other_texts_is_found(genre, recall, precision, unseen):
    count = tally(genres.sentences(genre, 4, 11, unseen=unseen))
    assert count.recall >= recall
    assert count.precision >= precision
