"""What is measured, as the view `source` of an engine: files by path, a table, or rows the engine holds already."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from anonymize.errors import SourceError


@dataclass(frozen=True, slots=True)
class Held:
    """Rows that rest in an engine already: the table or view *name* of *connection*."""

    connection: duckdb.DuckDBPyConnection
    name: str
    several: str = "true"
    """SQL that is true of each row whose subject owns others too."""


Data: TypeAlias = Path | Sequence[Path] | pa.Table | Held


def load(connection: duckdb.DuckDBPyConnection, data: Data, subjects: Path | None) -> dict[str, str]:
    """Make the view `source`; give its columns and their types.

    With *subjects*, which says whose each row is by its place, `source` has the place too, and `whose` is that file.
    """
    if isinstance(data, Held):
        connection.execute(f"CREATE TEMP VIEW source AS FROM {data.name}")
    elif isinstance(data, pa.Table):
        connection.register("source", data)
    else:
        paths = [data] if isinstance(data, Path) else list(data)
        try:
            connection.execute(f"CREATE TEMP VIEW source AS {_read(connection, paths, subjects)}")
        except (duckdb.Error, pa.ArrowException, OSError) as error:
            # the engine's message may quote cells, so it is not passed on
            raise SourceError(
                str(paths[0]) if paths else "risk",
                f"cannot be read ({type(error).__name__})",
                fix="Give a Parquet file, or a CSV with a header.",
            ) from None
    return {row[0]: row[1] for row in connection.execute("DESCRIBE source").fetchall()}


def _read(connection: duckdb.DuckDBPyConnection, paths: Sequence[Path], subjects: Path | None) -> str:
    """Give SQL of the rows of *paths*, each with its place where subjects are given by place."""
    if subjects is None:
        reader = "read_csv" if len(paths) == 1 and paths[0].suffix != ".parquet" else "read_parquet"
        return f"FROM {reader}([{', '.join(map(literal, paths))}], hive_partitioning = false)"
    parts, before = [], 0
    for path in paths:
        numbered = f"read_parquet({literal(path)}, hive_partitioning = false, file_row_number = true)"
        parts.append(
            f"SELECT * EXCLUDE (file_row_number), file_row_number + {before} AS place_of_row FROM {numbered}"  # noqa: S608  # a quoted path
        )
        before += pq.read_metadata(path).num_rows
    aside = f"read_parquet({literal(subjects)}, hive_partitioning = false, file_row_number = true)"
    if pq.read_metadata(subjects).num_rows != before:
        raise SourceError(str(subjects), "has other rows than the edition", fix="Give one subject per row.")
    connection.execute(
        "CREATE TEMP VIEW whose AS SELECT COLUMNS(* EXCLUDE (file_row_number)) AS owner,"  # noqa: S608  # as above
        f" file_row_number AS place_of_row FROM {aside}"
    )
    return " UNION ALL ".join(parts)


def literal(path: Path) -> str:
    """Quote a path; the engine takes a name for a pattern."""
    name = "".join(f"[{letter}]" if letter in "*?[" else letter for letter in str(path)).replace("'", "''")
    return f"'{name}'"


def quote(name: str) -> str:
    """Quote the name of a column."""
    return '"' + name.replace('"', '""') + '"'
