"""The English model over many texts at once: persons, places and organisations, with their scores."""

import re
from collections.abc import Sequence

from anonymize.detect.english.casing import recase
from anonymize.detect.english.model import pipeline
from anonymize.detect.english.persons import persons
from anonymize.detect.english.words import words
from anonymize.detect.findings import Finding

TOGETHER = 64
"""Texts the model reads in one batch."""
_LATIN = re.compile(r"[A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ]{2}")
_FOREIGN = re.compile(
    r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\ud800-\udfff\U00020000-\U000323af\u0600-\u06ff\u0e00-\u0e7f]+"
)
"""What the model cannot read: other scripts, and halves of characters, which it would stumble over."""
_PLACES = {"GPE": "LOCATION", "LOC": "LOCATION", "FAC": "LOCATION", "ORG": "ORGANIZATION"}
PLACE = 0.6
"""Score of a place or a body; the model says no chances."""


class EnglishNamed:
    """spaCy's small English model, and the dictionaries that judge what it is unsure of."""

    def __init__(self) -> None:
        self._pipe, self._words = pipeline(), words()

    def find(self, texts: Sequence[str]) -> list[list[Finding]]:
        """Find persons, places and organisations in each of *texts*."""
        found: list[list[Finding]] = [[] for _ in texts]
        due = [number for number, text in enumerate(texts) if _LATIN.search(text)]
        read = (recase(_FOREIGN.sub(_blank, texts[number]), self._words) for number in due)
        for number, doc in zip(due, self._pipe.pipe(read, batch_size=TOGETHER), strict=True):
            found[number] = list(persons(doc, self._words))
            found[number] += [
                Finding(entity.start_char, entity.end_char, _PLACES[entity.label_], PLACE)
                for entity in doc.ents
                if entity.label_ in _PLACES
            ]
        return found


def _blank(foreign: re.Match[str]) -> str:
    """Write a comma and blanks where the model can read nothing: it parts what stands on both sides."""
    return ",".ljust(len(foreign[0]))
