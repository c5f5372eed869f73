"""A whole column searched: each distinct value once, on as many cores as there are, in bounded memory.

Arrow encodes a chunk of the column by its distinct values; what the pre-filter lets through goes to the recognisers.
Workers are processes of their own, for a model runs on one thread; they are started only for work that repays the
second in which they start.
"""

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from anonymize.detect.findings import Finding
from anonymize.detect.prefilter import worth_a_look
from anonymize.detect.recall import BALANCED, Recall

Column: TypeAlias = pa.Array | pa.ChunkedArray
Progress: TypeAlias = Callable[[str], None]

ROWS = 1_000_000
"""Rows encoded at once: what a column of any length needs in memory."""
TOGETHER = 4_000
"""Distinct values given to one worker at once."""
WORTH_A_WORKER = 20_000
"""Distinct values to be looked at from which on more processes than one are started."""


NAMED = frozenset({"PERSON", "ADDRESS", "LOCATION", "ORGANIZATION"})
"""Types that have no form of their own."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows of a column: which distinct value each has, and what was found in the distinct values."""

    rows: pa.Array
    """Place in `distinct` of each row's value; missing where the cell is missing, or can hold nothing."""
    distinct: pa.Array
    found: dict[int, list[Finding]]
    """Findings by place in `distinct`; values without any are left out."""


def find_in_column(
    column: Column,
    *,
    language: str = "zh",
    recall: Recall = BALANCED,
    types: Collection[str] | None = None,
    processes: int | None = None,
    progress: Progress | None = None,
) -> Iterator[Chunk]:
    """Find personal data in the strings of *column*, some rows at a time, in their order.

    *processes* are by default one for each core this process may use.

    Raises:
        ModelError: a file of the language's model is missing or altered.
    """
    search = partial(_search, language=language, recall=recall, types=None if types is None else frozenset(types))
    with _Workers(search, processes or len(os.sched_getaffinity(0))) as workers:
        seen = 0
        for rows in _chunks(column):
            worth = pa.array(worth_a_look(rows, names=wants_names(types), language=language))
            encoded = pc.dictionary_encode(pc.if_else(worth, rows, pa.scalar(None, rows.type)))
            distinct = encoded.dictionary
            found: dict[int, list[Finding]] = {}
            for first, findings in workers.run(distinct):
                found |= {first + at: of for at, of in enumerate(findings) if of}
            seen += len(rows)
            if progress is not None:
                progress(f"searched {seen:,} rows: {len(distinct):,} distinct values, {len(found):,} with findings")
            yield Chunk(encoded.indices, distinct, found)


def wants_names(types: Collection[str] | None) -> bool:
    """Say whether one of *types* needs more than the rules for identifiers."""
    return types is None or not NAMED.isdisjoint(types)


def _chunks(column: Column) -> Iterator[pa.Array]:
    parts: Iterable[pa.Array] = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    for part in parts:
        for first in range(0, len(part), ROWS):
            yield part.slice(first, ROWS)


def _search(texts: list[str], *, language: str, recall: Recall, types: frozenset[str] | None) -> list[list[Finding]]:
    from anonymize.detect.analyzer import find_all  # Presidio takes a second to import

    return find_all(texts, language=language, recall=recall, types=types)


class _Workers:
    """Runs a search here, or in processes once there is enough to do."""

    def __init__(self, search: Callable[[list[str]], list[list[Finding]]], processes: int) -> None:
        self._search, self._processes = search, processes
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> "_Workers":
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def run(self, distinct: pa.Array) -> Iterator[tuple[int, list[list[Finding]]]]:
        """Search the values of *distinct*, some at a time; gives the place of the first with the findings of each."""
        if self._pool is None and self._processes > 1 and len(distinct) >= WORTH_A_WORKER:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self._processes, mp_context=context)
        waiting: deque[tuple[int, Future[list[list[Finding]]]]] = deque()
        for first in range(0, len(distinct), TOGETHER):
            texts = distinct.slice(first, TOGETHER).to_pylist()
            if self._pool is None:
                yield first, self._search(texts)
                continue
            waiting.append((first, self._pool.submit(self._search, texts)))
            if len(waiting) > 2 * self._processes:
                done, future = waiting.popleft()
                yield done, future.result()
        for done, future in waiting:
            yield done, future.result()
