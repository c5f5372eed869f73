"""The NLP engine under Presidio's analyser: it runs our models over a batch of texts and leaves their spans behind.

Presidio asks an engine for tokens and lemmas; none of our recognisers wants them. What the models found travels in
the artifacts of each text, and recognisers that only read it come after (see `recognizers`). So a model sees many
texts at once, and the frame costs some microseconds a text.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Protocol

from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine
from spacy.tokens import Doc
from spacy.vocab import Vocab

from anonymize.detect.findings import Finding

BATCH = 2_000
"""Texts a model sees at once where the caller does not say."""


class Finder(Protocol):
    """A model: what it finds in each of many texts, in one call; the score is the chance it gives the finding."""

    def find(self, texts: Sequence[str]) -> list[list[Finding]]:
        """Find in each of *texts*, in their order."""


class Nothing:
    """A language without a model."""

    def find(self, texts: Sequence[str]) -> list[list[Finding]]:
        """Find nothing in each of *texts*."""
        return [[] for _ in texts]


class Artifacts(NlpArtifacts):
    """What the model of its language found in one text."""

    def __init__(self, named: Sequence[Finding], tokens: Doc, language: str) -> None:
        super().__init__([], tokens, [], [], None, language, [])
        self.named = named


class ModelEngine(NlpEngine):
    """One finder for each language."""

    engine_name, is_available = "sluice", True

    def __init__(self, finders: Mapping[str, Finder]) -> None:
        self._finders = dict(finders)
        self._nothing = Doc(Vocab(), words=[])

    def load(self) -> None:
        """Nothing to load: the finders are ready when they come."""

    def is_loaded(self) -> bool:
        """Say that the engine is ready."""
        return True

    def process_text(self, text: str, language: str) -> Artifacts:
        """Run the model over one text."""
        return next(self.process_batch([text], language))[1]

    def process_batch(
        self, texts: Iterable[str], language: str, batch_size: int = BATCH, n_process: int = 1, **_: Any
    ) -> Iterator[tuple[str, Artifacts]]:
        """Run the model over *texts*, *batch_size* at once; processes are the caller's (see `columns`)."""
        finder, waiting = self._finders[language], iter(texts)
        while batch := list(islice(waiting, max(batch_size, 1))):
            for text, named in zip(batch, finder.find(batch), strict=True):
                yield text, Artifacts(named, self._nothing, language)

    def is_stopword(self, word: str, language: str) -> bool:
        """Say no: our recognisers look at characters, not at words."""
        return False

    def is_punct(self, word: str, language: str) -> bool:
        """Say no: our recognisers look at characters, not at words."""
        return False

    def get_supported_entities(self) -> list[str]:
        """Name nothing: the recognisers that read the artifacts name their types."""
        return []

    def get_supported_languages(self) -> list[str]:
        """Name the languages with a finder."""
        return list(self._finders)
