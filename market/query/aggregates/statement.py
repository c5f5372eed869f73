"""The SQL that a guarded question becomes: written anew from its shape, so that nothing of the asker's text is run.

First one row per cell and person, then one per cell. Conditions are counted with FILTER, not cut off with WHERE: every
question reads every row of its columns, whatever it asks, so that neither time nor bytes tell what was found.
"""

from collections.abc import Mapping

from market.query.aggregates.declared import Declared
from market.query.aggregates.shape import Aggregate, Column, Kind
from market.query.statements.lineage import quoted

LARGEST = 5
"""How many of the largest contributions are asked for; no guard counts more."""


def written(question: Aggregate, tables: Mapping[str, Declared], seed: int) -> str:
    """Write the SQL of *question*; *seed* is the edition's, 64 bits, and makes the keys of its records.

    It gives, per cell: the keys, `subjects`, `key` (modulo 2^64), `rows`, `largest_rows`, and for each measured column
    its subjects, their key, values, total, absolute total and the largest contributions.
    """
    first = question.tables[0]
    subject = tables[first[1]].subject
    assert subject is not None  # the shape refuses tables without
    condition = "TRUE" if question.condition is None else question.condition.sql
    measured = measured_of(question)
    inner = [f"{_written(key)} AS k{place}" for place, key in enumerate(question.keys)]
    inner.append(f"{quoted(first[0])}.{quoted(subject)} AS person")
    inner.append(f"count(*) FILTER (WHERE {condition}) AS n")
    for place, column in enumerate(measured):
        inner.append(f"count({_written(column)}) FILTER (WHERE {condition}) AS c{place}")
        if _added(question, column):
            inner.append(f"sum({_written(column)}::DOUBLE) FILTER (WHERE {condition}) AS s{place}")
    joined = f"{quoted(first[1])} AS {quoted(first[0])}"
    for alias, name in question.tables[1:]:
        joined += f" JOIN {quoted(name)} AS {quoted(alias)} USING ({quoted(subject)})"
    cells = [f"k{place}" for place in range(len(question.keys))]
    record = f"md5_number_lower(concat('{seed:016x}', person))"
    outer = [
        *cells,
        "count(*) FILTER (WHERE n > 0) AS subjects",
        f"(sum({record}) FILTER (WHERE n > 0) % 18446744073709551616)::UBIGINT AS key",
        "sum(n)::BIGINT AS rows",
        f"max(n, {LARGEST}) AS largest_rows",
    ]
    for place, column in enumerate(measured):
        outer += [
            f"count(*) FILTER (WHERE c{place} > 0) AS subjects{place}",
            f"(sum({record}) FILTER (WHERE c{place} > 0) % 18446744073709551616)::UBIGINT AS key{place}",
            f"sum(c{place})::BIGINT AS values{place}",
            f"max(c{place}, {LARGEST}) AS largest_values{place}",
        ]
        if _added(question, column):
            outer += [
                f"sum(s{place}) AS total{place}",
                f"sum(abs(s{place})) AS absolute{place}",
                f"max(abs(s{place}), {LARGEST}) AS largest{place}",
            ]
    inner_keys = ", ".join([*cells, "person"])
    outer_keys = f" GROUP BY {', '.join(cells)}" if cells else ""
    return (  # every name and literal in it was read from the shape and quoted here
        f"WITH people AS (SELECT {', '.join(inner)} FROM {joined} GROUP BY {inner_keys})"  # noqa: S608  # as said above
        f" SELECT {', '.join(outer)} FROM people{outer_keys}"
    )


def measured_of(question: Aggregate) -> list[Column]:
    """List the columns that are measured, each once."""
    return list(dict.fromkeys(one.column for one in question.statistics if one.column is not None))


def _added(question: Aggregate, column: Column) -> bool:
    return any(one.column == column and one.kind in (Kind.SUM, Kind.AVERAGE) for one in question.statistics)


def _written(column: Column) -> str:
    return f"{quoted(column.table)}.{quoted(column.name)}"
