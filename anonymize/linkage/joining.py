"""The join of the finest edition with everything else that is published, one subset of known columns at a time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import duckdb

from anonymize.linkage.lessons import Lesson, prepare
from anonymize.linkage.reading import Labels, attach, engine, number, quote
from anonymize.linkage.renderings import Forest, LinkageError, Rendering

MOST_UNITS = 10
"""Subsets are formed of so many columns at most; what is beyond is known together or not at all."""

Subset = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """What the join came to."""

    finest: str
    k: int
    """With all shared columns known."""
    own: int
    """Of the finest edition alone."""
    by_subset: Mapping[Subset, int]
    """k of each subset of the columns it shares with a rendering that is finer somewhere; empty where none is."""
    refined: int
    """Subjects that learned something beyond their own edition, with all shared columns known."""
    taught_by: tuple[str, ...]
    """The renderings that are finer somewhere."""

    @property
    def minimum(self) -> int:
        """The smallest k of any subset."""
        return min((self.own, self.k, *self.by_subset.values()))

    @property
    def weakest(self) -> Subset:
        """The smallest subset that leads to the minimum; empty where no join lowers k."""
        found = [subset for subset, k in self.by_subset.items() if k == self.minimum < self.own]
        return min(found, key=lambda subset: (len(subset), subset), default=())

    def to_dict(self) -> dict[str, Any]:
        """Give what the evidence holds."""
        return {
            "finest": self.finest,
            "k": self.k,
            "own": self.own,
            "minimum": self.minimum,
            "weakest": list(self.weakest),
            "subsets": len(self.by_subset),
            "refined": self.refined,
            "taught_by": list(self.taught_by),
        }


def joined(
    finest: Rendering,
    others: Sequence[Rendering],
    *,
    subjects: Path | None = None,
    whole_sets: bool = False,
    floor: int = 0,
) -> Joined:
    """Measure k of *finest* in the hands of somebody who holds *others* too.

    *subjects* is a Parquet file whose one column numbers the subject of each row, in the order of the edition's rows;
    without it the token counts where one is published, else the row. *whole_sets* says that a subject's rows are seen
    together, so that its class is the set of what they say. With a *floor*, subsets are tried until one falls below.

    Raises:
        LinkageError: hierarchies contradict each other or do not reach, or files cannot be read.
    """
    forest = Forest.merge((finest, *others))
    with engine() as connection:
        kinds, owner = _open(connection, finest, subjects)
        own = Labels(connection, forest, finest, "finest", kinds)
        lessons: list[Lesson] = []
        keys: dict[str, str] = {}
        for place, other in enumerate(others):
            lesson, mine = prepare(connection, forest, finest, own, other, place)
            if lesson.taught:
                lessons.append(lesson)
                keys |= mine
        sets = whole_sets and owner is not None
        if not lessons and not sets:
            k = _alone(connection, own, finest.quasi_identifiers(), owner)
            return Joined(finest=finest.name, k=k, own=k, by_subset={}, refined=0, taught_by=())
        _enter(connection, finest, own, keys, owner)
        people = "count(*)" if owner is None else "count(DISTINCT owner)"
        run = _Run(connection, tuple(lessons), set(finest.quasi_identifiers()), people, sets)
        alone = run.k({})
        everything = tuple(name for name in finest.levels() if any(name in lesson.shared for lesson in lessons))
        by_subset: dict[Subset, int] = {}
        for subset in _subsets(everything, run.quasi):
            by_subset[subset] = run.of(subset, alone)
            if by_subset[subset] < floor:
                break
        return Joined(
            finest=finest.name,
            k=by_subset.get(everything, alone),
            own=alone,
            by_subset=by_subset,
            refined=run.refined(),
            taught_by=tuple(others[lesson.number].name for lesson in lessons),
        )


def _open(
    connection: duckdb.DuckDBPyConnection, finest: Rendering, subjects: Path | None
) -> tuple[dict[str, str], str | None]:
    """Make the view `finest`; give its columns with their types, and what names a row's subject; none: the row does."""
    kinds = attach(connection, "finest", finest.files, finest.name)
    if subjects is None:
        return kinds, None if finest.token is None else f"finest.{quote(finest.token)}"
    (column,) = attach(connection, "numbers", [subjects], f"{finest.name}, subjects")
    attach(connection, "written", finest.files, finest.name)
    if number(connection, "SELECT (SELECT count(*) FROM written) - (SELECT count(*) FROM numbers)"):
        raise LinkageError(finest.name, "has another number of rows than of subjects", fix="Build it again.")
    owner = quote("owner" + "_" * max(map(len, kinds)))
    connection.execute(
        f"CREATE OR REPLACE TEMP VIEW finest AS SELECT written.*, numbers.{quote(column)} AS {owner}"  # noqa: S608
        " FROM written POSITIONAL JOIN numbers"  # quoted names
    )
    return kinds, f"finest.{owner}"


def _alone(connection: duckdb.DuckDBPyConnection, own: Labels, quasi: Sequence[str], owner: str | None) -> int:
    """Count the subjects in the smallest class, where nothing is joined: no row need be held for it."""
    columns = ", ".join(f"{own.value(name)} AS c{place}" for place, name in enumerate(quasi)) or "1 AS c0"
    group = ", ".join(f"c{place}" for place in range(max(len(quasi), 1)))
    seen = f"SELECT {columns} FROM finest" if owner is None else f"SELECT DISTINCT {columns}, {owner} FROM finest"  # noqa: S608
    sql = f"SELECT min(people) FROM (SELECT count(*) AS people FROM ({seen}) GROUP BY {group})"  # noqa: S608
    return number(connection, sql)


