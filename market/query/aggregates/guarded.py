"""A guarded question from its statement to its answer: what is asked of the engine, and what of it leaves."""

import math
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import pyarrow as pa

from market.query.aggregates.declared import Declared
from market.query.aggregates.protect import protect, schema_of
from market.query.aggregates.shape import Aggregate, shape
from market.query.aggregates.statement import written
from market.query.statements.gate import Statement
from policies.cells import Guard

MOST_CELLS = 100_000
"""More cells than this are too many to be of people enough."""

BEAT_S = 0.25
"""An answer leaves at a whole number of these after it was asked for: the clock tells little of what was found."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What an agreement in the mode `aggregates` is answered by."""

    tables: Mapping[str, Declared]
    guard: Guard
    secret: bytes
    seed: int


@dataclass(frozen=True, slots=True)
class Guarded:
    """A question of the one shape, and the statement that is run for it."""

    question: Aggregate
    sql: str


class Batches(Protocol):
    """What the engine gives: record batches, in any order of rows."""

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        """Give them one after the other."""


def guarded(statement: Statement, rules: Rules) -> Guarded:
    """Read a statement as a guarded question.

    Raises:
        QueryRefused: it is of another shape.
    """
    question = shape(statement, rules.tables)
    return Guarded(question, written(question, rules.tables, rules.seed))


@dataclass(frozen=True, slots=True)
class Answer:
    """The protected answer, as batches with a schema."""

    table: pa.Table
    message: None = None
    """It came in no message: it was made here."""

    @property
    def schema(self) -> pa.Schema:
        """Its columns."""
        return self.table.schema

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        yield from self.table.to_batches()


def answered(asked: Guarded, cells: Batches, rules: Rules, *, began_s: float) -> Answer:
    """Take all cells, protect them, and wait for the next beat after *began_s*, a moment of the monotonic clock."""
    found: list[dict[str, Any]] = [cell for batch in cells for cell in batch.to_pylist()]
    if found:
        table = protect(asked.question, found, rules.tables, rules.guard, rules.secret)
    else:
        table = schema_of(asked.question, rules.tables).empty_table()
    spent = time.monotonic() - began_s
    time.sleep(math.ceil(spent / BEAT_S) * BEAT_S - spent)
    return Answer(table)
