"""Free text with its personal data replaced by typed placeholders such as `[PERSON]`.

Two sources of findings meet. The rules (see `anonymize.detect`) look at each distinct text once. The row's own
names, addresses and values are looked for in that row's text alone: they are known exactly, whatever their form.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import chain
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from anonymize.detect.findings import Finding, merge
from anonymize.detect.names import FINDERS

Column: TypeAlias = pa.Array | pa.ChunkedArray
Own: TypeAlias = Sequence[tuple[str, str]]
"""What a row says elsewhere: `name`, `address` or `value`, and the cell."""

PLACEHOLDER = re.compile(r"\[[A-Z_]+\]")
KEPT = frozenset({"ORGANIZATION"})
"""Types that stay: a hospital or an office is no person, and a text without them says little."""
ROUNDS = 8
"""Passes after which a text that still yields findings is given up as a whole; none is known to need a third."""


def redact(
    texts: Column, own: Sequence[tuple[str, Column]], *, progress: Callable[[str], None] | None = None
) -> tuple[pa.Array, dict[str, int]]:
    """Replace personal data in *texts* by placeholders, and count what was found by type.

    *own* pairs `name`, `address` or `value` with a column of the same rows. A second run finds nothing: each
    text is gone over until nothing is left to find.
    """
    from anonymize.detect.analyzer import find_all  # Presidio takes a second to import

    whole = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    distinct = [text for text in pc.unique(whole).to_pylist() if text is not None]
    if progress is not None:
        progress(f"analysing {len(distinct):,} distinct texts")
    known = dict(zip(distinct, find_all(distinct, progress=progress), strict=True))
    rows = _rows(len(whole), own)
    out: list[str | None] = whole.to_pylist()
    counts: Counter[str] = Counter()
    due = [row for row, text in enumerate(out) if text is not None]
    for _ in range(ROUNDS):
        changed = []
        for row in due:
            before = out[row] or ""
            spans = _spans(before, known[before], rows[row])
            if spans:
                out[row] = _replaced(before, spans)
                counts.update(span.type for span in spans)
                changed.append(row)
        due = changed
        fresh = list(dict.fromkeys(text for row in due if (text := out[row]) is not None))
        known = dict(zip(fresh, find_all(fresh), strict=True))
    for row in due:
        out[row] = "[TEXT]"
    return pa.array(out, pa.string()), dict(sorted(counts.items()))


def _rows(count: int, own: Sequence[tuple[str, Column]]) -> list[Own]:
    """Turn the row's own columns into one list of (kind, cell) per row, empty cells left out."""
    pairs = [[(kind, cell) for cell in column.to_pylist()] for kind, column in own]
    if not pairs:
        return [()] * count
    return [[(kind, cell) for kind, cell in row if cell] for row in zip(*pairs, strict=True)]


def _spans(text: str, findings: Sequence[Finding], own: Own) -> list[Finding]:
    """Merge what was found in *text*, outside the placeholders that are there already."""
    wanted = (finding for finding in findings if finding.type not in KEPT)
    found = list(chain(wanted, *(FINDERS[kind](text, cell) for kind, cell in own)))
    if not found:
        return []
    kept = [match.span() for match in PLACEHOLDER.finditer(text)]
    return merge(chain.from_iterable(_outside(finding, kept) for finding in found))


def _outside(finding: Finding, kept: Sequence[tuple[int, int]]) -> list[Finding]:
    """Cut the placeholders *kept* out of *finding*; what is left of it stays found."""
    parts, at = [], finding.start
    for start, end in kept:
        if start < finding.end and end > at:
            if start > at:
                parts.append(Finding(at, start, finding.type, finding.score))
            at = max(at, end)
    if at < finding.end:
        parts.append(Finding(at, finding.end, finding.type, finding.score))
    return parts


def _replaced(text: str, spans: Sequence[Finding]) -> str:
    out, at = [], 0
    for span in spans:
        out += [text[at : span.start], f"[{span.type}]"]
        at = span.end
    return "".join([*out, text[at:]])
