r"""The rows of a database in a form that both databases write and read: PostgreSQL's COPY text, one file per table.

A line is a row, its columns parted by tabs, in the order that the manifest names. `\N` is no value. In a text a
backslash is written twice, and the controls from backspace to return as `\b`, `\t`, `\n`, `\v`, `\f` and `\r`. Booleans
are `t` and `f`, moments `2026-11-24 08:00:00.5+00` in UTC, days `2026-11-24`, bytes `\\x` and hex. Texts are UTF-8.
Rows are in the order of their primary keys.

What follows from other rows, the search index, is made again and not kept. A PostgreSQL is read in one snapshot, and
filled in one transaction.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, MetaData, Table

SUFFIX = ".copy"
PART = 1 << 20
BATCH = 5000
FOLLOWS = ("search_document", "search_facts", "search_text", "search_value", "search_word")
"""Tables that are made again from the others."""

KINDS: Sequence[tuple[type[Any], str]] = (
    (sa.Boolean, "boolean"),
    (sa.DateTime, "moment"),
    (sa.Date, "day"),
    (sa.LargeBinary, "bytes"),
    (sa.Integer, "integer"),
    (sa.String, "text"),
)
"""By the database's own types; BIGINT is an Integer, TEXT a String."""

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_ESCAPED = re.compile(r"\\(.)")
_PLAIN = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_ESCAPES = str.maketrans({"\\": "\\\\", **{plain: f"\\{letter}" for letter, plain in _PLAIN.items()}})


@dataclass(frozen=True, slots=True)
class Kept:
    """A table in the portable form."""

    table: str
    columns: Sequence[Sequence[str]]
    """Name and kind of each."""
    rows: int

    def __post_init__(self) -> None:
        kinds = {kind for _, kind in KINDS}
        names = [self.table, *(name for name, _ in self.columns)]
        if not all(_NAME.fullmatch(name) for name in names) or not kinds.issuperset(kind for _, kind in self.columns):
            raise ValueError(f"no table that was kept: {self.table!r}")


def dump(connection: Connection, folder: Path) -> list[Kept]:
    """Write every table of the snapshot that *connection* sees to *folder*; gives them so that parents come first."""
    return [_dump(connection, table, folder / f"{table.name}{SUFFIX}") for table in tables(connection)]


def load(connection: Connection, folder: Path, kept: Sequence[Kept]) -> None:
    """Fill the tables of an empty database, at the revision of the dump, from *folder*."""
    with _unguarded(connection, [entry.table for entry in kept]):
        for entry in kept:
            connection.execute(sa.delete(sa.table(entry.table)))  # what the revisions themselves put there
            _load(connection, entry, folder / f"{entry.table}{SUFFIX}")


def count(connection: Connection) -> dict[str, int]:
    """Count the rows of each table."""
    return {
        table.name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
        for table in tables(connection)
    }


def tables(connection: Connection) -> list[Table]:
    """Find the tables that are kept, parents first."""
    left_out = ("alembic_version", *FOLLOWS)
    metadata = MetaData()
    metadata.reflect(connection, only=lambda name, _: not name.startswith(left_out))
    return metadata.sorted_tables


def _dump(connection: Connection, table: Table, file: Path) -> Kept:
    columns = [[column.name, _kind(column)] for column in table.columns]
    rows = 0
    with file.open("xb") as out:
        if connection.dialect.name == "postgresql":
            for setting in ("timezone = 'UTC'", "datestyle = 'ISO'", "bytea_output = 'hex'"):
                connection.exec_driver_sql(f"SET LOCAL {setting}")
            names = ", ".join(f'"{name}"' for name, _ in columns)
            order = ", ".join(f'"{column.name}"{_as_bytes(column)}' for column in table.primary_key)
            query = f'COPY (SELECT {names} FROM "{table.name}" ORDER BY {order}) TO STDOUT'  # noqa: S608  # our names
            with _driver(connection).cursor().copy(query) as copy:
                for block in copy:
                    out.write(block)
                    rows += bytes(block).count(b"\n")
        else:
            write = [_WRITE[kind] for _, kind in columns]
            found = connection.execution_options(stream_results=True).execute(
                sa.text(_select(table, [name for name, _ in columns]))
            )
            for row in found.yield_per(BATCH):
                cells = ("\\N" if cell is None else put(cell) for put, cell in zip(write, row, strict=True))
                out.write(("\t".join(cells) + "\n").encode())
                rows += 1
    return Kept(table.name, columns, rows)


