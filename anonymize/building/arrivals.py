"""Who is new in a class, compared with the same edition of the release before: they come in numbers of k, or wait.

A subject's *history* is the set of classes it stood in then, numbered from 1; 0 is nobody's. Both releases' classes
are formed at one node: the old ones are lifted through the trees that were published with them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import numpy as np
import pyarrow.parquet as pq

from anonymize.building.scratch import Scratch
from anonymize.custody import CustodyError
from anonymize.kanonymity.hierarchies import ROOT, Hierarchy
from anonymize.kanonymity.lattice import Ints, Node, Tuples, identify
from anonymize.kanonymity.optimum import Bools
from anonymize.kanonymity.subjects import Linked, Units, sets_of

BATCH_ROWS = 122_880


@dataclass(frozen=True, slots=True)
class Past:
    """The members of an edition of the release before, collapsed; `past_<number>` holds the history of each digest."""

    table: str
    labels: Mapping[str, tuple[Sequence[str | None], Ints]]
    """Published column → the distinct labels that stood there, and which of them each old tuple has."""
    levels: Mapping[str, int]
    trees: Mapping[str, Any]
    history: Ints
    member: Ints
    """Pairs of a history and an old tuple in it."""
    people: Ints
    """By history: how many subjects have it."""


def read_past(
    scratch: Scratch,
    members: BinaryIO,
    told: Mapping[str, Any],
    trees: Mapping[str, Any],
    carried: set[str],
    number: int,
) -> Past:
    """Read the *members* of the edition that *told* describes, as far as its columns are among *carried*."""
    quasi = [entry for entry in told["published"] if entry["role"] == "quasi_identifier"]
    places = [place for place, entry in enumerate(quasi) if entry["name"] in carried]
    table, names = f"past_{number}", [f"c{place}" for place in places]
    parquet = pq.ParquetFile(members)
    if len(parquet.schema_arrow.names) != len(quasi) + 1:
        raise CustodyError("members", "are not those of the release before", fix="Restore them from a backup.")
    listed = ", ".join(names) or "NULL AS none"
    scratch.fill(
        f"CREATE TABLE held AS SELECT DISTINCT hex(who)::UUID AS who, {listed} FROM stream",  # noqa: S608  # names of our own, here and below
        parquet.schema_arrow,
        parquet.iter_batches(BATCH_ROWS),
        {},
    )
    agree = " AND ".join(f"held.{name} IS NOT DISTINCT FROM old.{name}" for name in names) or "true"
    distinct = ", ".join(names) or "none"
    for sql in (
        f"CREATE TABLE old AS SELECT *, row_number() OVER () - 1 AS o FROM (SELECT DISTINCT {distinct} FROM held)",  # noqa: S608
        f"CREATE TABLE pair AS SELECT who, o FROM held JOIN old ON {agree}",  # noqa: S608
        "CREATE TABLE again AS SELECT who, list(o ORDER BY o) AS olds FROM pair GROUP BY who HAVING count(*) > 1",
        "CREATE TABLE kind AS SELECT olds, row_number() OVER () + (SELECT count(*) FROM old) AS h"
        " FROM (SELECT DISTINCT olds FROM again)",
        f"CREATE TABLE {table} AS SELECT who, (o + 1)::INTEGER AS h FROM pair ANTI JOIN again USING (who)"  # noqa: S608
        " UNION ALL SELECT who, h::INTEGER FROM again JOIN kind USING (olds)",
    ):
        scratch.run(sql)
    old = scratch.table("SELECT * FROM old ORDER BY o")
    kinds = scratch.table("SELECT h, unnest(olds) AS o FROM kind ORDER BY h, o")
    counted = scratch.table(f"SELECT h, count(*) AS people FROM {table} GROUP BY h")  # noqa: S608
    alone = np.arange(old.num_rows)
    people = np.zeros(old.num_rows + int(scratch.one("SELECT count(*) FROM kind")) + 1, np.int64)
    people[counted["h"].to_numpy()] = counted["people"].to_numpy()
    for name in ("held", "old", "pair", "again", "kind"):
        scratch.run(f"DROP TABLE {name}")
    labels = {}
    for place in places:
        encoded = old[f"c{place}"].combine_chunks().dictionary_encode(null_encoding="encode")
        labels[quasi[place]["name"]] = (encoded.dictionary.to_pylist(), encoded.indices.to_numpy().astype(np.int64))
    return Past(
        table=table,
        labels=labels,
        levels={entry["name"]: int(entry["level"]) for entry in quasi},
        trees=trees,
        history=np.concatenate([alone + 1, kinds["h"].to_numpy()]).astype(np.int64),
        member=np.concatenate([alone, kinds["o"].to_numpy()]).astype(np.int64),
        people=people,
    )


@dataclass(frozen=True, slots=True)
class Change:
    """What became of an edition's classes since the release before."""

    added: int
    removed: int
    waiting: int
    residual_classes: int
    """Classes that lost 1 to k − 1 subjects, or whose number of subjects differs by so many."""

    def to_dict(self) -> dict[str, int]:
        """Give what the evidence holds."""
        return {name: getattr(self, name) for name in ("added", "removed", "waiting", "residual_classes")}


