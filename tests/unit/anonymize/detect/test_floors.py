"""Floors under what `make accuracy` measures at length, on the half of the corpus that rules were made on."""

from anonymize.detect.analyzer import find_all
from tests.accuracy.measure import Tally, percent
from tests.common.corpus.addressed import addressed
from tests.common.corpus.sentences import sentences


def test_addresses_are_found_with_exactly_their_span():
    made = list(addressed(1, 5, unseen=False))[::13]
    count = Tally()
    for sentence, found in zip(made, find_all([s.text for s in made]), strict=True):
        count.add(sentence.text, sentence.spans, [(f.start, f.end, f.type) for f in found], {"ADDRESS"})
    assert count.entities > 400
    assert percent(count.exact, count.entities) >= 97


def test_medical_terms_stay_in_clinical_sentences():
    made = [sentence for sentence in sentences(8, 5, unseen=False) if sentence.kept]
    masked = terms = 0
    for sentence, found in zip(made, find_all([s.text for s in made]), strict=True):
        taken = {at for f in found for at in range(f.start, f.end)}
        kept = [at for start, end in sentence.kept for at in range(start, end)]
        masked, terms = masked + len(taken.intersection(kept)), terms + len(kept)
    assert terms > 1_000
    assert percent(masked, terms) <= 0.5
