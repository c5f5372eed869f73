"""The cells of a source laid aside, so that each column's distinct values can be gone through in bounded memory.

They lie in memory up to a limit; what is more goes to files in a temporary folder that only this account may open and
that is removed at the end. They are encrypted, by `anonymize.spilling`: whoever kills an inspection finds no
text of the source in clear.
"""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa

from anonymize.held import WORK, held_folder
from anonymize.spilling import spilling

MEMORY, THREADS = "1GB", 2
BATCH = 20_000
"""Distinct values given at a time."""
_SQL = "SELECT {what} FROM cells{rest}"


class Distincts:
    """Batches in; counts, distinct values and quantiles of each column out. Columns are told by position."""

    def __init__(self, columns: int, *, folder: Path | None = None) -> None:
        self.rows = 0
        with ExitStack() as opened:
            work = opened.enter_context(held_folder(folder or Path(tempfile.gettempdir()), f"{WORK}inspect-"))
            self._database = opened.enter_context(spilling(work / "spill", MEMORY, threads=THREADS))
            self._database.execute("SET preserve_insertion_order = false")
            names = ", ".join(f"c{index} VARCHAR" for index in range(columns))
            self._database.execute(f"CREATE TABLE cells ({names})")
            self._opened = opened.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._opened.close()

    def add(self, batch: pa.RecordBatch) -> None:
        """Lay the rows of *batch* aside."""
        self._database.register("batch", batch)
        self._database.execute("INSERT INTO cells SELECT * FROM batch").fetchall()
        self._database.unregister("batch")
        self.rows += batch.num_rows

    def present(self, column: int) -> int:
        """Count the rows that have a value."""
        found = self._database.execute(_SQL.format(what=f"count(c{column})", rest="")).fetchall()
        return int(found[0][0])

    def values(self, column: int) -> Iterator[list[str]]:
        """Give each distinct value once, in lists."""
        asked = self._database.sql(_SQL.format(what=f"DISTINCT c{column}", rest=f" WHERE c{column} IS NOT NULL"))
        for batch in asked.to_arrow_reader(BATCH):
            yield batch.column(0).to_pylist()

    def quantiles(self, column: int, points: tuple[float, ...]) -> tuple[float, ...]:
        """Give the values of a column of numbers at *points* from 0 to 1, the lower one where a point lies between."""
        number = f"TRY_CAST(c{column} AS DOUBLE)"
        rest = f" WHERE isfinite({number}) GROUP BY 1 ORDER BY 1"
        asked = self._database.execute(_SQL.format(what=f"{number}, count(*)", rest=rest)).fetchnumpy()
        values, counts = list(asked.values())
        if not len(values):
            return (0.0,) * len(points)
        upto = counts.cumsum()
        last = int(upto[-1]) - 1
        return tuple(float(values[int((upto > int(point * last)).argmax())]) for point in points)
