"""Rows collapsed into the units that a search forms into classes, and the rows of a refused class left out.

A row's tuple is its nodes at the finest levels that the edition may use, mixed into one number, `u`. Only distinct
tuples come to Python; where subjects own several rows, also the distinct sets of tuples that they own, and where
classes must be diverse, the distinct pairs of unit and value.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from anonymize.building.scratch import Scratch
from anonymize.building.treating import Treated
from anonymize.kanonymity.lattice import Ints, Node, Tuples
from anonymize.kanonymity.optimum import Bools
from anonymize.kanonymity.sensitive import Cells
from anonymize.kanonymity.subjects import Linked, Rows, Sets, Subjects, Units
from anonymize.transform.outcome import Generalised
from policies.columns import Column

ROOM = 2**62
"""Tuples are mixed into one number while they stay below."""


@dataclass(slots=True)
class Classes:
    """The rows of one edition before its search: the view `placed`, over the table or view of rows named `rows`."""

    scratch: Scratch
    rows: str
    treated: Treated
    quasi: Sequence[Column]
    lowest: Node
    linked: bool
    repeated: bool
    name: str
    """What its tables are called after."""
    past: str | None = None
    """The column with each row's history in the release before, where there is one: it is part of the tuple."""
    history: Ints = None  # type: ignore[assignment]  # set by `units`
    """Of each tuple."""

    @property
    def placed(self) -> str:
        """The view of rows with their tuple, `u`."""
        return f"placed_{self.name}"

    def units(self) -> Units:
        """Collapse the rows."""
        self._place()
        found = self.scratch.table(
            f"SELECT u, count(*) AS rows, {self._any()} FROM {self.placed} GROUP BY u ORDER BY u"  # noqa: S608  # names of our own
        )
        self._numbers = found["u"].to_numpy().astype(np.int64)
        self.history = found["h"].to_numpy().astype(np.int64)
        leaves = tuple(found[f"q{place}"].to_numpy().astype(np.int32) for place in range(len(self.quasi)))
        hierarchies = tuple(self._done(column).hierarchy for column in self.quasi)
        tuples = Tuples(hierarchies, leaves, found["rows"].to_numpy().astype(np.int64))
        if not self.repeated:
            return Rows(tuples)
        self.scratch.put(f"held_{self.name}", pa.table({"u": found["u"], "held": found["rows"]}))
        sets = self._sets()
        return Linked(tuples, sets) if self.linked else Subjects(tuples, sets)

    _numbers: Ints = None  # type: ignore[assignment]  # set by `units`, which comes first

    def cells(self, column: Column, level: int | None) -> Cells:
        """Collapse a sensitive column to distinct pairs of unit and value; *level* where it is generalised."""
        value, join, count, ordered = self._ranks(column, level)
        unit, owned = "u", ""
        if self.linked and self.repeated:
            unit, owned = "unit", f"JOIN owned_{self.name} USING (owner)"
        found = self.scratch.table(
            f"SELECT {unit} AS unit, {value} AS value, count(*) AS rows"  # noqa: S608  # names of our own
            f" FROM {self.placed} {owned} {join} GROUP BY ALL ORDER BY ALL"
        )
        units = found["unit"].to_numpy().astype(np.int64)
        if unit == "u":
            units = np.searchsorted(self._numbers, units)
        values, rows = (found[name].to_numpy().astype(np.int64) for name in ("value", "rows"))
        return Cells(units, values, rows, max(count, 1), ordered)

    def leave_out(self, kept: Bools) -> str:
        """Make the view of the rows whose unit stays; give its name."""
        out, view = f"out_{self.name}", f"kept_{self.name}"
        refused = np.flatnonzero(~kept)
        if self.linked and self.repeated:
            self.scratch.put(out, pa.table({"unit": refused}))
            gone = f"(SELECT owner FROM owned_{self.name} SEMI JOIN {out} USING (unit)) AS gone USING (owner)"  # noqa: S608  # names of our own
        else:
            self.scratch.put(out, pa.table({"u": self._numbers[refused]}))
            gone = f"{out} USING (u)"
        self.scratch.run(f"CREATE VIEW {view} AS SELECT * EXCLUDE u FROM {self.placed} ANTI JOIN {gone}")  # noqa: S608  # names of our own
        return view

    def _done(self, column: Column) -> Generalised:
        return self.treated.generalised[column.name]

    def _place(self) -> None:
        """Make the view `placed`."""
        joins, keys, radices = [], [], []
        for place, (column, level) in enumerate(zip(self.quasi, self.lowest, strict=True)):
            hierarchy, value = self._done(column).hierarchy, self.treated.value(column)
            nodes = hierarchy.codes[level]
            radices.append(len(hierarchy.labels[level]))
            if (nodes == np.arange(len(nodes))).all():
                keys.append(f"{value}::BIGINT")
                continue
            lut = f"node_{self.name}_{place}"
            self.scratch.put(lut, pa.table({"leaf": np.arange(len(nodes), dtype=np.int32), "node": nodes}))
            joins.append(f"JOIN {lut} ON {self.rows}.{value} = {lut}.leaf")
            keys.append(f"{lut}.node::BIGINT")
        if self.past is not None:
            keys.append(f"{self.rows}.{self.past}::BIGINT")
            radices.append(self.scratch.one(f"SELECT max({self.past}) + 1 FROM {self.rows}"))  # noqa: S608  # names of our own
        mixed = "0::BIGINT"
        room = 1
        for key, radix in zip(keys, radices, strict=True):
            mixed, room = f"({mixed} * {radix} + {key})", room * radix
        if room >= ROOM:
            mixed = f"dense_rank() OVER (ORDER BY {', '.join(keys)})"
        self.scratch.run(
            f"CREATE VIEW {self.placed} AS SELECT {self.rows}.*, {mixed} AS u FROM {self.rows} {' '.join(joins)}"  # noqa: S608  # names of our own
        )

    def _any(self) -> str:
        """Select a leaf that speaks for the tuple, per column."""
        parts = [f"any_value({self.treated.value(column)}) AS q{place}" for place, column in enumerate(self.quasi)]
        return ", ".join([*parts, f"any_value({self.past or 0}) AS h"])

    def _sets(self) -> Sets:
        """Collapse subjects to distinct sets of tuples.

        `held` says how many rows each tuple has. Most subjects own one row, and of the others, whose numbers are below
        zero, most own one tuple: those are counted per tuple, and only the rest is listed. Where rows are linked,
        `owned` says which set each subject has.
        """
        name, run = self.name, self.scratch.run
        run(
            f"CREATE TABLE pair_{name} AS"  # noqa: S608  # names of our own, here and below
            f" SELECT owner, u, count(*) AS rows FROM {self.placed} WHERE owner < 0 GROUP BY ALL"
        )
        run(
            f"CREATE TABLE several_{name} AS SELECT owner, list(u ORDER BY u) AS tuples"  # noqa: S608
            f" FROM pair_{name} GROUP BY owner HAVING count(*) > 1"
        )
        alone = self.scratch.table(
            f"WITH torn AS (SELECT u, sum(rows) AS torn FROM pair_{name}"  # noqa: S608
            f" SEMI JOIN several_{name} USING (owner) GROUP BY u),"
            f" same AS (SELECT u, sum(rows - 1) AS same FROM pair_{name}"
            f" ANTI JOIN several_{name} USING (owner) GROUP BY u)"
            " SELECT u, (held - coalesce(torn, 0))::BIGINT AS rows, (rows - coalesce(same, 0))::BIGINT AS people"
            f" FROM held_{name} LEFT JOIN torn USING (u) LEFT JOIN same USING (u)"
            " WHERE held > coalesce(torn, 0) ORDER BY u"
        )
        first = alone.num_rows
        run(
            f"CREATE TABLE set_{name} AS SELECT tuples, count(*) AS people,"  # noqa: S608
            f" row_number() OVER (ORDER BY tuples) - 1 + {first} AS unit FROM several_{name} GROUP BY tuples"
        )
        run(f"CREATE TABLE owned_{name} AS SELECT owner, unit FROM several_{name} JOIN set_{name} USING (tuples)")  # noqa: S608
        people = self.scratch.table(f"SELECT people FROM set_{name} ORDER BY unit")  # noqa: S608
        members = self.scratch.table(
            f"SELECT unit, u, sum(rows)::BIGINT AS rows FROM pair_{name} JOIN owned_{name} USING (owner)"  # noqa: S608
            " GROUP BY ALL ORDER BY ALL"
        )
        if self.linked:
            self.scratch.put(f"number_{name}", pa.table({"u": alone["u"], "unit": np.arange(first)}))
            run(
                f"INSERT INTO owned_{name} SELECT owner, any_value(unit) FROM {self.placed}"  # noqa: S608
                f" ANTI JOIN several_{name} USING (owner) JOIN number_{name} USING (u) GROUP BY owner"
            )
        for table in ("held", "pair", "several", "set"):
            run(f"DROP TABLE {table}_{name}")

        def both(one: str) -> Ints:
            return np.concatenate([alone[one].to_numpy(), members[one].to_numpy()]).astype(np.int64)

        of_member = np.concatenate([np.arange(first), members["unit"].to_numpy()]).astype(np.int64)
        counts = np.concatenate([alone["people"].to_numpy(), people["people"].to_numpy()]).astype(np.int64)
        return Sets(of_member, np.searchsorted(self._numbers, both("u")), both("rows"), counts)

    def _ranks(self, column: Column, level: int | None) -> tuple[str, str, int, bool]:
        """Give SQL of the number of a value among those published, its join, their count, and if they have an order."""
        value, table = self.treated.value(column), f"rank_{self.name}_{self.treated.place[column.name]}"
        if level is None:
            self.scratch.run(
                f"CREATE TABLE {table} AS SELECT value, row_number() OVER (ORDER BY value NULLS LAST) - 1 AS rank"  # noqa: S608  # names of our own
                f" FROM (SELECT DISTINCT {value} AS value FROM {self.rows})"
            )
            kinds = self.scratch.rows(f"SELECT typeof(value) FROM {table} LIMIT 1")  # noqa: S608  # as above
            count = self.scratch.one(f"SELECT count(*) FROM {table}")  # noqa: S608  # as above
            join = f"JOIN {table} ON {self.placed}.{value} IS NOT DISTINCT FROM {table}.value"
            return f"{table}.rank", join, count, bool(kinds) and kinds[0][0] != "VARCHAR"
        ranks = ranks_of(self._done(column).labels(level))
        self.scratch.put(table, pa.table({"leaf": np.arange(len(ranks), dtype=np.int32), "rank": ranks}))
        join = f"JOIN {table} ON {self.placed}.{value} = {table}.leaf"
        return f"{table}.rank", join, int(ranks.max()) + 1, level in self._done(column).typed


def ranks_of(labels: pa.Array) -> Ints:
    """Number *labels* in ascending order, equal ones alike, null the last."""
    encoded = labels.dictionary_encode(null_encoding="encode")
    order = pc.rank(encoded.dictionary, sort_keys="ascending").to_numpy()
    ranks: Ints = (order.astype(np.int64) - 1)[encoded.indices.to_numpy()]
    return ranks
