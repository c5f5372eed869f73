"""Disclosure risk of a file, measured by SQL that shares no code with what wrote it.

Definitions, and where they come from:

- **Class**: the rows that agree on all quasi-identifiers; null agrees with null. Where a subject column is given and
  a subject owns several rows, its class is its whole *set* of quasi-identifier tuples: that is what an attacker sees
  who joins the rows.
- **k**: distinct subjects in the smallest class (Sweeney, IJUFKS 10(5) 2002); rows where there is no subject column.
- **l, distinct** and **entropy** (Machanavajjhala et al., TKDD 1(1) 2007): the fewest distinct values in a class; and
  the smallest exp(−Σ p ln p). Null is a value.
- **t** (Li, Li, Venkatasubramanian, ICDE 2007): the largest earth mover's distance of a class to the whole table.
  Equal distance: ½ Σ |p − q|. Ordered distance, for numbers and dates: Σ |running total of (p − q)| ÷ (m − 1) over
  the m values in order, null last. Both count rows.
- **Prosecutor risk**: 1/k, the highest chance to pick the right row of somebody known to be in the file.
  **Journalist risk**: the same against the population; without a population table the file stands for it, so the
  figure equals the prosecutor's and bounds it from above. **Marketer risk**: classes ÷ subjects, the share of right
  guesses when all are matched (El Emam, Guide to the De-Identification of Personal Health Information, 2013).
- **Sample uniques**: classes of one subject.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from anonymize.errors import SourceError
from policies.disclosure import Measured


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """What was measured. Probabilities are shares of one; `t` holds None where a distance has no meaning."""

    rows: int
    subjects: int
    classes: int
    k: int
    class_sizes: Mapping[int, int]
    """Subjects in a class → how many classes have that many."""
    l_distinct: Mapping[str, int]
    l_entropy: Mapping[str, float]
    t_equal: Mapping[str, float]
    t_ordered: Mapping[str, float | None]
    prosecutor: float
    journalist: float
    marketer: float
    sample_uniques: int

    def to_dict(self) -> dict[str, Any]:
        """Give what `sluice risk --json` prints."""
        return {
            "rows": self.rows,
            "subjects": self.subjects,
            "classes": self.classes,
            "k": self.k,
            "class_sizes": {str(size): count for size, count in sorted(self.class_sizes.items())},
            "l": {
                name: {"distinct": self.l_distinct[name], "entropy": self.l_entropy[name]} for name in self.l_distinct
            },
            "t": {name: {"equal": self.t_equal[name], "ordered": self.t_ordered[name]} for name in self.t_equal},
            "prosecutor_risk": self.prosecutor,
            "journalist_risk": self.journalist,
            "marketer_risk": self.marketer,
            "sample_uniques": self.sample_uniques,
        }

    def measured(self, *, suppressed_share: float) -> Measured:
        """Give the figures the gate judges; t is the ordered distance where the values have an order."""
        ordered = {name: t for name, t in self.t_ordered.items() if t is not None}
        return Measured(
            subjects=self.subjects,
            minimum_class_size=self.k,
            maximum_risk=self.prosecutor,
            minimum_l=self.l_distinct,
            maximum_t={**self.t_equal, **ordered},
            suppressed_share=suppressed_share,
        )


def measure(
    data: Path | pa.Table,
    qi: Sequence[str],
    sensitive: Sequence[str] = (),
    subject: str | None = None,
    *,
    whole_sets: bool = True,
) -> Risk:
    """Measure a Parquet or CSV file, or a table.

    *whole_sets* False counts distinct subjects in each class of rows, as fits an edition that is only ever aggregated
    and shows no token.

    Raises:
        SourceError: the file cannot be read, or a column is not there.
    """
    with duckdb.connect(":memory:") as connection:
        connection.execute("SET enable_progress_bar = false")
        columns = _load(connection, data)
        for name in (*qi, *sensitive, *([subject] if subject else [])):
            if name not in columns:
                raise SourceError("risk", f"there is no column {name!r}", fix=f"Name some of: {', '.join(columns)}.")
        _classify(connection, qi, sensitive, subject, whole_sets=whole_sets)
        rows, subjects, classes, k, uniques = _one(
            connection,
            "SELECT coalesce(sum(size), 0)::BIGINT, (SELECT count(DISTINCT owner) FROM member), count(*),"
            " coalesce(min(people), 0), count(*) FILTER (people = 1) FROM class",
        )
        sizes = dict(connection.execute("SELECT people, count(*) FROM class GROUP BY 1 ORDER BY 1").fetchall())
        shown = {name: _column(connection, place, columns[name]) for place, name in enumerate(sensitive)}
        pairs = _one(connection, "SELECT coalesce(sum(people), 0)::BIGINT FROM class")[0]
    return Risk(
        rows=rows,
        subjects=subjects,
        classes=classes,
        k=k,
        class_sizes=sizes,
        l_distinct={name: found[0] for name, found in shown.items()},
        l_entropy={name: found[1] for name, found in shown.items()},
        t_equal={name: found[2] for name, found in shown.items()},
        t_ordered={name: found[3] for name, found in shown.items()},
        prosecutor=1 / k if k else 1.0,
        journalist=1 / k if k else 1.0,
        marketer=classes / pairs if pairs else 1.0,
        sample_uniques=uniques,
    )


def _load(connection: duckdb.DuckDBPyConnection, data: Path | pa.Table) -> dict[str, str]:
    """Make the view `source`; give its columns and their types."""
    if isinstance(data, pa.Table):
        connection.register("source", data)
    else:
        reader = "read_parquet" if data.suffix == ".parquet" else "read_csv"
        # the engine takes a name for a pattern, and a folder named a=b for a column
        path = "".join(f"[{letter}]" if letter in "*?[" else letter for letter in str(data)).replace("'", "''")
        try:
            connection.execute(
                f"CREATE VIEW source AS FROM {reader}('{path}', hive_partitioning = false)"
            )  # a quoted path
        except duckdb.Error as error:
            # the engine's message may quote cells, so it is not passed on
            raise SourceError(
                str(data),
                f"cannot be read ({type(error).__name__})",
                fix="Give a Parquet file, or a CSV with a header.",
            ) from None
    return {row[0]: row[1] for row in connection.execute("DESCRIBE source").fetchall()}


def _classify(
    connection: duckdb.DuckDBPyConnection,
    qi: Sequence[str],
    sensitive: Sequence[str],
    subject: str | None,
    *,
    whole_sets: bool,
) -> None:
    """Make `member` (each row's class, owner and sensitive values s0, s1, …) and `class` (its rows and people)."""
    group = f"dense_rank() OVER (ORDER BY {', '.join(map(_quote, qi))})" if qi else "1"
    owner = _quote(subject) if subject else "row_number() OVER ()"
    values = "".join(f", {_quote(name)} AS s{place}" for place, name in enumerate(sensitive))
    connection.execute(f"CREATE TEMP TABLE seen AS SELECT {group} AS tuple, {owner} AS owner{values} FROM source")  # noqa: S608  # quoted names
    if subject and whole_sets:
        connection.execute(
            "CREATE TEMP TABLE member AS"
            " WITH owned AS (SELECT owner, list_sort(list(DISTINCT tuple)) AS tuples FROM seen GROUP BY owner),"
            " classed AS (SELECT owner, dense_rank() OVER (ORDER BY tuples) AS class FROM owned)"
            " SELECT class, seen.* FROM seen JOIN classed ON seen.owner IS NOT DISTINCT FROM classed.owner"
        )
    else:
        connection.execute("CREATE TEMP TABLE member AS SELECT tuple AS class, * FROM seen")
    connection.execute(
        "CREATE TEMP TABLE class AS"
        " SELECT class, count(*) AS size, count(DISTINCT owner) AS people FROM member GROUP BY class"
    )


def _column(connection: duckdb.DuckDBPyConnection, place: int, kind: str) -> tuple[int, float, float, float | None]:
    """Give l (distinct, entropy) and t (equal, ordered) of the sensitive column at *place*."""
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE cell AS SELECT class, s{place:d} AS value, count(*) AS n"  # noqa: S608  # a number
        " FROM member GROUP BY ALL"
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE whole AS SELECT value, row_number() OVER (ORDER BY value NULLS LAST) AS rank,"
        " sum(n) / (sum(sum(n)) OVER ()) AS q FROM cell GROUP BY value"
    )
    found = _one(
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
    found = _one(
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


def _one(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[Any, ...]:
    row = connection.execute(sql).fetchone()
    if row is None:
        raise AssertionError("an aggregate without groups gives one row")
    return row


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
