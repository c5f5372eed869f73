"""l and t of one sensitive column, from the rows of each value in each class."""

from typing import Any

import duckdb


def distances(connection: duckdb.DuckDBPyConnection, place: int, kind: str) -> tuple[int, float, float, float | None]:
    """Give l (distinct, entropy) and t (equal, ordered) of the sensitive column at *place*."""
    connection.execute(f"CREATE OR REPLACE TEMP VIEW cell AS FROM cell{place:d}")
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE whole AS SELECT s{place:d} AS value,"  # noqa: S608  # a number
        f" row_number() OVER (ORDER BY s{place:d} NULLS LAST) AS rank, sum(n) / (sum(sum(n)) OVER ()) AS q"
        f" FROM seen GROUP BY s{place:d}"
    )
    found = one(
        connection,
        "WITH share AS (SELECT class, cell.n / class.size AS p, q FROM cell JOIN class USING (class)"
        " JOIN whole ON cell.value IS NOT DISTINCT FROM whole.value),"
        " per AS (SELECT count(*) AS shown, exp(-sum(p * ln(p))) AS entropy, (sum(abs(p - q) - q) + 1) / 2 AS equal"
        " FROM share GROUP BY class)"
        " SELECT coalesce(min(shown), 0), coalesce(min(entropy), 0.0), coalesce(max(equal), 0.0) FROM per",
    )
    has_order = kind.split("(")[0] in _ORDERED
    return int(found[0]), float(found[1]), float(found[2]), _ordered(connection) if has_order else None


_ORDERED = frozenset(
    {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"}
    | {"FLOAT", "DOUBLE", "DECIMAL", "DATE", "TIMESTAMP", "TIME"}
)


def _ordered(connection: duckdb.DuckDBPyConnection) -> float:
    """Largest ordered distance of `cell` to `whole`.

    Between two values that a class shows, its running total P is constant and that of the whole, Q, rises. The ASOF
    join finds where Q passes P; the sums on either side come from running sums of Q (`below`: over all lower ranks).
    """
    found = one(
        connection,
        """
        WITH total AS (SELECT rank, sum(q) OVER (ORDER BY rank) AS upto FROM whole),
        line AS (SELECT rank, upto, sum(upto) OVER (ORDER BY rank) - upto AS below FROM total
                 UNION ALL SELECT max(rank) + 1, 1e9, sum(upto) FROM total),
        shown AS (SELECT class, whole.rank AS rank, n / size AS p FROM cell JOIN class USING (class)
                  JOIN whole ON cell.value IS NOT DISTINCT FROM whole.value),
        stretch AS (
            SELECT class, rank AS start, sum(p) OVER w AS p,
                   coalesce(lead(rank) OVER w, (SELECT max(rank) FROM line)) AS stop,
                   row_number() OVER w = 1 AS first
            FROM shown WINDOW w AS (PARTITION BY class ORDER BY rank)),
        crossed AS (
            SELECT stretch.*, least(greatest(line.rank, start), stop) AS turn
            FROM stretch ASOF JOIN line ON stretch.p < line.upto),
        moved AS (
            SELECT class, p * (turn - start) - (t.below - s.below) + (e.below - t.below) - p * (stop - turn)
                   + CASE WHEN first THEN s.below ELSE 0 END AS work
            FROM crossed JOIN line s ON s.rank = start JOIN line t ON t.rank = turn JOIN line e ON e.rank = stop)
        SELECT coalesce(max(work), 0.0) / greatest((SELECT count(*) FROM whole) - 1, 1)
        FROM (SELECT class, sum(work) AS work FROM moved GROUP BY class)
        """,
    )
    return float(found[0])


def one(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[Any, ...]:
    """Give the one row of an aggregate."""
    row = connection.execute(sql).fetchone()
    if row is None:
        raise AssertionError("an aggregate without groups gives one row")
    return row