@dataclass(slots=True)
class Arrivals:
    """One edition's units beside its past: asked for one node after the other."""

    past: Past
    units: Units
    history: Ints
    """The history of each tuple's subjects."""
    k: int
    linked: bool
    """A subject's rows are seen together: its class is the set of what they say, then and now."""
    _codes: dict[tuple[int, int], tuple[Ints, int]] = field(default_factory=dict)

    def waiting(self, node: Node) -> Bools:
        """Say which units wait at *node*: those of the new subjects of classes that gain fewer than k.

        A class that has fewer than k in all falls as a whole, and nobody waits for it.
        """
        class_of_unit, classes, known, _ = self._placed(node)
        added = self.units.people(class_of_unit, classes, ~known)
        few = (added > 0) & (added < self.k) & (self.units.people(class_of_unit, classes) >= self.k)
        wait: Bools = ~known & few[class_of_unit]
        return wait

    def change(self, node: Node, kept: Bools) -> Change:
        """Compare the units *kept* at *node* with the release before."""
        class_of_unit, classes, known, old = self._placed(node)
        now = self.units.people(class_of_unit, classes, kept)
        added = self.units.people(class_of_unit, classes, kept & ~known)
        before = np.bincount(old[1], weights=self.past.people[old[0]], minlength=classes).astype(np.int64)
        removed = before - (now - added)
        moved = np.abs(now - before)
        residual = ((removed > 0) & (removed < self.k)) | ((moved > 0) & (moved < self.k))
        wait = self.waiting(node)
        waiting = self.units.people(np.zeros(len(wait), np.int64), 1, wait)
        return Change(int(added.sum()), int(removed.sum()), int(waiting[0]), int(residual.sum()))

    def _placed(self, node: Node) -> tuple[Ints, int, Bools, tuple[Ints, Ints]]:
        """Give the class of each unit, their number, whose subjects stood in it before, and (history, class) then."""
        tuples = self.units.tuples
        joint, count = self._joint(tuples, node)
        new, then = joint[: len(tuples.rows)], joint[len(tuples.rows) :]
        past, history = self.past, self.history
        if self.linked:
            own = len(self.units.rows)
            of_member = member = np.arange(own)
            if isinstance(self.units, Linked):
                of_member, member = self.units.sets.of_member, self.units.sets.member
            owner = np.concatenate([of_member, own + past.history])
            item = np.concatenate([new[member], then[past.member]])
            of_owner, count = sets_of(owner, item, own + len(past.people), count)
            new, olds = of_owner[:own], np.arange(1, len(past.people))
            old = (olds, of_owner[own + olds])
            history = np.zeros(own, np.int64)
            history[of_member] = self.history[member]
        else:
            pair = np.unique(past.history * count + then[past.member])
            old = (pair // count, pair % count)
        known: Bools = np.isin(history * count + new, old[0] * count + old[1])
        return new, count, known, old

    def _joint(self, tuples: Tuples, node: Node) -> tuple[Ints, int]:
        """Number the classes of new tuples and, behind them, of old ones, at *node*."""
        keys, radices = [], []
        for place, (hierarchy, level) in enumerate(zip(tuples.hierarchies, node, strict=True)):
            if (place, level) not in self._codes:
                self._codes[place, level] = self._lifted(hierarchy, level)
            codes, radix = self._codes[place, level]
            keys.append(np.concatenate([hierarchy.codes[level][tuples.leaves[place]], codes]))
            radices.append(radix)
        return identify(keys, radices)

    def _lifted(self, hierarchy: Hierarchy, level: int) -> tuple[Ints, int]:
        """Give the node of each old tuple in *hierarchy* at *level*; labels it does not have come after its own."""
        labels, of_tuple = self.past.labels[hierarchy.name]
        tree, first = self.past.trees[hierarchy.name], self.past.levels[hierarchy.name]
        if tree["levels"] != hierarchy.levels:
            raise _torn(hierarchy.name, f"has {hierarchy.levels} levels, and {tree['levels']} in the release before")
        known = {label: code for code, label in enumerate(hierarchy.labels[level])}
        steps = [tree["parents"][str(step)] for step in range(first, level)] if level < hierarchy.top else []
        codes = []
        for label in labels:
            above: str | None = label if level < hierarchy.top else ROOT
            for step in steps:
                if above is not None and above not in step:
                    raise _torn(hierarchy.name, "has members whose class the release before did not publish")
                above = None if above is None else step[above]
            codes.append(known.setdefault(above, len(known)))
        return np.array(codes, np.int64)[of_tuple], len(known)


def _torn(name: str, found: str) -> CustodyError:
    fix = "Give the evidence and the custody of the same release, and the hierarchy it had."
    return CustodyError(f"column {name!r}", found, fix=fix)
