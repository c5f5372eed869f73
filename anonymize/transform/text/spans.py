"""Which spans of a text go: what the rules found, less what stays; the row's own cells; and what always goes.

What was put in place of a span is never looked into again: not by a later pass over the same text, and, where it is a
placeholder, not by a later run.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, chain
from typing import NamedTuple, TypeAlias

from anonymize.detect.findings import Finding, merge, outside
from anonymize.detect.fold import fold, squeeze
from anonymize.detect.names import FINDERS, own_values
from anonymize.transform.text.rules import Rules

Own: TypeAlias = tuple[tuple[str, str], ...]
"""What a row says elsewhere: `name`, `address` or `value`, and the cell."""

PLACEHOLDER = re.compile(r"\[[A-Z_]+\]|█+")


class Span(NamedTuple):
    """A part of a text that goes: its type, and whether it holds one of the row's own values."""

    start: int
    end: int
    type: str
    own: bool


class Removed(NamedTuple):
    """What was removed, as type and place alone: where it stood in the text given, and where its stand-in stands."""

    type: str
    start: int
    end: int
    out_start: int
    out_end: int


def spans_of(
    text: str, findings: Sequence[Finding], own: Own, rules: Rules, done: Sequence[tuple[int, int]] = ()
) -> list[Span]:
    """Give the parts of *text* that go, in order, none of them within *done* or a placeholder."""
    found = [finding for finding in findings if rules.wants(finding.type)]
    if found and rules.never:
        found = _let_be(text, found, rules.never)
    mine = list(chain.from_iterable(FINDERS[kind](text, cell) for kind, cell in own))
    marked = chain.from_iterable(own_values(text, string, kind) for string, kind in rules.always.items())
    found += [*mine, *marked]
    if not found:
        return []
    kept = _united(chain(done, (match.span() for match in PLACEHOLDER.finditer(text))))
    ends = [end for _, end in kept]
    parts = merge(chain.from_iterable(_outside(finding, kept, ends) for finding in found))
    others = set(outside(parts, mine))
    return [
        Span(part.start, part.end, part.type, part not in others)
        for part in parts
        if any(map(str.isalnum, text[part.start : part.end]))  # signs alone name nobody, a mask least of all
    ]


def _let_be(text: str, found: Iterable[Finding], never: Iterable[str]) -> list[Finding]:
    """Leave out what lies within one of the strings that stay; a longer finding around one is another thing."""
    body, places = squeeze(fold(text))
    stays = []
    for wanted in (squeeze(fold(string))[0] for string in never):
        at = body.find(wanted) if wanted else -1
        while at >= 0:
            stays.append((places[at], places[at + len(wanted) - 1] + 1))
            at = body.find(wanted, at + 1)
    stays.sort()
    starts, reach = [start for start, _ in stays], list(accumulate((end for _, end in stays), max))
    return [f for f in found if not (at := bisect_right(starts, f.start)) or reach[at - 1] < f.end]


def _united(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    out: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if out and start < out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], end))
        else:
            out.append((start, end))
    return out


def _outside(finding: Finding, kept: Sequence[tuple[int, int]], ends: Sequence[int]) -> Iterator[Finding]:
    """Cut what is *kept* out of *finding*; what is left of it stays found."""
    at = finding.start
    for place in range(bisect_right(ends, at), len(kept)):
        start, end = kept[place]
        if start >= finding.end:
            break
        if start > at:
            yield Finding(at, start, finding.type, finding.score)
        at = end
    if at < finding.end:
        yield Finding(at, finding.end, finding.type, finding.score)