def _enter(
    connection: duckdb.DuckDBPyConnection, finest: Rendering, own: Labels, keys: Mapping[str, str], owner: str | None
) -> None:
    """Make `cell`: of each row of the finest edition its owner, its class, and its keys."""
    names = finest.quasi_identifiers()
    group = f"dense_rank() OVER (ORDER BY {', '.join(own.value(name) for name in names)})" if names else "1"
    columns = [
        f"{owner or 'row_number() OVER ()'} AS owner",
        f"{group} AS class",
        *(f"{value} AS {key}" for key, value in keys.items()),
    ]
    connection.execute(f"CREATE TEMP TABLE cell AS SELECT {', '.join(columns)} FROM {own.source()}")  # noqa: S608


def _subsets(columns: Subset, quasi: set[str]) -> Iterator[Subset]:
    """List the subsets of *columns*, all first; beyond `MOST_UNITS` what is no quasi-identifier comes together."""
    ordered = sorted(columns, key=lambda name: name not in quasi)
    units: list[Subset] = [(name,) for name in ordered[: MOST_UNITS - 1]]
    rest = tuple(ordered[MOST_UNITS - 1 :])
    units += [rest] if rest else []
    for size in range(len(units), 0, -1):
        for chosen in combinations(units, size):
            known = {name for unit in chosen for name in unit}
            yield tuple(name for name in columns if name in known)


class _Run:
    """The tables `cell` and `other_…`, asked for one subset after the other."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        lessons: tuple[Lesson, ...],
        quasi: set[str],
        people: str,
        sets: bool,
    ) -> None:
        self._connection, self._lessons, self.quasi = connection, lessons, quasi
        self._people, self._sets = people, sets
        self._known: dict[tuple[tuple[int, Subset], ...], int] = {}

    def of(self, subset: Subset, alone: int) -> int:
        """Give k where *subset* is known."""
        links = {}
        for lesson in self._lessons:
            names = tuple(name for name in lesson.shared if name in subset)
            if any(name not in self.quasi for name in names):  # else all rows of a class are linked alike
                links[lesson] = names
        if not links:
            return alone
        asked = tuple((lesson.number, names) for lesson, names in links.items())
        if asked not in self._known:
            self._known[asked] = self.k(links)
        return self._known[asked]

    def k(self, links: Mapping[Lesson, Subset]) -> int:
        """Count the subjects in the smallest class, rows being linked by these columns of each rendering."""
        joins, learned = "", ["class"]
        for lesson, names in links.items():
            keys = [lesson.key(name) for name in names]
            sets = ", ".join(f"list_sort(list(DISTINCT {quote(name)}))" for name in lesson.taught)
            table = f"taught_{lesson.number:d}"
            self._connection.execute(
                f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT {', '.join(keys)},"  # noqa: S608  # quoted names
                f" dense_rank() OVER (ORDER BY {sets}) AS learned"
                f" FROM other_{lesson.number:d} GROUP BY {', '.join(keys)}"
            )
            agree = " AND ".join(f"cell.{key} IS NOT DISTINCT FROM {table}.{key}" for key in keys)
            joins += f" LEFT JOIN {table} ON {agree}"
            learned.append(f"{table}.learned")
        seen = (
            f"SELECT owner, {', '.join(f'{item} AS c{place}' for place, item in enumerate(learned))} FROM cell{joins}"  # noqa: S608
        )
        group = ", ".join(f"c{place}" for place in range(len(learned)))
        if self._sets:
            sql = (
                f"WITH seen AS ({seen}),"  # noqa: S608
                f" ranked AS (SELECT owner, dense_rank() OVER (ORDER BY {group}) AS tuple FROM seen),"
                " owned AS (SELECT owner, list_sort(list(DISTINCT tuple)) AS tuples FROM ranked GROUP BY owner)"
                " SELECT min(people) FROM (SELECT count(*) AS people FROM owned GROUP BY tuples)"
            )
        else:
            sql = f"SELECT min(people) FROM (SELECT {self._people} AS people FROM ({seen}) GROUP BY {group})"  # noqa: S608
        return number(self._connection, sql)

    def refined(self) -> int:
        """Count the subjects linked, by all shared columns, to fewer finer values than there are under their own."""
        parts = []
        for lesson in self._lessons:
            keys = [lesson.key(name) for name in lesson.shared]
            table = f"other_{lesson.number:d}"
            grouped = f" GROUP BY {', '.join(keys)}" if keys else ""
            shown = ", ".join(f"count(DISTINCT {quote(name)}) AS n{place}" for place, name in enumerate(lesson.taught))
            narrower = []
            for place, name in enumerate(lesson.taught):
                same = f" WHERE whole.{lesson.key(name)} IS NOT DISTINCT FROM known.{lesson.key(name)}"
                where = same if name in lesson.shared else ""
                narrower.append(f"n{place} < (SELECT count(DISTINCT {quote(name)}) FROM {table} AS whole{where})")  # noqa: S608
            agree = " AND ".join(f"cell.{key} IS NOT DISTINCT FROM known.{key}" for key in keys) or "true"
            parts.append(
                f"SELECT owner FROM cell JOIN (SELECT {', '.join([*keys, shown])} FROM {table}{grouped}) AS known"  # noqa: S608
                f" ON {agree} WHERE {' OR '.join(narrower)}"
            )
        if not parts:
            return 0
        return number(self._connection, f"SELECT count(DISTINCT owner) FROM ({' UNION '.join(parts)})")  # noqa: S608