def _load(connection: Connection, entry: Kept, file: Path) -> None:
    names = ", ".join(f'"{name}"' for name, _ in entry.columns)
    if connection.dialect.name == "postgresql":
        with (
            file.open("rb") as rows,
            _driver(connection).cursor().copy(f'COPY "{entry.table}" ({names}) FROM STDIN') as copy,
        ):
            while part := rows.read(PART):
                copy.write(part)
        return
    read = [_READ[kind] for _, kind in entry.columns]
    places = ", ".join("?" for _ in entry.columns)
    statement = f'INSERT INTO "{entry.table}" ({names}) VALUES ({places})'  # noqa: S608  # our names
    with file.open(encoding="utf-8", newline="\n") as lines:
        for batch in _batches(lines):
            connection.exec_driver_sql(statement, [_cells(line, read) for line in batch])


def _batches(lines: Iterable[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    for line in lines:
        batch.append(line)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _cells(line: str, read: Sequence[Callable[[str], Any]]) -> tuple[Any, ...]:
    cells = line.removesuffix("\n").split("\t")
    return tuple(None if cell == "\\N" else take(cell) for take, cell in zip(read, cells, strict=True))


@contextmanager
def _unguarded(connection: Connection, names: Sequence[str]) -> Iterator[None]:
    """Let rows in as they are: the triggers of these tables are off for the length of the block."""
    if connection.dialect.name == "postgresql":
        for name in names:
            connection.exec_driver_sql(f'ALTER TABLE "{name}" DISABLE TRIGGER USER')
        yield
        for name in names:
            connection.exec_driver_sql(f'ALTER TABLE "{name}" ENABLE TRIGGER USER')
        return
    found = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all()
    for name, _ in found:
        connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
    yield
    for _, statement in found:
        connection.exec_driver_sql(statement)


def _kind(column: sa.Column[Any]) -> str:
    for kind, name in KINDS:
        if isinstance(column.type, kind):
            return name
    raise TypeError(f"{column.table.name}.{column.name} is of a type that no backup keeps: {column.type!r}")


def _as_bytes(column: sa.Column[Any]) -> str:
    """Sort texts by their bytes, as SQLite does."""
    return ' COLLATE "C"' if _kind(column) == "text" else ""


def _select(table: Table, names: Sequence[str]) -> str:
    columns = ", ".join(f'"{name}"' for name in names)
    order = ", ".join(f'"{column.name}"' for column in table.primary_key)
    return f'SELECT {columns} FROM "{table.name}" ORDER BY {order}'  # noqa: S608  # our names


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection


def _moment_out(stored: str) -> str:
    """Write a moment as PostgreSQL does; SQLite holds it in UTC with six digits after the second."""
    whole, _, part = stored.partition(".")
    part = part.rstrip("0")
    return f"{whole}.{part}+00" if part else f"{whole}+00"


def _moment_in(text: str) -> str:
    return datetime.fromisoformat(text).astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def _text_in(text: str) -> str:
    return _ESCAPED.sub(lambda found: _PLAIN.get(found[1], found[1]), text) if "\\" in text else text


_WRITE: Mapping[str, Callable[[Any], str]] = {
    "boolean": lambda value: "t" if value else "f",
    "moment": _moment_out,
    "day": str,
    "bytes": lambda value: f"\\\\x{value.hex()}",
    "integer": str,
    "text": lambda value: value.translate(_ESCAPES),
}
_READ: Mapping[str, Callable[[str], Any]] = {
    "boolean": lambda text: text == "t",
    "moment": _moment_in,
    "day": str,
    "bytes": lambda text: bytes.fromhex(text.removeprefix("\\\\x")),
    "integer": int,
    "text": _text_in,
}
