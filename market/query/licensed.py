"""What an agreement's terms give access to: its files and their columns."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow.parquet as pq
from sqlmodel import Session

from catalog.cuts import check_servable, cut_files_of
from catalog.models import CutFile, EditionFile
from catalog.releases import files_of
from policies.terms import Terms

DUCKDB_TYPES = {
    "string": "VARCHAR",
    "large_string": "VARCHAR",
    "bool": "BOOLEAN",
    "int8": "TINYINT",
    "int16": "SMALLINT",
    "int32": "INTEGER",
    "int64": "BIGINT",
    "float": "FLOAT",
    "double": "DOUBLE",
    "date32[day]": "DATE",
}
"""Arrow types that editions are written with, and what DuckDB reads them as."""


def served(session: Session, terms: Terms) -> Sequence[EditionFile | CutFile]:
    """List the files that *terms* give access to: those of the cut they name, or of the whole edition."""
    if terms.cut is None:
        return files_of(session, terms.edition)
    return cut_files_of(session, check_servable(session, terms.cut, terms.edition).id)


def columns_of(files: Sequence[Path]) -> list[tuple[str, str]]:
    """List an edition's columns with their DuckDB types, from the footer of its first file."""
    schema = pq.read_schema(files[0])
    return [(name, DUCKDB_TYPES[str(kind)]) for name, kind in zip(schema.names, schema.types, strict=True)]
