"""Our detectors as Presidio recognisers: each takes a text and what the models found in it, and gives results.

One recogniser with all its patterns runs four times as fast as one PatternRecognizer each, and keeps Presidio from
adding its own flags: it would match upper-case patterns in lower case.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from presidio_analyzer import EntityRecognizer, RecognizerResult

from anonymize.detect.addresses import addresses
from anonymize.detect.engine import Artifacts
from anonymize.detect.findings import Finding
from anonymize.detect.fold import fold
from anonymize.detect.patterns import PATTERNS, structured
from anonymize.detect.people import people
from anonymize.detect.recall import BALANCED, Recall
from anonymize.detect.tagger.tagger import tagger


@lru_cache(maxsize=2)
def _folded(text: str) -> str:
    """Fold a text once for all recognisers."""
    return fold(text)


class OurRecognizer(EntityRecognizer):
    """A recogniser of one language; what it finds is said by `findings`."""

    language = "zh"
    types: tuple[str, ...] = ()
    reads_model = False
    """Whether it looks at what the model of its language found."""

    def __init__(self, recall: Recall = BALANCED) -> None:
        self.recall = recall
        name = f"sluice-{self.language}-{self.types[0].lower()}"
        super().__init__(supported_entities=list(self.types), name=name, supported_language=self.language)
        self._metadata = {
            RecognizerResult.RECOGNIZER_NAME_KEY: self.name,
            RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: self.id,
        }

    def load(self) -> None:
        """Nothing to load: rules are compiled with their modules, models come with the engine."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: Artifacts | None = None) -> list[RecognizerResult]:
        """Find the *entities* in *text*; offsets are code points of the text as given."""
        named = nlp_artifacts.named if isinstance(nlp_artifacts, Artifacts) else ()
        found = [finding for finding in self.findings(_folded(text), named) if finding.type in entities]
        return [RecognizerResult(f.type, f.start, f.end, f.score, recognition_metadata=self._metadata) for f in found]

    def findings(self, folded: str, named: Sequence[Finding]) -> Iterable[Finding]:
        """Find in *folded* text, of which a model found *named*."""
        raise NotImplementedError


class StructuredRecognizer(OurRecognizer):
    """Identifiers with a structure in Chinese text."""

    types = tuple(dict.fromkeys(pattern.type for pattern in PATTERNS))

    def findings(self, folded: str, named: Sequence[Finding]) -> Iterable[Finding]:
        """Find identifiers by form, checksum and cue."""
        return structured(folded)


class PersonRecognizer(OurRecognizer):
    """Persons in Chinese text: by the tagger, and by cue words."""

    types = ("PERSON",)
    reads_model = True

    def findings(self, folded: str, named: Sequence[Finding]) -> Iterable[Finding]:
        """Find who is named."""
        likely = [finding for finding in named if finding.type == "PERSON" and finding.score >= self.recall.person]
        cued = people(folded, tagger().words)
        return [*likely, *(p for p in cued if not any(m.start < p.end and p.start < m.end for m in likely))]


class PlaceRecognizer(OurRecognizer):
    """Addresses, places and organisations in Chinese text."""

    types = ("ADDRESS", "LOCATION", "ORGANIZATION")
    reads_model = True

    def findings(self, folded: str, named: Sequence[Finding]) -> Iterable[Finding]:
        """Find where something is or lives, and which bodies are named."""
        places = [finding for finding in named if finding.type != "PERSON" and finding.score >= self.recall.place]
        whole = list(addresses(folded, named))
        return [*whole, *(p for p in places if not any(a.start < p.end and p.start < a.end for a in whole))]


CHINESE: tuple[type[OurRecognizer], ...] = (StructuredRecognizer, PersonRecognizer, PlaceRecognizer)
"""What looks at Chinese text."""
