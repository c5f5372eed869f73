"""Lineage: which columns a statement touches, said by the engine's own binder on empty shadow tables.

The binder expands ``*``, COLUMNS, whole rows and sub-queries exactly as the real run will, and there is no data to
leak. All optimisers but `unused_columns` are off: ``CASE WHEN false THEN city END`` touches *city*, whatever
an optimiser makes of it. Shadows stand behind views, as the files do in a worker, so hidden columns such as
``rowid`` do not bind here either.

The binder also computes what is constant: ``list_sort(range(10000000))[1]`` takes it minutes and gigabytes, and no
setting stops it. So what strangers write is bound in a worker (`market.query.workers.shadow`), which can be killed.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb

from market.query.errors import Code, QueryRefused
from market.query.statements.parameters import NONE, Parameters, for_engine
from market.query.statements.parser import locked_engine

_KEPT: Final = frozenset({"unused_columns"})
_SHADOWS: Final = "shadow"
_VALUE_LEAVES: Final = frozenset({"DUMMY_SCAN", "COLUMN_DATA_SCAN", "CTE_SCAN", "DELIM_SCAN", "EMPTY_RESULT"})
_VALUE_FUNCTIONS: Final = frozenset({"RANGE", "GENERATE_SERIES", "UNNEST"})
_NO_COLUMN: Final = ("Referenced column", "does not have a column named", "not found in FROM clause")


@dataclass(frozen=True, slots=True)
class Scan:
    """One reading of a licensed table; a statement that joins a table to itself has two."""

    table: str
    columns: tuple[str, ...]


def leaves(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The operators of a plan from which rows come."""
    children = plan.get("children") or ()
    if not children:
        yield plan
    for child in children:
        yield from leaves(child)


def only_values(leaf: Mapping[str, Any]) -> bool:
    """Say whether a leaf yields rows from literals or from another part of the plan, not from any table."""
    name = str(leaf["name"]).strip()
    return name in _VALUE_LEAVES or (name in _VALUE_FUNCTIONS and leaf["extra_info"].get("Function") == name)


def quoted(name: str) -> str:
    """*name* as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


Tables = Mapping[str, Sequence[tuple[str, str]]]
"""Name → (column, DuckDB type), in order."""

Files = Mapping[str, tuple[Path, ...]]
"""Name → the files that hold the table."""


class Binder(ABC):
    """Says what a statement reads of some tables, wherever it is bound. Safe to share among threads."""

    def __init__(self, tables: Tables) -> None:
        self._columns = {name: tuple(column for column, _ in columns) for name, columns in tables.items()}

    @abstractmethod
    def scans(self, sql: str, parameters: Parameters = NONE) -> tuple[Scan, ...]:
        """Every reading of a licensed table that *sql* makes; raises `QueryRefused` where it does not bind."""

    def touched(self, sql: str, parameters: Parameters = NONE) -> dict[str, tuple[str, ...]]:
        """Table → the columns that *sql* touches, in the table's order; ``count(*)`` touches none."""
        return self.columns_of(self.scans(sql, parameters))

    def columns_of(self, scans: Sequence[Scan]) -> dict[str, tuple[str, ...]]:
        """Table → the columns that *scans* read together, in the table's order."""
        found: dict[str, set[str]] = {}
        for scan in scans:
            found.setdefault(scan.table, set()).update(scan.columns)
        return {table: tuple(c for c in self._columns[table] if c in found[table]) for table in sorted(found)}


class Lineage(Binder):
    """The shadow of one agreement's tables, in this process."""

    def __init__(self, tables: Tables) -> None:
        super().__init__(tables)
        self._engine = locked_engine()
        optimisers = self._engine.execute("SELECT name FROM duckdb_optimizers()").fetchall()
        off = ",".join(name for (name,) in optimisers if name not in _KEPT)
        self._engine.execute(f"SET GLOBAL disabled_optimizers = '{off}'")
        self._engine.execute(f"CREATE SCHEMA {_SHADOWS}")
        self._tables = {}
        for name, columns in tables.items():
            shape = ", ".join(f"{quoted(column)} {kind}" for column, kind in columns)
            self._engine.execute(f"CREATE TABLE {_SHADOWS}.{quoted(name)} ({shape})")
            self._engine.execute(f"CREATE VIEW main.{quoted(name)} AS FROM {_SHADOWS}.{quoted(name)}")
            self._tables[f"memory.{_SHADOWS}.{name}"] = name
            self._tables[f"memory.{_SHADOWS}.{quoted(name)}"] = name
        self._engine.execute("SET GLOBAL max_execution_time = 2000")
        self._engine.execute("SET lock_configuration = true")

    def scans(self, sql: str, parameters: Parameters = NONE) -> tuple[Scan, ...]:
        """Every reading of a licensed table that *sql* makes; raises `QueryRefused` where it does not bind."""
        plans = self._plan(sql, parameters)
        return tuple(self._scan(leaf) for plan in plans for leaf in leaves(plan) if not only_values(leaf))

    def close(self) -> None:
        """Let the shadow engine go."""
        self._engine.close()

    def _plan(self, sql: str, parameters: Parameters) -> list[Mapping[str, Any]]:
        with self._engine.cursor() as cursor:
            try:
                rows = cursor.execute(f"EXPLAIN (FORMAT json) {sql}", for_engine(parameters)).fetchall()
            except duckdb.Error as error:
                raise self._refusal(error) from error
        if len(rows) != 1:
            raise QueryRefused(
                Code.NOT_ONE_STATEMENT, "This is not exactly one statement.", fix="Send one SELECT at a time."
            )
        plan: list[Mapping[str, Any]] = json.loads(rows[0][1])
        return plan

    def _scan(self, leaf: Mapping[str, Any]) -> Scan:
        info = leaf["extra_info"]
        table = self._tables.get(info.get("Table", ""))
        if str(leaf["name"]).strip() != "SEQ_SCAN" or table is None:
            raise QueryRefused(
                Code.PLAN_REFUSED,
                "The statement would read something other than the licensed tables.",
                fix=f"Read only {', '.join(self._columns)}.",
                detail=str(leaf["name"]),
            )
        projected = info.get("Projections") or []
        names = [projected] if isinstance(projected, str) else projected
        return Scan(table, tuple(c for c in self._columns[table] if any(_covers(c, name) for name in names)))

    def _refusal(self, error: duckdb.Error) -> QueryRefused:
        text = str(error)
        offer = "; ".join(f"{table} has {', '.join(columns)}" for table, columns in self._columns.items())
        if any(mark in text for mark in _NO_COLUMN):
            return QueryRefused(
                Code.UNKNOWN_COLUMN, "A column is named that no table here has.", fix=f"{offer}.", detail=text
            )
        return QueryRefused(
            Code.DOES_NOT_BIND,
            "The statement can be read, but its parts do not fit together.",
            fix=f"Check types, arguments, and that each selected column is grouped or aggregated: {offer}.",
            detail=text,
        )


def bound_here(tables: Tables, files: Files) -> Binder:
    """Bind in this process, which needs no *files*: only statements of one's own."""
    return Lineage(tables)


def _covers(column: str, projected: str) -> bool:
    """A projection is a column, or a field inside one (``place.city``); in doubt the column counts as touched."""
    return projected == column or projected.startswith(f"{column}.")
