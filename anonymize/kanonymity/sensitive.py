"""The extra predicate of the search: l-diversity and t-closeness of every class that is to stand.

This is the builder's own arithmetic. What a release is judged by is measured again, by other code, in `risk.py`,
which also states the definitions and their papers.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from anonymize.kanonymity.lattice import Ints, identify
from anonymize.kanonymity.optimum import Bools
from anonymize.kanonymity.search import Accept, Judge

_Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sensitive:
    """One sensitive column: a value number per row, in ascending order of the values; null is a value, the last."""

    values: Ints
    count: int
    ordered: bool

    @classmethod
    def of(cls, column: pa.Array) -> "Sensitive":
        """Number the values of *column*; numbers and dates have an order, text has none."""
        encoded = column.dictionary_encode(null_encoding="encode")
        ranks = pc.rank(encoded.dictionary, sort_keys="ascending").to_numpy().astype(np.int64) - 1
        ordered = not (pa.types.is_string(column.type) or pa.types.is_boolean(column.type))
        values = ranks[encoded.indices.to_numpy()] if len(ranks) else np.zeros(0, np.int64)
        return cls(values, len(ranks), ordered)


def accept(columns: Sequence[Sensitive], *, minimum_l: int, maximum_t: float) -> Accept:
    """Make the predicate for rows given as arrays; see `judge_cells`."""

    def for_units(unit: Ints) -> Judge:
        return judge_cells([Cells.of(column, unit) for column in columns], minimum_l=minimum_l, maximum_t=maximum_t)

    return for_units


def judge_cells(cells: "Sequence[Cells]", *, minimum_l: int, maximum_t: float) -> Judge:
    """Make the predicate: each class shows at least *minimum_l* values and is within *maximum_t* of the whole.

    The whole is what stands: refusing a class moves it, so the judge repeats until nothing more falls.
    """

    def judge(class_of_unit: Ints, stands: Bools) -> Bools:
        while True:
            kept = stands.copy()
            for cell in cells:
                kept &= cell.fits(class_of_unit, kept, minimum_l, maximum_t)
            if (kept == stands).all():
                return stands
            stands = kept

    return judge


@dataclass(frozen=True, slots=True)
class Cells:
    """One sensitive column collapsed to distinct (unit, value) pairs with their rows."""

    unit: Ints
    value: Ints
    """Value numbers in ascending order of the values, null the last."""
    rows: Ints
    count: int
    """How many values there are."""
    ordered: bool

    @classmethod
    def of(cls, column: Sensitive, unit: Ints) -> "Cells":
        """Collapse rows: the value of each in *column*, its *unit* beside it."""
        count = max(column.count, 1)
        pair, pairs = identify([unit, column.values], [int(unit.max(initial=0)) + 1, count])
        units, values = np.zeros(pairs, np.int64), np.zeros(pairs, np.int64)
        units[pair], values[pair] = unit, column.values
        return cls(units, values, np.bincount(pair, minlength=pairs).astype(np.int64), count, column.ordered)

    def fits(self, class_of_unit: Ints, stands: Bools, minimum_l: int, maximum_t: float) -> Bools:
        """Say of each class whether it keeps l and t, measured against the classes that stand."""
        group = class_of_unit[self.unit]
        inside = stands[group]
        if not inside.any():
            return stands
        cell, cells = identify([group[inside], self.value[inside]], [len(stands), self.count])
        of_class, value = np.zeros(cells, np.int64), np.zeros(cells, np.int64)
        of_class[cell], value[cell] = group[inside], self.value[inside]
        rows = np.bincount(cell, weights=self.rows[inside], minlength=cells)
        whole = np.bincount(value, weights=rows, minlength=self.count)
        whole = whole / whole.sum()
        size = np.bincount(of_class, weights=rows, minlength=len(stands))
        share = rows / size[of_class]
        shown = np.bincount(of_class, minlength=len(stands))
        distance = self._ordered if self.ordered else self._equal
        fits: Bools = (shown >= minimum_l) & (distance(of_class, value, share, whole, len(stands)) <= maximum_t)
        return fits | ~stands

    @staticmethod
    def _equal(of_class: Ints, value: Ints, share: _Floats, whole: _Floats, classes: int) -> _Floats:
        """Half the sum of |p − q|; a value a class does not show adds its q."""
        q = whole[value]
        return (np.bincount(of_class, weights=np.abs(share - q) - q, minlength=classes) + 1) / 2

    @staticmethod
    def _ordered(of_class: Ints, value: Ints, share: _Floats, whole: _Floats, classes: int) -> _Floats:
        """Sum |P − Q| of the running totals over the values that stand, ÷ (their number − 1).

        Between two values a class shows, its P is constant while Q rises: each stretch is split where Q passes P,
        and summed from prefix sums of Q. So the work is in the cells, not in classes × values.
        """
        standing = np.flatnonzero(whole > 0)
        if len(standing) < 2:
            return np.zeros(classes)
        rank = np.searchsorted(standing, value)
        q = np.cumsum(whole[standing])
        prefix = np.concatenate(([0.0], np.cumsum(q)))
        order = np.lexsort((rank, of_class))
        of_class, rank, share = of_class[order], rank[order], share[order]
        first = np.concatenate(([True], of_class[1:] != of_class[:-1]))
        running = np.cumsum(share)
        before = np.where(first, running - share, 0)
        p = running - np.maximum.accumulate(np.where(first, before, 0))
        following = np.where(np.concatenate((first[1:], [True])), len(standing), np.concatenate((rank[1:], [0])))
        split = np.clip(np.searchsorted(q, p, side="right"), rank, following)
        stretch = p * (split - rank) - (prefix[split] - prefix[rank])
        stretch += (prefix[following] - prefix[split]) - p * (following - split)
        stretch += np.where(first, prefix[rank], 0)
        return np.bincount(of_class, weights=stretch, minlength=classes) / (len(standing) - 1)
