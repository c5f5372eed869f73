"""Places and organisations out of the tagger's masses."""

from collections.abc import Iterator

import numpy as np

from anonymize.detect.findings import Finding
from anonymize.detect.persons.medicine import is_brand, is_eponym, is_taken
from anonymize.detect.persons.vetoes import DRUG, EPONYM
from anonymize.detect.tagger.runs import HAN, means, runs
from anonymize.detect.tagger.tagger import ORGANISATION, PLACE
from anonymize.detect.tagger.wire import Array

PLACE_EDGE = 0.15
"""Mass from which the character before a place belongs to it."""
SHORT = 5
"""Characters up to which a place or an organisation may be a drug or an eponym."""


def places(joined: str, masses: Array, least: float) -> Iterator[Finding]:
    """Find places and organisations: runs of characters whose mass for either is at least *least*."""
    mass = masses[:, PLACE] + masses[:, ORGANISATION]
    edge, spans = mass.data, list[tuple[int, int]]()
    for start, end in runs(joined, mass >= least):
        while start > 0 and edge[start - 1] >= PLACE_EDGE and HAN.match(joined, start - 1):
            start -= 1
        first, last = _bounds(joined, start, end)
        if first < last and not (last - first <= SHORT and _is_medical(joined, first, last)):
            spans.append((first, last))
    if not spans:
        return
    starts, ends = np.array(spans).T
    share, place = means(mass, starts, ends).tolist(), means(masses[:, PLACE], starts, ends).tolist()
    for (start, end), whole, part in zip(spans, share, place, strict=True):
        yield Finding(start, end, "LOCATION" if 2 * part >= whole else "ORGANIZATION", min(1.0, whole))


def _is_medical(text: str, start: int, end: int) -> bool:
    """Say whether the span is a drug, or bears a disease or a test."""
    known = EPONYM.match(text, end) or DRUG.search(text, start, end + 2)
    return known is not None or any(is_one(text, start, end) for is_one in (is_brand, is_taken, is_eponym))


def _bounds(joined: str, start: int, end: int) -> tuple[int, int]:
    while start < end and not joined[start].isalnum():
        start += 1
    while end > start and not (joined[end - 1].isalnum() or joined[end - 1] in ")）"):
        end -= 1
    return start, end
