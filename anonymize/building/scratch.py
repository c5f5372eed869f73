"""The scratch database of one build: rows rest here, in memory that is limited, and overflow into encrypted files.

Tables are held in memory; what exceeds the limit goes to encrypted files in the workplace (`anonymize.spilling`), so a
killed build leaves no text of the source behind in clear. The folder is closed to others; the next build removes it.

No message of the engine is passed on: it may quote cells.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
import pyarrow as pa

from anonymize.errors import AnonymizeError
from anonymize.spilling import spilling

MEMORY_MB = 1024
"""Memory for the rows of a build, unless another limit is given."""
LEAST_MB = 128


class ScratchError(AnonymizeError):
    """The engine that holds the rows stopped."""


class Scratch:
    """One engine with one database; other threads use a `cursor`."""

    def __init__(self, folder: Path, memory_mb: int = MEMORY_MB) -> None:
        if memory_mb < LEAST_MB:
            raise ScratchError("memory", f"{memory_mb} MB are too few for a build", fix=f"Give at least {LEAST_MB} MB.")
        self.folder = folder
        folder.mkdir(mode=0o700, exist_ok=True)
        threads = len(os.sched_getaffinity(0))
        self._connection = spilling(folder, f"{memory_mb}MB", threads=threads)
        self._connection.execute("SET preserve_insertion_order = false")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._connection.close()

    @contextmanager
    def beside(self) -> Iterator[Self]:
        """Give the same database to another thread."""
        other = object.__new__(type(self))
        other.folder, other._connection = self.folder, self._connection.cursor()
        with other:
            yield other

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The engine itself, for who measures what is in it."""
        return self._connection

    def run(self, sql: str, parameters: Mapping[str, Any] | None = None) -> None:
        """Carry out *sql*."""
        with _silent():
            self._connection.execute(sql, dict(parameters) if parameters else None)

    def rows(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """Give a few rows."""
        with _silent():
            return self._connection.execute(sql, dict(parameters) if parameters else None).fetchall()

    def one(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Any:
        """Give the one value of the one row."""
        return self.rows(sql, parameters)[0][0]

    def table(self, sql: str) -> pa.Table:
        """Give a result whole: for what is distinct, not for rows."""
        with _silent():
            return self._connection.sql(sql).to_arrow_table()

    def batches(self, sql: str, size: int) -> Iterator[pa.RecordBatch]:
        """Give a result in batches of about *size* rows; other statements run on their own cursor meanwhile."""
        with _silent():
            cursor = self._connection.cursor()
        with cursor:
            with _silent():
                reader = cursor.sql(sql).to_arrow_reader(size)
            while True:
                with _silent():
                    batch = next(reader, None)
                if batch is None:
                    return
                yield batch

    def put(self, name: str, table: pa.Table) -> None:
        """Copy *table* into the database as *name*."""
        with _silent():
            self._connection.register("given", table)
            self._connection.execute(f"CREATE OR REPLACE TABLE {name} AS FROM given")
            self._connection.unregister("given")

    def fill(
        self, sql: str, schema: pa.Schema, batches: Iterable[pa.RecordBatch], parameters: Mapping[str, Any]
    ) -> None:
        """Carry out *sql* over a stream of batches, which it calls `stream`; an error of theirs stays what it is."""
        raised: list[BaseException] = []

        def told() -> Iterator[pa.RecordBatch]:
            try:
                yield from batches
            except BaseException as error:
                raised.append(error)
                raise

        try:
            with _silent():
                self._connection.register("stream", pa.RecordBatchReader.from_batches(schema, told()))
                self._connection.execute(sql, dict(parameters) or None)
        except ScratchError:
            if raised:
                raise raised[0] from None
            raise
        finally:
            self._connection.unregister("stream")


@contextmanager
def _silent() -> Iterator[None]:
    """Turn an error of the engine into one that quotes nothing."""
    try:
        yield
    except duckdb.OutOfMemoryException:
        fix = "Allow more memory (--memory-mb), or free space on the disk of the target."
        raise ScratchError("scratch", "the rows do not fit into memory and its temporary files", fix=fix) from None
    except (duckdb.Error, pa.ArrowException) as error:
        fix = "Try again with more memory (--memory-mb) and disk; if it stays, report it with the plan."
        raise ScratchError("scratch", f"the engine stopped ({type(error).__name__})", fix=fix) from None
