"""What an audit of texts came to: counts by type, and rates per million characters; never a text."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

METHOD = 1
"""Number of the method; figures of another one are not comparable. It changes with the rules and the tables."""
MILLION = 1_000_000


@dataclass(slots=True)
class Figures:
    """Counts over the distinct texts of one column."""

    texts: int = 0
    characters: int = 0
    findings: Counter[str] = field(default_factory=Counter)
    lengths: Counter[str] = field(default_factory=Counter)
    """Characters of the findings, by type."""
    known: Counter[str] = field(default_factory=Counter)
    """Places where a value of the source stands, by type."""

    @property
    def per_million(self) -> Mapping[str, float]:
        """Findings of each type per million characters."""
        return _rates(self.findings, self.characters)

    @property
    def known_per_million(self) -> Mapping[str, float]:
        """Values of the source per million characters, by type."""
        return _rates(self.known, self.characters)

    def to_dict(self) -> dict[str, Any]:
        """Give what anybody can measure again from the texts alone, as JSON values."""
        return {
            "texts": self.texts,
            "characters": self.characters,
            "findings": dict(sorted(self.findings.items())),
            "lengths": dict(sorted(self.lengths.items())),
            "per_million": dict(self.per_million),
        }


def _rates(counts: Mapping[str, int], characters: int) -> dict[str, float]:
    return {kind: count * MILLION / characters for kind, count in sorted(counts.items())} if characters else {}
