"""What two detectors find in a sample of texts, and from that the share in which personal data may remain.

The first detector decides what is removed; what only the second one finds would remain. How much both miss is told
from how much of the first's findings the second finds again (capture and recapture). The estimate assumes that the
second finds what the first misses as often as what the first finds, and that all it finds is personal. Names that are
hard for one method are often hard for the other: the upper end of the interval allows for that. What a row says of its
person elsewhere (`scrub` in the plan) is removed as well, and not counted here.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from anonymize import residual
from anonymize.review.chances import CONFIDENCE, Interval, chapman, share
from anonymize.transform.text.rules import Rules
from anonymize.transform.text.spans import Span, spans_of
from policies.columns import Column

DEPENDENCE = 0.25
"""Of what the first misses the second finds at least this part of what it finds of the rest: 0.26 to 0.54 by set.

Measured by `make accuracy`.
"""
COMPARED = frozenset({"PERSON", "PHONE", "CN_ID", "BANK_CARD", "USCC", "EMAIL", "PLATE"})
"""Types of the first detector that the second one looks for as well."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One text of a sample: what would be removed from it, and what the second detector finds beyond that."""

    text: str
    found: tuple[Span, ...]
    left: tuple[residual.Left, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What a sample says of a column; there is no text in it."""

    sampled: int
    seed: int
    findings: Mapping[str, int]
    """Findings of the first detector, by type."""
    left: Mapping[str, int]
    """What only the second one finds, by type."""
    texts_left: int
    """Texts with something that only the second one finds."""
    compared: int
    """Findings of the first detector of a type that the second looks for, too."""
    again: int
    """Those among them that the second one finds, too."""

    @property
    def items(self) -> float:
        """Items of personal data in the sample, by Chapman's estimate."""
        return chapman(self.compared, self.again + sum(self.left.values()), self.again)

    @property
    def estimate(self) -> float:
        """Share of texts in which personal data may remain: those seen, over how much the second detector sees."""
        if not self.sampled:
            return 0.0
        return min(1.0, self.texts_left / self.sampled * (self.compared + 1) / (self.again + 1))

    @property
    def interval(self) -> Interval:
        """The interval of that share: both shares it is made of are inside their own ones together (Bonferroni).

        Its upper end takes `DEPENDENCE` into account. Where the first detector finds nothing to compare, nothing is
        known of what both miss: it ends at 1.
        """
        each = 1 - (1 - CONFIDENCE) / 2
        seen, caught = share(self.texts_left, self.sampled, each), share(self.again, self.compared, each)
        return Interval(seen.low, min(1.0, seen.high / (caught.low * DEPENDENCE)) if caught.low else 1.0)

    def to_dict(self) -> dict[str, Any]:
        """Give the review as JSON values."""
        return {
            "sampled": self.sampled,
            "seed": self.seed,
            "findings": dict(self.findings),
            "second_detector_only": dict(self.left),
            "texts_with_those": self.texts_left,
            "compared": self.compared,
            "found_by_both": self.again,
            "items_estimated": round(self.items, 1),
            "residual_share": self.estimate,
            "confidence": CONFIDENCE,
            "dependence": DEPENDENCE,
            "interval": [self.interval.low, self.interval.high],
        }

    def told(self) -> str:
        """Say it in one sentence."""
        found = ", ".join(f"{kind} {count:,}" for kind, count in self.findings.items()) or "nothing"
        words = f"{self.sampled:,} texts sampled (seed {self.seed}): found {found}; personal data may remain in"
        low, high = self.interval
        words += f" {self.estimate:.1%} of the texts (95 % interval {low:.1%} to {high:.1%})"
        return words if self.compared else words + ": nothing was found that could tell how much both detectors miss"


def look_at(texts: Sequence[str], column: Column, progress: Callable[[str], None] | None = None) -> list[Reviewed]:
    """Let both detectors look at distinct *texts*, the first as the plan says of *column*."""
    from anonymize.detect.languages import find_distinct

    rules = Rules.of(column)
    findings = find_distinct(
        pa.array(texts, pa.string()),
        language=rules.language,
        recall=rules.recall,
        types=rules.types,
        processes=1,
        progress=progress,
    )
    reviewed = []
    for text, found in zip(texts, findings, strict=True):
        spans = tuple(spans_of(text, found, (), rules))
        left = (left for left in residual.search(text) if not _is_covered(left, spans))
        reviewed.append(Reviewed(text, spans, tuple(left)))
    return reviewed


def review(reviewed: Sequence[Reviewed], seed: int) -> Review:
    """Say what *reviewed* texts, drawn by *seed*, say of their column."""
    findings, left = Counter[str](), Counter[str]()
    compared = again = 0
    for each in reviewed:
        findings.update(span.type for span in each.found)
        left.update(span.type for span in each.left)
        seconds = residual.search(each.text)
        for span in each.found:
            if span.type in COMPARED:
                compared += 1
                again += any(other.start < span.end and span.start < other.end for other in seconds)
    return Review(
        sampled=len(reviewed),
        seed=seed,
        findings=dict(sorted(findings.items())),
        left=dict(sorted(left.items())),
        texts_left=sum(bool(each.left) for each in reviewed),
        compared=compared,
        again=again,
    )


def _is_covered(left: residual.Left, spans: Sequence[Span]) -> bool:
    """Say whether every character of *left* lies in one of *spans*, which are in order."""
    at = left.start
    for span in spans:
        if span.start <= at < span.end:
            at = span.end
    return at >= left.end
