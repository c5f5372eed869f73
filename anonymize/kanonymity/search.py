"""The exact optimum: the node of least loss whose small classes fit into the suppression limit.

**Loss** is the mean, over all rows and quasi-identifiers, of the leaves under the published value ÷ the leaves of
the hierarchy; a suppressed row counts 1 in each. **Feasible**: whole classes are suppressed, at most
floor(limit × rows) rows. **Ties**: fewer suppressed rows, then the smallest node in the order of the columns.

Why the search may skip nodes and still be exact:

1. With nothing suppressed, a node's loss is a sum over columns, and suppression only adds to it. That sum is a lower
   bound; nodes are taken in its order, and the search ends when it exceeds the best loss found.
2. Coarsening merges classes, so the rows in classes below k never grow (on trees only, hence the check of the
   hierarchies). A node with too many of them condemns all finer nodes. The extra predicate (l, t) need not be
   monotone and condemns nothing but its own node.

Losses are compared as whole numbers (leaves counted over the common denominator), so ties are ties.
"""

import heapq
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from anonymize.errors import InfeasibleError
from anonymize.kanonymity.hierarchies import Codes, Hierarchy
from anonymize.kanonymity.lattice import Ints, Lattice, Node, Tuples, covers
from anonymize.kanonymity.optimum import Bools, Optimum
from anonymize.kanonymity.subjects import Units, units_of_rows

Judge = Callable[[Ints, Bools], Bools]
"""Given the class of each unit and which classes stand so far: which of them may stand."""
Accept = Callable[[Ints], Judge]
"""Given the unit of each row, makes the judge of classes; called once per search."""
Hold = Callable[[Node], Bools]
"""Given a node: which units must be left out there, whatever their class comes to."""
Progress = Callable[[int, int], None]
"""Told after each check: checks made, nodes in the lattice."""


MOST_NODES = 2_000_000
"""A lattice beyond this is refused at once, rather than searched for hours."""


@dataclass(frozen=True, slots=True)
class _Check:
    """What one node came to; `below_k` alone is monotone, `suppressed` includes what the judge refused."""

    below_k: int
    suppressed: int
    loss: int


def allowed(rows: int, limit: float) -> int:
    """Give the rows that may be suppressed: floor(limit × rows), with the limit as it is written (0.29 of 100: 29)."""
    return math.floor(Fraction(str(limit)) * rows)


def search(
    columns: Sequence[Codes],
    hierarchies: Sequence[Hierarchy],
    *,
    k: int,
    suppression: float,
    subjects: Ints | None = None,
    accept: Accept | None = None,
    progress: Progress | None = None,
    lattice: Lattice | None = None,
    linked: bool = False,
) -> Optimum:
    """Find the optimum for *columns* of leaf codes (one array per quasi-identifier, equally long).

    *subjects* numbers the owner of each row; left out, every row is a subject. *linked* says that a token is
    published with the rows, so that a subject's whole set of tuples is its class. *lattice* narrows the levels.

    Raises:
        InfeasibleError: no node of the lattice meets k within the limit; the column that splits most is named.
    """
    started = time.perf_counter()
    if not columns or not len(columns[0]):
        raise InfeasibleError(
            "search", "there are no rows or no quasi-identifiers", fix="Give at least one row and one quasi-identifier."
        )
    lattice = _searchable(hierarchies, lattice)
    tuples, of_row = Tuples.collapse(columns, hierarchies)
    units, unit_of_row = units_of_rows(tuples, of_row, subjects, linked=linked)
    found = best(
        units,
        k=k,
        limit=allowed(len(columns[0]), suppression),
        judge=accept(unit_of_row) if accept else None,
        progress=progress,
        lattice=lattice,
        linked=linked,
    )
    return replace(found, kept=found.kept[unit_of_row], seconds=time.perf_counter() - started)


