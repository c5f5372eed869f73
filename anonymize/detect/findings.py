"""A finding: where personal data stands in a text, of which type, and how sure we are."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A half-open span in code points, its type, and a score from 0 to 1."""

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
