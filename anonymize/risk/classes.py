"""The classes of a file: their rows, their people, and the values that each shows.

Most subjects own one row, and most rows stand in a class with others. So rows are first collapsed to distinct tuples
with their values; only the rows of subjects that own several are looked at one by one.

Tables made here: `class` (class, size, people), `cell0`, `cell1`, … (class, value, n) per sensitive column,
`seen` with the values of all rows, and `everybody` (people).
"""

from collections.abc import Sequence

import duckdb

from anonymize.risk.loading import quote


def classify(
    connection: duckdb.DuckDBPyConnection,
    qi: Sequence[str],
    sensitive: Sequence[str],
    owner: str | None,
    *,
    by_place: bool,
    several: str = "true",
    whole_sets: bool,
    sparse: bool = False,
) -> None:
    """Form the classes of the view `source` by the columns *qi*; *owner* names the column that says whose a row is.

    With *by_place* the view `whose` says it, by the place of a row: then the places of those few who own several rows
    are looked up, and no other.

    *several* is SQL that is true of each row whose owner has others too. *sparse* says that few rows are alike, so that
    collapsing them first is not worth its time.
    """
    run = connection.execute
    places = range(max(len(qi), 1))
    keys = ", ".join(f"source.{quote(name)} AS k{place}" for place, name in enumerate(qi)) or "1 AS k0"
    joined = ", ".join(f"k{place}" for place in places)
    values = "".join(f", source.{quote(name)} AS s{place}" for place, name in enumerate(sensitive))
    named = "".join(f", s{place}" for place in range(len(sensitive)))
    collapsed = f"SELECT {keys}{values}, count(*) AS n FROM source GROUP BY ALL"  # noqa: S608  # quoted names, here and below
    single = f"SELECT {keys}{values}, 1 AS n FROM source"  # noqa: S608
    run(f"CREATE TEMP VIEW seen AS {single}" if sparse else f"CREATE TEMP TABLE seen AS {collapsed}")
    first = "".join(f", min(s{place}) AS m{place}" for place in range(len(sensitive)))
    run(
        f"CREATE TEMP TABLE tuple AS SELECT {joined}, sum(n)::BIGINT AS size{first}"  # noqa: S608
        f" FROM seen GROUP BY {joined}"
    )

    def same(table: str) -> str:
        return " AND ".join(f"{table}.k{place} IS NOT DISTINCT FROM tuple.k{place}" for place in places)

    if owner is None and not by_place:
        run("CREATE TEMP TABLE everybody AS SELECT coalesce(sum(size), 0)::BIGINT AS people FROM tuple")
        run("CREATE TEMP TABLE class AS SELECT rowid AS class, size, size AS people FROM tuple")
    else:
        whose = "whose"
        mine = (
            "JOIN (FROM whose SEMI JOIN several ON whose.owner IS NOT DISTINCT FROM several.owner) AS mine"
            " USING (place_of_row)"
        )
        if owner is not None:
            whose = f"(SELECT {quote(owner)} AS owner FROM source WHERE {several})"  # noqa: S608
            mine = f"JOIN several AS mine ON source.{quote(owner)} IS NOT DISTINCT FROM mine.owner"
        run(
            f"CREATE TEMP TABLE several AS SELECT owner FROM {whose} GROUP BY owner"  # noqa: S608
            " HAVING count(*) > 1 OR owner IS NULL"
        )
        run(
            f"CREATE TEMP TABLE torn AS SELECT tuple.rowid AS tuple, owner{named}, n FROM"  # noqa: S608
            f" (SELECT {keys}{values}, mine.owner AS owner, count(*) AS n FROM source {mine} GROUP BY ALL) AS held"
            f" JOIN tuple ON {same('held')}"
        )
        run(
            "CREATE TEMP TABLE everybody AS SELECT ((SELECT coalesce(sum(size), 0) FROM tuple)"
            " - (SELECT coalesce(sum(n), 0) FROM torn) + (SELECT count(DISTINCT owner) FROM torn))::BIGINT AS people"
        )
        _count_people(connection, whole_sets=whole_sets)
    for place in range(len(sensitive)):
        _cells(connection, place, same("seen"), moved=(owner is not None or by_place) and whole_sets)


def _count_people(connection: duckdb.DuckDBPyConnection, *, whole_sets: bool) -> None:
    """Make `class` where subjects own several rows: a class is a tuple, or with *whole_sets* a set of tuples.

    `torn` has the rows of subjects that own several; with *whole_sets*, it keeps those of subjects with several tuples.
    """
    run = connection.execute
    if whole_sets:
        run(
            "CREATE TEMP TABLE apart AS SELECT owner, list_sort(list(DISTINCT tuple)) AS tuples FROM torn"
            " GROUP BY owner HAVING count(DISTINCT tuple) > 1"
        )
        run("CREATE TEMP TABLE sets AS SELECT tuples, -row_number() OVER () AS class FROM apart GROUP BY tuples")
    people, away = "count(DISTINCT owner)", "false"
    if whole_sets:
        run(
            "CREATE OR REPLACE TEMP TABLE torn AS SELECT torn.*, sets.class AS moved FROM torn"
            " LEFT JOIN apart ON torn.owner IS NOT DISTINCT FROM apart.owner LEFT JOIN sets USING (tuples)"
        )
        people, away = "count(DISTINCT owner) FILTER (moved IS NULL)", "moved IS NOT NULL"
    run(
        "CREATE TEMP TABLE class AS WITH held AS (SELECT tuple, sum(n)::BIGINT AS rows,"  # noqa: S608
        f" coalesce(sum(n) FILTER ({away}), 0)::BIGINT AS gone, {people} AS people FROM torn GROUP BY tuple)"
        " SELECT tuple.rowid AS class, size - coalesce(gone, 0) AS size,"
        " size - coalesce(held.rows, 0) + coalesce(held.people, 0) AS people"
        " FROM tuple LEFT JOIN held ON tuple.rowid = held.tuple"
        " WHERE size > coalesce(gone, 0)"
    )
    if whole_sets:
        run(
            "INSERT INTO class SELECT moved, sum(n)::BIGINT, count(DISTINCT owner) FROM torn"
            " WHERE moved IS NOT NULL GROUP BY moved"
        )
        run("DROP TABLE apart")
        run("DROP TABLE sets")


def _cells(connection: duckdb.DuckDBPyConnection, place: int, same: str, *, moved: bool) -> None:
    """Make the cells of the sensitive column at *place*.

    Classes of one row that show the same value are alike in all that is measured of values: one stands for them.
    """
    run, value = connection.execute, f"s{place:d}"
    apart, standing = "", "tuple"
    if moved:
        standing = "tuple SEMI JOIN class ON tuple.rowid = class.class"
        apart = (
            f" UNION ALL SELECT torn.tuple, {value}, -n FROM torn JOIN tuple ON torn.tuple = tuple.rowid"  # noqa: S608
            f" WHERE moved IS NOT NULL AND size > 1"
            f" UNION ALL SELECT moved, {value}, n FROM torn WHERE moved IS NOT NULL"
        )
    run(
        f"CREATE TEMP TABLE cell{place:d} AS SELECT class, value, sum(n)::BIGINT AS n FROM"  # noqa: S608
        f" (SELECT tuple.rowid AS class, seen.{value} AS value, n FROM seen JOIN tuple ON {same} WHERE size > 1"
        f" UNION ALL SELECT min(tuple.rowid), m{place:d}, 1 FROM {standing} WHERE size = 1 GROUP BY m{place:d}{apart})"
        " GROUP BY ALL HAVING sum(n) > 0"
    )