def best(
    units: Units,
    *,
    k: int,
    limit: int,
    judge: Judge | None = None,
    progress: Progress | None = None,
    lattice: Lattice | None = None,
    linked: bool = False,
    gone: int = 0,
    hold: Hold | None = None,
) -> Optimum:
    """Find the optimum for *units* of rows, of which at most *limit* rows may be suppressed.

    *gone* rows are not among the units because a finer edition suppressed them: they count in the loss alone. What
    *hold* names counts as suppressed, and in no class.

    Raises:
        InfeasibleError: no node of the lattice meets k within the limit; the column that splits most is named.
    """
    started = time.perf_counter()
    hierarchies = units.tuples.hierarchies
    run = _Run(units, k, limit, judge, linked, _searchable(hierarchies, lattice), progress, hold)
    node = run.best_first()
    found = run.checked[node]
    kept, classes, out = run.kept(node)
    lost = found.loss + gone * run.scale * len(node)
    loss = Fraction(lost, run.scale * len(hierarchies) * (run.total + gone))
    seconds = time.perf_counter() - started
    return Optimum(node, found.suppressed, out, classes, float(loss), len(run.checked), seconds, kept, run.lattice.size)


def _searchable(hierarchies: Sequence[Hierarchy], lattice: Lattice | None) -> Lattice:
    """Give the lattice to search, all of it where none is given; refuse one that would take hours."""
    tops = tuple(h.top for h in hierarchies)
    lattice = lattice or Lattice(tuple(0 for _ in tops), tops)
    if lattice.size > MOST_NODES:
        raise InfeasibleError(
            "search",
            f"{len(tops)} quasi-identifiers span {lattice.size:,} nodes, too many for an exact search",
            fix="Drop quasi-identifiers, or fix the level of some in the plan.",
        )
    return lattice


