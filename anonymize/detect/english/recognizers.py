"""Our detectors of English text as Presidio recognisers."""

import re
from collections.abc import Iterable, Sequence
from itertools import chain

from anonymize.detect.english.casing import recase
from anonymize.detect.english.cues import cued
from anonymize.detect.english.elsewhere import again
from anonymize.detect.english.forms import formed
from anonymize.detect.english.patterns import PATTERNS, structured
from anonymize.detect.english.places import addresses
from anonymize.detect.english.terms import without_terms
from anonymize.detect.english.things import without_things
from anonymize.detect.english.words import words
from anonymize.detect.findings import Finding, outside
from anonymize.detect.recognizers import OurRecognizer


class EnglishStructured(OurRecognizer):
    """Identifiers with a structure in English text."""

    language = "en"
    types = tuple(dict.fromkeys(pattern.type for pattern in PATTERNS))

    def findings(self, folded: str, named: Sequence[Finding]) -> Iterable[Finding]:
        """Find identifiers by form, checksum and cue."""
        return structured(folded)


class EnglishPerson(OurRecognizer):
    """Persons in English text: by the model, by dictionaries, and by cue words."""

    language, types, reads_model = "en", ("PERSON",), True

    def findings(self, folded: str, named: Sequence[Finding]) -> Iterable[Finding]:
        """Find who is named."""
        known = words()
        likely = [f for f in named if f.type == "PERSON" and f.score >= self.recall.person]
        cased = recase(folded, known)
        by_form, others = list(formed(folded, cased, known)), [f for f in named if f.type != "PERSON"]
        by_words = chain(likely, cued(cased, folded, known), by_form)
        found = without_things(cased, folded, without_terms(cased, by_words, known), others, by_form, known)
        return _joined(folded, [*found, *again(folded, found, known)])


def _joined(folded: str, findings: Iterable[Finding]) -> list[Finding]:
    """Unite a family name with the given name that a comma parts from it, where no longer list is meant."""
    found = list(dict.fromkeys(findings))
    ends: dict[int, list[Finding]] = {}
    for finding in found:
        ends.setdefault(finding.end, []).append(finding)
    for second in list(found):
        comma = second.start - 2
        if folded[comma : second.start] != ", " or _LISTED.match(folded, second.end):
            continue
        for first in ends.get(comma, ()):
            alone = folded[: first.start].rstrip(" ")[-1:] != ","
            if alone and " " not in folded[first.start : first.end].strip() and second.end - second.start < 40:
                found.append(Finding(first.start, second.end, "PERSON", min(first.score, second.score)))
    return found


_LISTED = re.compile(r",? (?:and|or|&) |, (?=[A-Z])")


class EnglishPlace(OurRecognizer):
    """Addresses, places and organisations in English text."""

    language, types, reads_model = "en", ("ADDRESS", "LOCATION", "ORGANIZATION"), True

    def findings(self, folded: str, named: Sequence[Finding]) -> Iterable[Finding]:
        """Find where something is or lives, and which bodies are named."""
        whole = list(addresses(folded))
        places = [f for f in named if f.type != "PERSON" and f.score >= self.recall.place]
        known = words()
        return [*whole, *without_terms(recase(folded, known), outside(places, whole), known)]


ENGLISH: tuple[type[OurRecognizer], ...] = (EnglishStructured, EnglishPerson, EnglishPlace)
"""What looks at English text."""
