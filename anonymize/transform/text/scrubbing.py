"""A column of texts gone over: each distinct text searched once, each row's own cells looked for in its text alone.

A text is gone over until nothing is left to find in it, for what stands in place of one finding may show another.
What was put there is not looked into again; an invented name, a token or a shifted date is shown to the search as a
placeholder, so that it cannot lead it to take its neighbours along.
"""

import os
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import NamedTuple, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from anonymize.detect.findings import Finding
from anonymize.detect.languages import find_distinct
from anonymize.transform.text.operators import MASK, Writing
from anonymize.transform.text.rules import Rules
from anonymize.transform.text.spans import Own, Removed, Span, spans_of
from anonymize.transform.text.taken import Taken

Column: TypeAlias = pa.Array | pa.ChunkedArray
Progress: TypeAlias = Callable[[str], None]

ROUNDS = 8
"""Passes after which a text that still yields findings is given up as a whole; none is known to need a third."""
WHOLE = "TEXT"
"""The type of a text that was given up."""
_PLAIN = Rules()


class Edit(NamedTuple):
    """One span of the text as it was given, and what is put there."""

    start: int
    end: int
    type: str
    new: str

    @property
    def shown(self) -> str:
        """What a later search sees there."""
        return self.new if self.new.startswith(MASK) else f"[{self.type}]"


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """Texts with their personal data replaced."""

    texts: pa.Array
    counts: dict[str, int]
    """Spans removed, by type."""
    removed: list[tuple[Removed, ...]]
    """For each row what was removed: type and place, never text."""


class _Item:
    """One text with all that decides its outcome; rows that agree in it share one."""

    __slots__ = ("edits", "own", "shift", "text", "whose", "writing")

    def __init__(self, text: str, own: Own, whose: str, shift: int | None) -> None:
        self.text, self.own, self.whose, self.shift = text, own, whose, shift
        self.edits: list[Edit] = []
        self.writing: Writing | None = None


def redact(
    texts: Column, own: Sequence[tuple[str, Column]], *, progress: Progress | None = None
) -> tuple[pa.Array, dict[str, int]]:
    """Replace personal data in *texts* by typed placeholders such as `[PERSON]`, and count what was found by type.

    *own* pairs `name`, `address` or `value` with a column of the same rows. A second run finds nothing.
    """
    done = scrub(texts, own, progress=progress, processes=1)
    return done.texts, done.counts


def scrub(
    texts: Column,
    own: Sequence[tuple[str, Column]] = (),
    *,
    rules: Rules = _PLAIN,
    key: bytes | None = None,
    whose: Sequence[str | None] | None = None,
    shifts: Sequence[int | None] | None = None,
    taken: Taken | None = None,
    processes: int | None = None,
    progress: Progress | None = None,
) -> Scrubbed:
    """Replace personal data in *texts* as *rules* say.

    *own* is as for `redact`. *whose* names the subject of each row, within which surrogates and tokens are the same
    under *key*, which is drawn for this call where none is given; *shifts* is by how many days the dates of each row
    move. *taken* knows the values of the whole source, which no surrogate may equal; those of *texts* are added to it.

    Raises:
        ModelError: a file of the language's model is missing or altered.
    """
    whole = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    rows, items = _items(whole, own, whose if rules.keyed else None, shifts if rules.use("shift") else None)
    if progress is not None:
        progress(f"analysing {len({item.text for item in items}):,} distinct texts")
    search = _Search(rules, processes)
    known = search.find(item.text for item in items)
    if taken is None:
        taken = Taken()
    if rules.use("surrogate"):
        collect(taken, ((item.text, known[item.text], item.own) for item in items), rules)
    key = key or os.urandom(32)
    due = []
    for item in items:
        spans = spans_of(item.text, known[item.text], item.own, rules)
        if spans:
            named = [item.text[span.start : span.end] for span in spans if span.type == "PERSON"]
            item.writing = Writing.of(rules, item.own, named, key, taken, item.whose, item.shift)
            _apply(item, spans)
            due.append(item)
    _again(due, search, rules)
    return _gathered(rows, items)


def collect(taken: Taken, found: Iterable[tuple[str, Sequence[Finding], Own]], rules: Rules) -> None:
    """Add to *taken* what was found in texts, and the row's own cells."""
    for text, findings, own in found:
        taken.add(text[span.start : span.end] for span in spans_of(text, findings, own, rules))
        taken.add(text[finding.start : finding.end] for finding in findings)
        taken.add(cell for _, cell in own)