class _Run:
    """One search: the units, the losses per column and level, and every node checked so far."""

    def __init__(
        self,
        units: Units,
        k: int,
        limit: int,
        judge: Judge | None,
        linked: bool,
        lattice: Lattice,
        progress: Progress | None,
        hold: Hold | None,
    ) -> None:
        self.units, self.k, self.limit, self.judge, self.hold = units, k, limit, judge, hold
        self.lattice, self.progress, self.linked = lattice, progress, linked
        hierarchies = units.tuples.hierarchies
        self.names = [h.name for h in hierarchies]
        self.total = int(units.rows.sum())
        self.scale = math.lcm(*(len(h.leaves) for h in hierarchies))
        self.factors = [self.scale // len(h.leaves) for h in hierarchies]
        self.under = [
            [self._leaves_by_unit(place, level) for level in range(h.levels)] for place, h in enumerate(hierarchies)
        ]
        self.base = [
            [int(under.sum()) * factor for under in levels]
            for levels, factor in zip(self.under, self.factors, strict=True)
        ]
        self.checked: dict[Node, _Check] = {}
        self.condemned: list[Node] = []
        """Nodes with too many rows below k; every finer node shares the verdict."""

    def _leaves_by_unit(self, place: int, level: int) -> Ints:
        """Sum, per unit, the leaves under the values its rows publish for a column at a level."""
        return self.units.spread(self.units.tuples.leaves_under(place, level))

    def bound(self, node: Node) -> int:
        """Give the loss of *node* with nothing suppressed, over the common denominator."""
        return sum(levels[level] for levels, level in zip(self.base, node, strict=True))

    def best_first(self) -> Node:
        """Take nodes in the order of their lower bound until none can be better than the best found."""
        least: tuple[int, int, Node] | None = None
        start = self.lattice.lowest
        heap, seen = [(self.bound(start), start)], {start}
        while heap:
            bound, node = heapq.heappop(heap)
            if least and bound > least[0]:
                break
            if not self._is_condemned(node):
                for probe in (node,) if node in self.checked else self._probe(node):
                    check = self.checked[probe]
                    if check.suppressed <= self.limit:
                        found = (check.loss, check.suppressed, probe)
                        least = min(least or found, found)
            for above in self.lattice.above(node):
                if above not in seen:
                    seen.add(above)
                    heapq.heappush(heap, (self.bound(above), above))
        if least is None:
            raise self._infeasible()
        return least[2]

    def _probe(self, node: Node) -> list[Node]:
        """Check *node* by halving the cheapest path from it to the top: what fails condemns much, what holds bounds.

        Returns the nodes checked that have k; *node* is among them or condemned afterwards.
        """
        path = [node]
        while above := list(self.lattice.above(path[-1])):
            path.append(min(above, key=lambda n: (self.bound(n), n)))
        low, high, found = 0, len(path) - 1, []
        while low <= high:
            middle = (low + high) // 2
            if self._has_k(path[middle]):
                found.append(path[middle])
                high = middle - 1
            else:
                low = middle + 1
        return found

    def _has_k(self, node: Node) -> bool:
        if node in self.checked:
            return self.checked[node].below_k <= self.limit
        if self._is_condemned(node):
            return False
        check = self._check(node)
        if check.below_k > self.limit:
            self.condemned = [finer for finer in self.condemned if not covers(node, finer)]
            self.condemned.append(node)
            return False
        return True

    def _is_condemned(self, node: Node) -> bool:
        return any(covers(failed, node) for failed in self.condemned)

    def _check(self, node: Node) -> _Check:
        """Form the classes of *node* and count what falls out of them."""
        class_of_unit, classes = self.units.classes(node)
        enough = self.units.people(class_of_unit, classes) >= self.k
        below_k = int(self.units.rows[~enough[class_of_unit]].sum())
        class_of_unit, stands = self._held(node, class_of_unit, enough)
        if self.judge and below_k <= self.limit:
            stands = self.judge(class_of_unit, stands)
        kept = stands[class_of_unit]
        suppressed = int(self.units.rows[~kept].sum())
        loss = suppressed * self.scale * len(node)
        for levels, level, factor in zip(self.under, node, self.factors, strict=True):
            loss += int(levels[level][kept].sum()) * factor
        self.checked[node] = _Check(below_k, suppressed, loss)
        if self.progress:
            self.progress(len(self.checked), self.lattice.size)
        return self.checked[node]

    def _held(self, node: Node, class_of_unit: Ints, enough: Bools) -> tuple[Ints, Bools]:
        """Put the units that are held back into a class of their own, the last, which does not stand."""
        held = self.hold(node) if self.hold else None
        if held is None or not held.any():
            return class_of_unit, enough
        apart = np.where(held, len(enough), class_of_unit)
        stands = self.units.people(apart, len(enough) + 1) >= self.k
        stands[-1] = False
        return apart, stands

    def kept(self, node: Node) -> tuple[Bools, int, int]:
        """Say which units stay at *node*, and how many classes stay and fall."""
        class_of_unit, classes = self.units.classes(node)
        enough = self.units.people(class_of_unit, classes) >= self.k
        class_of_unit, stands = self._held(node, class_of_unit, enough)
        if self.judge:
            stands = self.judge(class_of_unit, stands)
        return stands[class_of_unit], int(stands.sum()), classes - int(stands.sum())

    def _infeasible(self) -> InfeasibleError:
        """Name the column without which the coarsest node would lose the fewest rows."""
        top = self.lattice.highest
        now = self._check(top)
        rescued = {}
        for place, name in enumerate(self.names):
            levels = len(self.base[place]) - 1
            if top[place] < levels:
                rescued[name] = self._check((*top[:place], levels, *top[place + 1 :])).suppressed
        found = (
            f"no generalisation keeps enough rows: the coarsest allowed one loses {now.suppressed} of {self.total}"
            f" (limit {self.limit}), {now.below_k} of them in classes below k = {self.k}"
        )
        if rescued:
            name = min(rescued, key=lambda n: rescued[n])
            token = " Dropping the subject's token helps too: its rows then stand alone." if self.linked else ""
            return InfeasibleError(
                "search",
                found,
                fix=f"Coarsen or drop {name!r}, which splits most: without it {rescued[name]} rows fall out.{token}",
            )
        return InfeasibleError("search", found, fix="Group the sensitive values, drop one, or bring more subjects.")
