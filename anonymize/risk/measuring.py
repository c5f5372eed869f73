"""One measurement: what is counted, and what it is called."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from anonymize.errors import SourceError
from anonymize.held import work_folder
from anonymize.risk.classes import classify
from anonymize.risk.distances import distances, one
from anonymize.risk.loading import Data, Held, load
from anonymize.spilling import spilling
from policies.disclosure import Measured

MEMORY_MB = 2048
"""Memory of an engine that measures files."""


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

    def renamed(self, names: Mapping[str, str]) -> "Risk":
        """Give the same figures with the sensitive columns under other *names*."""
        return replace(
            self,
            l_distinct={names[name]: found for name, found in self.l_distinct.items()},
            l_entropy={names[name]: found for name, found in self.l_entropy.items()},
            t_equal={names[name]: found for name, found in self.t_equal.items()},
            t_ordered={names[name]: distance for name, distance in self.t_ordered.items()},
        )

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
    data: Data,
    qi: Sequence[str],
    sensitive: Sequence[str] = (),
    subject: str | None = None,
    *,
    subjects: Path | None = None,
    whole_sets: bool = True,
    memory_mb: int = MEMORY_MB,
) -> Risk:
    """Measure a Parquet or CSV file, several Parquet files, a table, or rows that an engine holds.

    *subject* names the column that says whose row it is; or *subjects* is a Parquet file whose one column says so, in
    the order of the rows. *whole_sets* False counts distinct subjects in each class of rows, as fits an edition that is
    only ever aggregated and shows no token. *memory_mb* limits an engine made for the measurement; what is more goes
    into encrypted temporary files.

    Raises:
        SourceError: the file cannot be read, a column is not there, or memory does not suffice.
    """
    with _engine(data, memory_mb) as connection:
        columns = load(connection, data, subjects)
        for name in (*qi, *sensitive, *([subject] if subject else [])):
            if name not in columns:
                raise SourceError("risk", f"there is no column {name!r}", fix=f"Name some of: {', '.join(columns)}.")
        classify(
            connection,
            qi,
            sensitive,
            subject,
            by_place=subjects is not None and subject is None,
            several=data.several if isinstance(data, Held) else "true",
            whole_sets=whole_sets,
            sparse=isinstance(data, Held),
        )
        rows, classes, k, uniques, pairs = one(
            connection,
            "SELECT coalesce(sum(size), 0)::BIGINT, count(*), coalesce(min(people), 0),"
            " count(*) FILTER (people = 1), coalesce(sum(people), 0)::BIGINT FROM class",
        )
        people = one(connection, "SELECT people FROM everybody")[0]
        sizes = dict(connection.execute("SELECT people, count(*) FROM class GROUP BY 1 ORDER BY 1").fetchall())
        shown = {name: distances(connection, place, columns[name]) for place, name in enumerate(sensitive)}
    return Risk(
        rows=rows,
        subjects=people,
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


@contextmanager
def _engine(data: Data, memory_mb: int) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give an engine: that of the rows, where one holds them; else a new one that forgets what it read."""
    if isinstance(data, Held):
        with data.connection.cursor() as connection:
            yield connection
        return
    with work_folder("risk") as folder, spilling(folder, f"{memory_mb:d}MB") as connection:
        connection.execute("SET preserve_insertion_order = false")
        try:
            yield connection
        except duckdb.OutOfMemoryException:
            found = f"the classes do not fit into {memory_mb:,} MB and its temporary files"
            raise SourceError("risk", found, fix="Free space on the disk of temporary files.") from None
