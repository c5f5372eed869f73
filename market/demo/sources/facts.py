"""What was written as a source, and what it is."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """A raw source on disk: its size, its canaries, and the sentence that says what in it is real."""

    path: Path
    rows: int
    columns: tuple[str, ...]
    canaries: int
    statement: str
    attribution: str = ""
    """Whom its rows must be attributed to, where they say it themselves."""
