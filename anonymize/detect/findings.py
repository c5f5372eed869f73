"""A finding: where personal data stands in a text, of which type, and how sure we are."""

from bisect import bisect_left
from collections.abc import Iterable
from itertools import accumulate
from typing import NamedTuple


class Finding(NamedTuple):
    """A half-open span in code points, its type, and a score from 0 to 1; a tuple, for there are millions of them."""

    start: int
    end: int
    type: str
    score: float


def merge(findings: Iterable[Finding]) -> list[Finding]:
    """Unite overlapping findings, in order of place; a union bears the type of its surest, then longest, part.

    Nothing that was found is lost: the union covers all of its parts.
    """
    merged: list[Finding] = []
    best = Finding(0, 0, "", 0.0)
    for finding in sorted(findings):
        if merged and finding.start < merged[-1].end:
            if (finding.score, finding.end - finding.start) > (best.score, best.end - best.start):
                best = finding
            last = merged[-1]
            merged[-1] = Finding(last.start, max(last.end, finding.end), best.type, best.score)
        else:
            best = finding
            merged.append(finding)
    return merged


def outside(findings: Iterable[Finding], others: Iterable[Finding]) -> list[Finding]:
    """Give those of *findings* that share no character with any of *others*."""
    spans = sorted((other.start, other.end) for other in others)
    if not spans:
        return list(findings)
    starts, reach = [start for start, _ in spans], list(accumulate((end for _, end in spans), max))
    kept = []
    for finding in findings:
        before = bisect_left(starts, finding.end)
        if not before or reach[before - 1] <= finding.start:
            kept.append(finding)
    return kept
