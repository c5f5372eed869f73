"""Identifiers with a structure: recall and precision by type, on sentences made from templates.

An identifier is found when one span of its own type covers it; a span is right when it overlaps an identifier of its
type. A span on a decoy, or of a wrong type, is a wrong one; dates and ages count where templates have slots for them.
Spans are merged first, as they are before text is written.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from anonymize.detect.analyzer import find_all
from anonymize.detect.findings import Finding, merge
from anonymize.detect.identifiers.patterns import PATTERNS
from tests.accuracy.measure import percent
from tests.common.corpus.identifiers import numbered

STRUCTURED = frozenset(pattern.type for pattern in PATTERNS)


@dataclass(slots=True)
class Count:
    """What was counted of one type."""

    entities: int = 0
    found: int = 0
    findings: int = 0
    right: int = 0

    @property
    def recall(self) -> float:
        """Identifiers found, in percent."""
        return percent(self.found, self.entities)

    @property
    def precision(self) -> float:
        """Findings that are right, in percent."""
        return percent(self.right, self.findings)


def ours(texts: Sequence[str]) -> list[list[Finding]]:
    """Find identifiers alone."""
    return find_all(texts, types=STRUCTURED)


def by_type(
    *,
    each: int,
    seed: int,
    unseen: bool,
    family: str = "",
    engine: Callable[[Sequence[str]], list[list[Finding]]] = ours,
) -> dict[str, Count]:
    """Count by type over *each* sentences of every template of one half of a *family*."""
    made = list(numbered(each, seed, unseen=unseen, family=family))
    wanted = {kind for sentence in made for _, _, kind in sentence.spans} | (STRUCTURED - {"DATE", "AGE"})
    counts: defaultdict[str, Count] = defaultdict(Count)
    for sentence, found in zip(made, engine([sentence.text for sentence in made]), strict=True):
        spans = [span for span in merge(found) if span.type in wanted]
        for start, end, kind in sentence.spans:
            counts[kind].entities += 1
            counts[kind].found += any(s.type == kind and s.start <= start and s.end >= end for s in spans)
        for span in spans:
            counts[span.type].findings += 1
            counts[span.type].right += any(
                kind == span.type and start < span.end and span.start < end for start, end, kind in sentence.spans
            )
    return dict(sorted(counts.items()))
