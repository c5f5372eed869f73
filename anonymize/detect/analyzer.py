r"""Presidio's analyser with our rules alone: no model, no network.

Presidio's own recognisers are not loaded. None knows China; `\b` in them fails beside hanzi; and those for e-mail
and URL try to download the public suffix list. Presidio itself takes more than a second to import, so this module
is imported where texts are analysed, not before.
"""

from collections.abc import Callable, Sequence
from functools import cache

from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
from presidio_analyzer.nlp_engine import NoOpNlpEngine

from anonymize.detect.findings import Finding
from anonymize.detect.recognizers import ChineseRecognizer

LANGUAGE = "zh"
EVERY = 5_000
"""Texts between two words of progress."""


def make_analyzer() -> AnalyzerEngine:
    """Make an analyser for Chinese text; further recognisers can be added to its registry."""
    registry = RecognizerRegistry(recognizers=[ChineseRecognizer()], supported_languages=[LANGUAGE])
    engine = NoOpNlpEngine(models=[{"lang_code": LANGUAGE, "model_name": "none"}])
    return AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=[LANGUAGE])


def find_all(texts: Sequence[str], *, progress: Callable[[str], None] | None = None) -> list[list[Finding]]:
    """Find personal data in each of *texts*, in order of place; findings of different types may overlap."""
    analyzer, found = _analyzer(), []
    for number, text in enumerate(texts, start=1):
        results = analyzer.analyze(text, language=LANGUAGE)
        found.append(sorted(Finding(r.start, r.end, r.entity_type, r.score) for r in results))
        if progress is not None and number % EVERY == 0:
            progress(f"analysed {number:,} of {len(texts):,} distinct texts")
    return found


@cache
def _analyzer() -> AnalyzerEngine:
    return make_analyzer()
