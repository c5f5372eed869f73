"""Our detectors as Presidio recognisers: each takes a text and what the models found in it, and gives results.

One recogniser with all its patterns runs four times as fast as one PatternRecognizer each, and keeps Presidio from
adding its own flags: it would match upper-case patterns in lower case.
"""

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from presidio_analyzer import EntityRecognizer, RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts

from anonymize.detect.addresses.addresses import addresses
from anonymize.detect.engine import Artifacts
from anonymize.detect.findings import Finding, outside
from anonymize.detect.fold import fold
from anonymize.detect.identifiers.patterns import PATTERNS, structured
from anonymize.detect.identifiers.plates import PROVINCES
from anonymize.detect.persons.cues import FIELD, people
from anonymize.detect.persons.edges import is_title, trimmed
from anonymize.detect.persons.nicknames import latin_beside, nicknames
from anonymize.detect.persons.noted import is_likely, is_no_place, noted, shown
from anonymize.detect.persons.peoples import other_names
from anonymize.detect.persons.pinyin import pinyin_names
from anonymize.detect.persons.surnames import SINGLE
from anonymize.detect.recall import BALANCED, Recall
from anonymize.detect.tagger.tagger import tagger


@lru_cache(maxsize=2)
def _folded(text: str) -> str:
    """Fold a text once for all recognisers."""
    return fold(text)


class Result(RecognizerResult):
    """A result that is hashed as the tuple it is: Presidio writes one out as text to do so."""

    def __init__(self, finding: Finding, metadata: dict[str, str]) -> None:
        start, end, kind, score = finding
        super().__init__(kind, start, end, score, recognition_metadata=metadata)

    def __hash__(self) -> int:
        return hash((self.start, self.end, self.entity_type, self.score))


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
            RecognizerResult.RECOGNIZER_NAME_KEY: name,
            RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: self.id,
        }

    def load(self) -> None:
        """Nothing to load: rules are compiled with their modules, models come with the engine."""

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts | None = None
    ) -> list[RecognizerResult]:
        """Find the *entities* in *text*; offsets are code points of the text as given."""
        named = nlp_artifacts.named if isinstance(nlp_artifacts, Artifacts) else ()
        found = self.findings(_folded(text), named)
        return [Result(finding, self._metadata) for finding in found if finding.type in entities]

    @abstractmethod
    def findings(self, folded: str, named: Sequence[Finding]) -> Iterable[Finding]:
        """Find in *folded* text, of which a model found *named*."""


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
        least, words, found = self.recall.person, tagger().words, list[Finding]()
        for given in named:
            if given.type == "PERSON" and is_likely(folded, given, least) and not is_title(folded, given):
                one = noted(folded, trimmed(folded, given), least)
                found += [one] if one else []
        found += _again(folded, found)
        found += (trimmed(folded, finding) for finding in other_names(folded))
        found += nicknames(folded, words)
        found += latin_beside(folded, found)
        starts = {finding.start for finding in found}
        cued = (cue if cue.start in starts else shown(folded, cue) for cue in people(folded, words))
        cues = [*(cue for cue in cued if cue), *pinyin_names(folded)]
        return [*found, *outside(cues, found), *_completed(folded, found, cues)] if cues else found


def _again(folded: str, likely: Sequence[Finding]) -> list[Finding]:
    """Find sure names wherever else they stand in the same text; those of three characters without surname as well."""
    sure = {folded[f.start : f.end] for f in likely if f.score >= SURE}
    if not sure:
        return []
    taken, found = bytearray(len(folded)), list[Finding]()
    for finding in likely:
        taken[finding.start : finding.end] = b"\1" * (finding.end - finding.start)
    common = tagger().words
    wanted = {name for name in sure if len(name) >= 3 or (len(name) == 2 and name not in common)}
    wanted |= {name[1:] for name in sure if len(name) == 3 and name[0] in SINGLE and name[1:] not in common}
    for name in wanted:
        at = folded.find(name)
        while at >= 0:
            if 0 in taken[at : at + len(name)]:
                found.append(Finding(at, at + len(name), "PERSON", SURE))
            at = folded.find(name, at + 1)
    return found


def _completed(folded: str, found: Sequence[Finding], cues: Sequence[Finding]) -> Iterator[Finding]:
    """Give those of *found* the surname that a cue shows before them, and the end that a field of a form shows."""
    ends = {finding.start: finding.end for finding in found}
    for cue in cues:
        for start in range(cue.start + 1, min(cue.start + 3, cue.end)):
            if start in ends:
                yield Finding(cue.start, ends[start], "PERSON", cue.score)
        if cue.score == FIELD and ends.get(cue.start, cue.end) < cue.end and folded[cue.end - 1] not in "男女":
            yield cue


SURE = 0.9
"""Score from which a name is looked for again."""


class PlaceRecognizer(OurRecognizer):
    """Addresses, places and organisations in Chinese text."""

    types = ("ADDRESS", "LOCATION", "ORGANIZATION")
    reads_model = True

    def findings(self, folded: str, named: Sequence[Finding]) -> Iterable[Finding]:
        """Find where something is or lives, and which bodies are named."""
        likely = (finding for finding in named if finding.type != "PERSON" and finding.score >= self.recall.place)
        places = [one for one in likely if not (is_no_place(folded, one) or _is_of_plate(folded, one))]
        whole = list(addresses(folded, named))
        return [*whole, *outside(places, whole)]


def _is_of_plate(folded: str, place: Finding) -> bool:
    """Say whether *place* is but the sign of a province on a number plate, as in 闽D09G20."""
    start, end = place.start, place.end
    return end - start == 1 and folded[start] in PROVINCES and folded[end : end + 1] in _AFTER_PROVINCE


_AFTER_PROVINCE = frozenset("ABCDEFGHJKLMNPQRSTUVWXYZ·•")


CHINESE: tuple[type[OurRecognizer], ...] = (StructuredRecognizer, PersonRecognizer, PlaceRecognizer)
"""What looks at Chinese text."""
