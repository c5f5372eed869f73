r"""Presidio's analyser over our recognisers and models; no network.

Presidio's own recognisers are not loaded. None knows China; `\b` in them fails beside hanzi; and those for e-mail
and URL try to download the public suffix list. Presidio itself takes about a second to import, so this module
is imported where texts are analysed, not before.
"""

import gc
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Any

from presidio_analyzer import AnalyzerEngine, BatchAnalyzerEngine, RecognizerRegistry

from anonymize.detect.engine import BATCH, Finder, ModelEngine, Nothing
from anonymize.detect.english.finder import EnglishNamed
from anonymize.detect.english.recognizers import ENGLISH
from anonymize.detect.findings import Finding
from anonymize.detect.named import Named
from anonymize.detect.pieces import windows
from anonymize.detect.recall import BALANCED, Recall
from anonymize.detect.recognizers import CHINESE
from anonymize.detect.visible import visible

LANGUAGE, ENGLISH_LANGUAGE = "zh", "en"
FINDERS: dict[str, Callable[[], Finder]] = {LANGUAGE: Named, ENGLISH_LANGUAGE: EnglishNamed}
"""The model of each language, made when a text of that language is first analysed."""
RECOGNIZERS = {LANGUAGE: CHINESE, ENGLISH_LANGUAGE: ENGLISH}
"""What looks at texts of each language."""


class _Registry(RecognizerRegistry):
    """Presidio's registry, less what it would log of each text."""

    def get_recognizers(
        self, language: str, entities: Any = None, all_fields: bool = False, ad_hoc_recognizers: Any = None
    ) -> list[Any]:
        """Give the recognisers of *language*: all of them, where no *entities* are named."""
        ours = [one for one in self.recognizers if one.supported_language == language]
        if ours and all_fields and not ad_hoc_recognizers:
            return ours
        return super().get_recognizers(language, entities, all_fields, ad_hoc_recognizers)


class _Analyzer(AnalyzerEngine):
    """Presidio's analyser, less what it would do for each text and our recognisers do not need."""

    def __init__(self, **given: Any) -> None:
        self._types: dict[str | None, list[str]] = {}
        super().__init__(**given)

    def get_supported_entities(self, language: str | None = None) -> list[str]:
        """Name the types that can be found in texts of *language*; asked once, not for every text."""
        if language not in self._types:
            self._types[language] = super().get_supported_entities(language)
        return self._types[language]

    def _enhance_using_context(self, text: str, raw_results: list[Any], *_: Any) -> list[Any]:
        """Leave results as they are: our recognisers weigh the words around a finding themselves."""
        return raw_results


def make_analyzer(
    language: str = LANGUAGE,
    *,
    recall: Recall = BALANCED,
    types: frozenset[str] | None = None,
    finder: Finder | None = None,
) -> AnalyzerEngine:
    """Make an analyser for texts of *language*; further recognisers can be added to its registry.

    With *types* only the recognisers that find one of them are in it, and a model only where one of them reads it.

    Raises:
        ModelError: a file of the language's model is missing or altered.
    """
    kinds = [kind for kind in RECOGNIZERS[language] if types is None or not types.isdisjoint(kind.types)]
    recognizers = [kind(recall) for kind in kinds]
    if finder is None:
        finder = _finder(language) if any(kind.reads_model for kind in kinds) else Nothing()
    registry = _Registry(recognizers=recognizers, supported_languages=[language])
    engine = ModelEngine({language: finder})
    return _Analyzer(registry=registry, nlp_engine=engine, supported_languages=[language])


def find_all(
    texts: Sequence[str],
    *,
    language: str = LANGUAGE,
    recall: Recall = BALANCED,
    types: Collection[str] | None = None,
    progress: Callable[[str], None] | None = None,
) -> list[list[Finding]]:
    """Find personal data in each of *texts*, in order of place; findings of different types may overlap.

    *types* names what is wanted, by default everything.

    Raises:
        ModelError: a file of the language's model is missing or altered.
    """
    wanted = None if types is None else frozenset(types)
    with _uncollected():
        analyzer, found = BatchAnalyzerEngine(_analyzer(language, recall, wanted)), list[list[Finding]]()
    for first in range(0, len(texts), BATCH):
        batch = texts[first : first + BATCH]
        seen = [visible(text) for text in batch]
        parts = [(number, at, part) for number, (text, _) in enumerate(seen) for at, part in windows(text)]
        with _uncollected():
            results = analyzer.analyze_iterator(
                (part for _, _, part in parts), language, batch_size=BATCH, score_threshold=0
            )
        of: list[list[Finding]] = [[] for _ in batch]
        for (number, at, _), results_of in zip(parts, results, strict=True):
            places = seen[number][1]
            for r in results_of:
                if wanted is None or r.entity_type in wanted:
                    start, end = r.start + at, r.end + at
                    if places is not None:
                        start, end = places.back(start, end)
                    of[number].append(Finding(start, end, r.entity_type, r.score))
        found += map(sorted, of)
        if progress is not None and first + BATCH < len(texts):
            progress(f"analysed {first + BATCH:,} of {len(texts):,} distinct texts")
    return found


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the collector of cycles away from a model or a batch: they make many thousand objects, and no cycle."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


@lru_cache(maxsize=8)
def _analyzer(language: str, recall: Recall, types: frozenset[str] | None) -> AnalyzerEngine:
    return make_analyzer(language, recall=recall, types=types)


@cache
def _finder(language: str) -> Finder:
    return FINDERS[language]()
