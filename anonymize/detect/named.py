"""Persons, places and organisations in many texts at once, by the tagger; each distinct piece is tagged once."""

from collections.abc import Iterable, Sequence
from itertools import chain

from anonymize.detect.findings import Finding
from anonymize.detect.pieces import pieces
from anonymize.detect.tagger.persons import persons
from anonymize.detect.tagger.places import places
from anonymize.detect.tagger.tagger import BREAK, Tagger, tagger

KEPT = 200_000
"""Distinct pieces remembered; then all are forgotten, so that a column of any length needs bounded memory."""
TOGETHER = 4_000
"""Pieces tagged in one call: enough to sort by length, few enough to hold their masses."""


class Named:
    """The tagger with a memory for pieces of text."""

    def __init__(self, model: Tagger | None = None) -> None:
        self._tagger = model or tagger()
        self._known: dict[str, tuple[Finding, ...]] = {}

    def find(self, texts: Sequence[str]) -> list[list[Finding]]:
        """Find what the tagger gives any chance at all, with that chance as score, in each of *texts*."""
        parted = [list(pieces(text)) for text in texts]
        if len(self._known) > KEPT:
            self._known.clear()
        self._learn(piece for _, piece in chain.from_iterable(parted))
        return [[_moved(finding, at) for at, piece in parts for finding in self._known[piece]] for parts in parted]

    def _learn(self, wanted: Iterable[str]) -> None:
        fresh = [piece for piece in dict.fromkeys(wanted) if piece not in self._known]
        for first in range(0, len(fresh), TOGETHER):
            self._tag(fresh[first : first + TOGETHER])

    def _tag(self, fresh: Sequence[str]) -> None:
        joined, masses = BREAK.join(fresh), self._tagger.masses(fresh)
        people = (one for one in persons(joined, masses, self._tagger.words) if one.score >= LEAST_PERSON)
        found = sorted(chain(people, places(joined, masses, LEAST_PLACE)))
        at = start = 0
        for piece in fresh:
            end, first = start + len(piece), at
            while at < len(found) and found[at].start < end:
                at += 1
            self._known[piece] = tuple(_moved(finding, -start) for finding in found[first:at])
            start = end + len(BREAK)


LEAST_PERSON = 0.0005
"""Chance below which nobody asks for a person: in clinical notes the tagger gives some names no more than that."""
LEAST_PLACE = 0.4
"""Mass from which a character belongs to a place or an organisation."""


def _moved(finding: Finding, by: int) -> Finding:
    return Finding(finding.start + by, finding.end + by, finding.type, finding.score) if by else finding