def survey(
    taken: Taken, texts: Column, own: Sequence[tuple[str, Column]], rules: Rules, *, processes: int | None = None
) -> None:
    """Add to *taken* what stands in *texts* and *own*, which are one part of a source that is gone over later."""
    whole = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    _, items = _items(whole, own, None, None)
    known = _Search(rules, processes).find(item.text for item in items)
    collect(taken, ((item.text, known[item.text], item.own) for item in items), rules)


class _Search:
    """Finds in texts as *rules* say."""

    def __init__(self, rules: Rules, processes: int | None) -> None:
        self._rules, self._processes = rules, processes

    def find(self, texts: Iterable[str]) -> dict[str, list[Finding]]:
        """Search each distinct one of *texts*."""
        distinct = list(dict.fromkeys(texts))
        rules = self._rules
        found = find_distinct(
            pa.array(distinct, pa.string()),
            language=rules.language,
            recall=rules.recall,
            types=rules.types,
            processes=self._processes,
        )
        return dict(zip(distinct, found, strict=True))


def _items(
    whole: pa.Array,
    own: Sequence[tuple[str, Column]],
    whose: Sequence[str | None] | None,
    shifts: Sequence[int | None] | None,
) -> tuple[list[int | None], list[_Item]]:
    """Give for each row the number of its item, and the items."""
    for rest in (*(column for _, column in own), whose, shifts):
        if rest is not None and len(rest) != len(whole):
            raise ValueError(f"{len(whole)} texts stand beside {len(rest)} rows")
    encoded = pc.dictionary_encode(whole)
    texts = encoded.dictionary.to_pylist()
    cells = [zip(repeat(kind), column.to_pylist()) for kind, column in own]
    owns = zip(*cells, strict=True) if cells else repeat(())
    known: dict[tuple[int, Own, str, int | None], int] = {}
    rows: list[int | None] = []
    items: list[_Item] = []
    for place, pairs, who, shift in zip(
        encoded.indices.to_pylist(), owns, whose or repeat(None), shifts or repeat(None), strict=False
    ):
        if place is None:
            rows.append(None)
            continue
        kept = tuple((kind, cell) for kind, cell in pairs if cell)
        item = (place, kept, who or "", shift)
        if item not in known:
            known[item] = len(items)
            items.append(_Item(texts[place], kept, who or "", shift))
        rows.append(known[item])
    return rows, items


def _again(due: Sequence[_Item], search: _Search, rules: Rules) -> None:
    """Go over what was changed until nothing more is found."""
    for _ in range(ROUNDS - 1):
        written = [(item, *_render(item, [edit.shown for edit in item.edits])) for item in due]
        known = search.find(text for _, text, _ in written)
        due = []
        for item, text, places in written:
            spans = spans_of(text, known[text], item.own, rules, places)
            if spans:
                _apply(item, _moved_back(spans, places, item))
                due.append(item)
        if not due:
            return
    for item in due:
        item.edits = [Edit(0, len(item.text), WHOLE, f"[{WHOLE}]")]


def _apply(item: _Item, spans: Iterable[Span]) -> None:
    assert item.writing is not None
    made = (Edit(s.start, s.end, s.type, item.writing.new(s, item.text[s.start : s.end])) for s in spans)
    item.edits = sorted([*item.edits, *made])


def _render(item: _Item, news: Sequence[str]) -> tuple[str, list[tuple[int, int]]]:
    """Write an item's text with *news* in the place of its edits, and say where each stands in it."""
    out, places, at, length = [], [], 0, 0
    for edit, new in zip(item.edits, news, strict=True):
        out += [item.text[at : edit.start], new]
        length += edit.start - at
        places.append((length, length + len(new)))
        at, length = edit.end, length + len(new)
    return "".join([*out, item.text[at:]]), places


def _moved_back(spans: Iterable[Span], places: Sequence[tuple[int, int]], item: _Item) -> list[Span]:
    """Say where *spans* of the text as written, outside of all edits, stand in the text as given."""
    starts, moved = [start for start, _ in places], []
    for span in spans:
        before = bisect_right(starts, span.start) - 1
        by = item.edits[before].end - places[before][1] if before >= 0 else 0
        moved.append(Span(span.start + by, span.end + by, span.type, span.own))
    return moved


def _gathered(rows: Sequence[int | None], items: Sequence[_Item]) -> Scrubbed:
    texts, removed, counts = [], [], Counter[str]()
    for item in items:
        text, places = _render(item, [edit.new for edit in item.edits])
        texts.append(text)
        removed.append(
            tuple(Removed(e.type, e.start, e.end, *place) for e, place in zip(item.edits, places, strict=True))
        )
    for number in rows:
        if number is not None:
            counts.update(span.type for span in removed[number])
    out = pa.array(texts, pa.string()).take(pa.array(rows, pa.int64()))
    return Scrubbed(out, dict(sorted(counts.items())), [() if n is None else removed[n] for n in rows])
