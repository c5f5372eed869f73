"""A mock table: the true names and types of an edition, and synthetic values.

It is made from what is published already: the statistics of the release and the trees in its evidence. Each column is
drawn by itself, so whatever two columns say together is lost, and no row describes anybody. SQL that runs on it runs on
the edition. The draw is seeded by the evidence's hash: one release has one mock per edition.
"""

import io
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from anonymize.errors import SourceError
from anonymize.previews import synthetic
from anonymize.previews.trees import Tree

ROWS = 1_000
LABEL = "Synthetic: each column drawn by itself from published statistics. No row describes anybody."
ROW_GROUP_ROWS = 122_880


def mock(statistics: Mapping[str, Any], trees: Mapping[str, Any], profile: str, *, rows: int = ROWS) -> pa.Table:
    """Draw the mock of the edition *profile*.

    *statistics* are those of `previews.statistics`, *trees* those of the evidence. Where neither says what a column
    may hold, it gets the placeholders of its type.

    Raises:
        SourceError: a column has a type that editions do not have.
    """
    edition = next(entry for entry in statistics["editions"] if entry["profile"] == profile)
    schema = schema_of(edition)
    arrays = []
    for column in edition["columns"]:
        rng = np.random.default_rng(_seed(statistics["evidence"], profile, column["name"]))
        arrays.append(_column(statistics, trees, column, schema.field(column["name"]).type, rng, rows))
    return pa.Table.from_arrays(arrays, schema=schema)


def schema_of(edition: Mapping[str, Any]) -> pa.Schema:
    """Give the Arrow schema of an edition as `previews.statistics` describes it."""
    fields = []
    for column in edition["columns"]:
        try:
            fields.append(pa.field(column["name"], pa.type_for_alias(column["type"])))
        except ValueError:
            place = f"column {column['name']!r}"
            fix = "Publish it as text, number, date or truth value."
            raise SourceError(place, f"has the type {column['type']}", fix=fix) from None
    return pa.schema(fields)


def to_parquet(table: pa.Table, evidence: str) -> bytes:
    """Write a mock as an edition is written, but labelled as synthetic in the file itself."""
    out = io.BytesIO()
    with pq.ParquetWriter(
        out, table.schema, compression="zstd", use_dictionary=True, write_statistics=True, store_schema=False
    ) as writer:
        writer.write_table(table, row_group_size=ROW_GROUP_ROWS)
        writer.add_key_value_metadata({"sluice:synthetic": LABEL, "sluice:evidence": evidence})
    return out.getvalue()


def _column(
    statistics: Mapping[str, Any],
    trees: Mapping[str, Any],
    column: Mapping[str, Any],
    kind: pa.DataType,
    rng: np.random.Generator,
    rows: int,
) -> pa.Array:
    if column["role"] == "subject" or column["treatment"] == "token":
        return pa.array(synthetic.tokens(rng, rows)).cast(kind)
    if column["role"] == "free_text":
        return pa.array(synthetic.texts(rows)).cast(kind)
    shown, published = _open(statistics, column["name"])
    if shown and published["level"] == column["level"] and published["type"] == str(kind):
        drawn = synthetic.from_margin(shown, kind, rng, rows)
    elif column["level"] is not None and column["name"] in trees:
        tree = Tree.of(trees[column["name"]])
        labels = synthetic.labels(shown, rng, rows) if shown and published["level"] is not None else None
        level = published["level"] if labels is not None else tree.top
        drawn = tree.descended(labels or [tree.root] * rows, level, column["level"], kind, rng)
    else:
        drawn = None
    return synthetic.placeholders(kind, rng, rows) if drawn is None else drawn


def _open(statistics: Mapping[str, Any], name: str) -> tuple[Mapping[str, Any] | None, Mapping[str, Any]]:
    """Give what the open edition shows of a column, and how it is published there."""
    if statistics["open"] is None:
        return None, {}
    shown = next((column for column in statistics["open"]["columns"] if column["name"] == name), None)
    edition = next(entry for entry in statistics["editions"] if entry["profile"] == "open")
    return shown, next((column for column in edition["columns"] if column["name"] == name), {})


def _seed(evidence: str, profile: str, name: str) -> int:
    return int.from_bytes(sha256(f"{evidence}\n{profile}\n{name}".encode()).digest())
