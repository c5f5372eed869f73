"""Distinct values searched in one language, or in every language that is written in them."""

from collections.abc import Collection, Iterable
from itertools import chain, groupby

import pyarrow as pa
import pyarrow.compute as pc

from anonymize.detect.columns import NAMED, Progress, find_in_column
from anonymize.detect.findings import Finding
from anonymize.detect.recall import LEVELS

BOTH = "both"
"""Every language there is."""
_LATIN = "[A-Za-zＡ-Ｚａ-ｚ]{2}"
"""What a text must hold to be searched in a language other than Chinese."""
_CHINESE = "zh"
_REST = "NUMBER"
"""The type of any long number: nothing is said by it where another type is found."""


def languages() -> tuple[str, ...]:
    """Name the languages that are known, Chinese first."""
    from anonymize.detect.analyzer import RECOGNIZERS  # Presidio takes a second to import

    return tuple(sorted(RECOGNIZERS, key=lambda language: (language != _CHINESE, language)))


def types_of(language: str) -> frozenset[str]:
    """Name the types that can be found in texts of *language*."""
    from anonymize.detect.analyzer import RECOGNIZERS

    wanted = RECOGNIZERS if language == BOTH else [language]
    return frozenset(chain.from_iterable(kind.types for one in wanted for kind in RECOGNIZERS[one]))


def find_distinct(
    values: pa.Array,
    *,
    language: str = _CHINESE,
    recall: str = "balanced",
    types: Collection[str] | None = None,
    processes: int | None = None,
    progress: Progress | None = None,
) -> list[list[Finding]]:
    """Find personal data in each of *values*, strings without repetition, in order of place.

    *language* is one that is known, or `BOTH`; *recall* a level by its name.

    Raises:
        ModelError: a file of the language's model is missing or altered.
    """
    found: list[list[Finding]] = [[] for _ in range(len(values))]
    for one in languages() if language == BOTH else (language,):
        column = values
        if language == BOTH and one != _CHINESE:
            column = pc.if_else(pc.match_substring_regex(values, _LATIN), values, pa.scalar(None, values.type))
        wanted = None if types is None else frozenset(types)
        search = find_in_column(
            column, language=one, recall=LEVELS[recall], types=wanted, processes=processes, progress=progress
        )
        at = 0
        for chunk in search:
            if chunk.found:
                for row, place in enumerate(chunk.rows.to_pylist(), start=at):
                    found[row] += chunk.found.get(place, ())
            at += len(chunk.rows)
    return [sorted(set(of)) for of in found]


def settled(findings: Iterable[Finding]) -> list[Finding]:
    """Leave out what says no more than another: a finding within one of its type, or within a surer identifier."""
    kept: list[Finding] = []
    reaching: list[Finding] = []
    ordered = sorted(findings, key=lambda finding: (finding.start, -finding.end))
    for (start, _), group in groupby(ordered, key=lambda finding: (finding.start, finding.end)):
        same = list(group)
        reaching = [other for other in reaching if other.end > start] + same
        kept += [one for one in same if not any(_says_more(other, one) for other in reaching)]
    return sorted(kept)


def _says_more(other: Finding, one: Finding) -> bool:
    if other is one or not (other.start <= one.start and one.end <= other.end):
        return False
    if other.type == one.type:
        return (other.start, other.end) != (one.start, one.end) or other.score > one.score
    if _REST in (one.type, other.type):
        return one.type == _REST
    return other.score > one.score and NAMED.isdisjoint((one.type, other.type))
