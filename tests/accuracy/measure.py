"""What is counted.

A labelled entity is *wholly masked* when every character of it lies in some masked span; what of it lies in spans of
another type counts as well. *Character precision* is the share of masked characters that belong to a labelled entity
of any labelled type; *own precision* the share that belong to one of the types asked for. Both are of the spans of the
types asked for alone. *Exact*: some span of the asked type begins and ends where the entity does.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

Span = tuple[int, int, str]


@dataclass(slots=True)
class Tally:
    """Counts over many texts."""

    entities: int = 0
    whole: int = 0
    exact: int = 0
    masked: int = 0
    labelled: int = 0
    own: int = 0
    characters: int = 0

    def add(self, text: str, truth: Sequence[Span], found: Iterable[Span], types: Collection[str]) -> None:
        """Count one text: of *truth* and *found* what is of *types*."""
        spans = [span for span in found if span[2] in types]
        masked = {at for start, end, _ in spans for at in range(start, end)}
        wanted = [span for span in truth if span[2] in types]
        bounds = {span[:2] for span in spans}
        self.entities += len(wanted)
        self.whole += sum(masked.issuperset(range(start, end)) for start, end, _ in wanted)
        self.exact += sum(span[:2] in bounds for span in wanted)
        self.masked += len(masked)
        self.labelled += len(masked.intersection(at for start, end, _ in truth for at in range(start, end)))
        self.own += len(masked.intersection(at for start, end, _ in wanted for at in range(start, end)))
        self.characters += len(text)

    @property
    def recall(self) -> float:
        """Entities wholly masked, in percent."""
        return percent(self.whole, self.entities)

    @property
    def precision(self) -> float:
        """Masked characters that are labelled at all, in percent."""
        return percent(self.labelled, self.masked)

    @property
    def own_precision(self) -> float:
        """Masked characters that are of the types asked for, in percent."""
        return percent(self.own, self.masked)


def percent(part: int, whole: int) -> float:
    """Give the share in percent; of nothing, nothing is missing."""
    return 100 * part / whole if whole else 100.0
