"""Renderings as tables in an engine of their own: every value as text, and labels lifted to the level asked for."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from anonymize.held import work_folder
from anonymize.linkage.renderings import ROOT, Forest, LinkageError, Rendering
from anonymize.spilling import spilling

MEMORY = "2GB"
"""What the engine may hold; beyond that it spills into a temporary folder."""


@contextmanager
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a connection of bounded memory that forgets all when it closes."""
    with work_folder("linkage") as folder, spilling(folder, MEMORY) as connection:
        yield connection


def attach(connection: duckdb.DuckDBPyConnection, view: str, files: Sequence[Path], place: str) -> dict[str, str]:
    """Make *view* over the files, in their order; give its columns and their types.

    Raises:
        LinkageError: a file cannot be read.
    """
    paths = ", ".join(text("".join(f"[{c}]" if c in "*?[" else c for c in str(file))) for file in files)
    try:
        connection.execute(
            f"CREATE OR REPLACE TEMP VIEW {quote(view)} AS FROM read_parquet([{paths}], hive_partitioning = false)"
        )
        return {row[0]: row[1] for row in connection.execute(f"DESCRIBE {quote(view)}").fetchall()}
    except duckdb.Error as error:
        # the engine's message may quote paths or cells, so it is not passed on
        found = f"its files cannot be read ({type(error).__name__})"
        raise LinkageError(place, found, fix="Restore the files of what is published from a backup.") from None


class Labels:
    """Columns of one view as expressions over text, lifted through the trees."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, forest: Forest, rendering: Rendering, view: str, kinds: Any
    ) -> None:
        self._connection, self._forest, self._rendering, self._view = connection, forest, rendering, view
        self._kinds: dict[str, str] = kinds
        self._levels = rendering.levels()
        missing = sorted(name for name in self._levels if name not in kinds)
        if missing:
            raise LinkageError(rendering.name, f"lacks column {missing[0]!r}", fix="Restore its files from a backup.")
        self._joins: dict[tuple[str, int], str] = {}

    def value(self, name: str, *, numbers: bool = False) -> str:
        """Give a column as text; numbers in one form, where both sides hold numbers."""
        column = f"{quote(self._view)}.{quote(name)}"
        return f"CAST(CAST({column} AS DOUBLE) AS VARCHAR)" if numbers else f"CAST({column} AS VARCHAR)"

    def is_number(self, name: str) -> bool:
        """Say whether a column holds numbers."""
        return self._kinds[name].split("(")[0] in _NUMBERS

    def at(self, name: str, level: int) -> str:
        """Give a generalised column at *level*, its own or a coarser one.

        Raises:
            LinkageError: a published label has no parent in the trees.
        """
        own = self._levels[name]
        if own == level or own is None:
            return self.value(name)
        lifted = self._forest.lift(name, own, level)
        if lifted is None:
            return f"'{ROOT}'"
        if (name, level) not in self._joins:
            table = f"lift_{self._view}_{len(self._joins)}"
            pairs = pa.table({"label": list(lifted), "parent": list(lifted.values())}, schema=_PAIRS)
            self._connection.register(f"{table}_pairs", pairs)
            self._connection.execute(f"CREATE TEMP TABLE {table} AS FROM {table}_pairs")
            self._connection.unregister(f"{table}_pairs")
            self._refuse_orphans(name, table)
            self._joins[name, level] = table
        return f"{self._joins[name, level]}.parent"

    def source(self) -> str:
        """Give the view with all that `at` needs, for a FROM clause."""
        joins = "".join(
            f" LEFT JOIN {table} ON {table}.label = {self.value(name)}" for (name, _), table in self._joins.items()
        )
        return f"{quote(self._view)}{joins}"

    def _refuse_orphans(self, name: str, table: str) -> None:
        column = self.value(name)
        sql = (
            f"SELECT count(DISTINCT {column}) FROM {quote(self._view)}"  # noqa: S608  # quoted names
            f" WHERE {column} IS NOT NULL AND {column} NOT IN (SELECT label FROM {table})"
        )
        found = number(self._connection, sql)
        if found:
            raise LinkageError(
                f"{self._rendering.name}, column {name!r}",
                f"{found} published labels have no parent in its hierarchy",
                fix="Build again: the evidence must hold the tree of each generalised column.",
            )


_PAIRS = pa.schema([("label", pa.string()), ("parent", pa.string())])
_NUMBERS = frozenset(
    {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"}
    | {"FLOAT", "DOUBLE", "DECIMAL"}
)


def number(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    """Run a statement that gives one number; 0 where it gives null. All is fetched, so that the connection is free."""
    ((found,),) = connection.execute(sql).fetchall()
    return int(found or 0)


def quote(name: str) -> str:
    """Write a name as SQL."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """Write a text as SQL."""
    return "'" + value.replace("'", "''") + "'"
