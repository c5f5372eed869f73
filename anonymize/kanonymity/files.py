"""The search over files: what `sluice anonymity search DATA --hierarchies DIR` runs."""

import csv
import gzip
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
from pyarrow import csv as arrow_csv

from anonymize.errors import SourceError
from anonymize.kanonymity.hierarchies import read_folder
from anonymize.kanonymity.optimum import Optimum
from anonymize.kanonymity.search import Progress, search


def search_files(
    data: Path,
    hierarchies_dir: Path,
    qi: Sequence[str],
    k: int,
    suppression: float,
    *,
    progress: Progress | None = None,
) -> Optimum:
    """Find the optimum for the CSV in *data* (`;`, `,` or tab separated, gzip where it ends in .gz).

    `seconds` of the answer counts from reading the first byte to the optimum.

    Raises:
        SourceError: the file cannot be read, or lacks a column of *qi*.
        HierarchyError: a hierarchy is missing, no tree, or does not cover its column.
        InfeasibleError: no generalisation meets *k* within the limit.
    """
    started = time.perf_counter()
    table = _read(data, qi)
    hierarchies = read_folder(hierarchies_dir, qi)
    columns = [hierarchy.encode(table[name]) for hierarchy, name in zip(hierarchies, qi, strict=True)]
    found = search(columns, hierarchies, k=k, suppression=suppression, progress=progress)
    return replace(found, seconds=time.perf_counter() - started)


def _read(data: Path, qi: Sequence[str]) -> pa.Table:
    """Read the columns *qi* as text, just as they are written: nothing becomes a number or a null."""
    try:
        with gzip.open(data, "rb") if data.suffix == ".gz" else data.open("rb") as file:
            header = file.readline().decode("utf-8-sig").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        fix = "Give a CSV file in UTF-8, or one ending in .csv.gz."
        raise SourceError(str(data), "cannot be read", fix=fix) from error
    delimiter = max(";,\t", key=header.count)
    names = next(csv.reader([header], delimiter=delimiter), [])
    missing = [name for name in qi if name not in names]
    if missing:
        raise SourceError(str(data), f"has no column {missing[0]!r}", fix=f"Name some of: {', '.join(names)}.")
    try:
        return arrow_csv.read_csv(
            data,
            read_options=arrow_csv.ReadOptions(column_names=names, skip_rows=1),
            parse_options=arrow_csv.ParseOptions(delimiter=delimiter),
            convert_options=arrow_csv.ConvertOptions(
                include_columns=list(qi), column_types={name: pa.string() for name in names}, strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:
        # the engine's message quotes the row, so it is not passed on
        fix = "Give every line as many cells as the header."
        raise SourceError(str(data), "is no regular table in UTF-8", fix=fix) from None
