"""Rows that a value links: where nobody may see which rows are one person's, a value of hers alone would say so.

Without a token, k of an edition that serves rows counts the subjects of each tuple, not of whole sets of tuples. That
holds only while nothing else in the rows joins them. Quasi-identifiers do not: k subjects share each of their values.
Every other column is looked at alone, as it is published; that two columns together link rows is not looked for.
"""

import numpy as np
import pyarrow as pa

from anonymize.building.nesting import Edition
from anonymize.building.scratch import Scratch
from anonymize.building.treating import Treated
from anonymize.errors import GateFailed
from policies.columns import Column, Role, Treatment
from policies.disclosure import Failure
from policies.profile import Mode

FIX = "Drop the column, withhold it, generalise it, or publish a token so that k counts whole sets."


def pass_links(scratch: Scratch, edition: Edition, treated: Treated, *, rows: int, repeated: bool) -> None:
    """Refuse *edition* where a column links more rows than may be suppressed; the source had *rows*.

    Nothing is counted unless subjects own several rows (*repeated*), which are served, and no token links them anyway.

    Raises:
        GateFailed: naming each column that links too many.
    """
    token = any(column.treatment is Treatment.TOKEN for column in edition.columns)
    if not repeated or token or Mode.RECORDS not in edition.profile.modes:
        return
    limit = edition.profile.suppression_limit
    failures = []
    for column in edition.columns:
        if column.role is Role.QUASI_IDENTIFIER:
            continue
        share = _linked(scratch, edition, treated, column) / rows
        if share > limit:
            failures.append(Failure(f"rows_linked by {column.published_as}", limit, share, FIX))
    if failures:
        raise GateFailed(tuple(failures), f"gate of edition {edition.profile.name!r}")


def _linked(scratch: Scratch, edition: Edition, treated: Treated, column: Column) -> int:
    """Count the rows with a published value that one subject alone has, and in several rows."""
    value, join = f"{edition.rows}.{treated.value(column)}", ""
    if (level := edition.levels[column.name]) is not None:
        table = f"label_{edition.profile.name}_{treated.place[column.name]}"
        labels = treated.generalised[column.name].labels(level).dictionary_encode().indices
        scratch.put(table, pa.table({"leaf": np.arange(len(labels), dtype=np.int32), "label": labels}))
        value, join = f"{table}.label", f"JOIN {table} ON {value} = {table}.leaf"
    found = scratch.one(
        f"SELECT coalesce(sum(n), 0)::BIGINT FROM (SELECT count(*) AS n FROM {edition.rows} {join}"  # noqa: S608  # names of our own
        f" WHERE {value} IS NOT NULL GROUP BY {value} HAVING count(*) > 1 AND min(owner) = max(owner))"
    )
    if join:
        scratch.run(f"DROP TABLE {table}")
    return int(found)
