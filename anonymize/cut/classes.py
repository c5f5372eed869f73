"""Which of the filtered rows may stay: classes of k subjects that keep l and t, or the rule and the column at fault."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from anonymize.cut.parent import CutRefused
from anonymize.kanonymity.lattice import Ints, Node, Tuples, identify
from anonymize.kanonymity.optimum import Bools
from anonymize.kanonymity.search import allowed
from anonymize.kanonymity.sensitive import Sensitive, accept
from anonymize.kanonymity.subjects import units_of_rows
from policies.profile import Profile

ROUNDING = 1e-9
"""Classes are kept this far below the limit of t, so that sums in another order pass the gate."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Which rows stay, and how many classes fall out and stay."""

    rows: Bools
    classes: tuple[int, int]


class _AsTheyAre(Tuples):
    """Tuples at the one level there is: as published."""

    def classes(self, node: Node) -> tuple[Ints, int]:
        """Give each tuple as its own class."""
        return np.arange(len(self.rows), dtype=np.int64), len(self.rows)


def keep(
    quasi: Mapping[str, pa.ChunkedArray],
    sensitive: Mapping[str, pa.Array],
    subjects: pa.ChunkedArray | None,
    *,
    rows: int,
    profile: Profile,
    linked: bool,
) -> Kept:
    """Choose the rows that stay of *rows* filtered ones.

    Raises:
        CutRefused: more would fall out than the profile allows; the rule and the column are named.
    """
    limit = allowed(rows, profile.suppression_limit)
    coded = {name: codes(column) for name, column in quasi.items()}
    owner = None if subjects is None else codes(subjects)[0]
    shown = {name: Sensitive.of(column) for name, column in sensitive.items()}
    grouped = _Grouped(list(coded.values()), owner, rows, linked)
    enough = grouped.people >= profile.minimum_class_size
    below = grouped.lost(enough)
    if below > limit:
        raise _too_few(coded, owner, below, limit, rows, profile, linked)
    stands = grouped.judged(enough, list(shown.values()), profile.minimum_l, profile.maximum_t)
    if grouped.lost(stands) > limit:
        raise _too_alike(grouped, enough, shown, limit, profile)
    return Kept(grouped.kept(stands), (int((~stands).sum()), int(stands.sum())))


def codes(column: pa.ChunkedArray) -> tuple[Ints, int]:
    """Number the values of *column*; null is a value."""
    encoded = column.dictionary_encode().unify_dictionaries()
    parts = [chunk.indices.fill_null(-1).to_numpy(zero_copy_only=False) for chunk in encoded.chunks]
    numbers = np.concatenate([np.zeros(0, np.int64), *parts]).astype(np.int64) + 1
    return numbers, int(numbers.max(initial=0)) + 1


class _Grouped:
    """Rows in their classes."""

    def __init__(self, columns: Sequence[tuple[Ints, int]], owner: Ints | None, rows: int, linked: bool) -> None:
        keys = [*(numbers for numbers, _ in columns), np.zeros(rows, np.int64)]
        of_row, count = identify(keys, [*(size for _, size in columns), 1])
        tuples = _AsTheyAre((), (), np.bincount(of_row, minlength=count).astype(np.int64))
        self._units, self._of_row = units_of_rows(tuples, of_row, owner, linked=linked)
        self._class, self._count = self._units.classes(())
        self.people = self._units.people(self._class, self._count)

    def judged(self, stands: Bools, columns: Sequence[Sensitive], minimum_l: int, maximum_t: float) -> Bools:
        """Say which of the classes that stand keep l and t in every column of *columns*."""
        if not columns:
            return stands
        predicate = accept(columns, minimum_l=minimum_l, maximum_t=maximum_t - ROUNDING)
        return predicate(self._of_row)(self._class, stands)

    def kept(self, stands: Bools) -> Bools:
        """Say of each row whether its class stands."""
        kept: Bools = stands[self._class][self._of_row]
        return kept

    def lost(self, stands: Bools) -> int:
        """Count the rows of classes that do not stand."""
        return int(self._units.rows[~stands[self._class]].sum())


def _too_few(
    coded: Mapping[str, tuple[Ints, int]],
    owner: Ints | None,
    below: int,
    limit: int,
    rows: int,
    profile: Profile,
    linked: bool,
) -> CutRefused:
    """Name the quasi-identifier without which the fewest rows fall out."""
    k = profile.minimum_class_size
    found = f"{below} of {rows} filtered rows are in classes below k = {k}, {limit} may be suppressed"
    without = {}
    for name in coded:
        fewer = _Grouped([column for other, column in coded.items() if other != name], owner, rows, linked)
        without[name] = fewer.lost(fewer.people >= k)
    if not without or min(without.values()) == rows:
        return CutRefused("minimum_class_size", found, fix="Widen the filter: it keeps too few subjects.")
    name = min(without, key=lambda item: without[item])
    fix = (
        f"Drop {name!r} from the cut, or cut an edition that is coarser in it:"
        f" without it {without[name]} rows fall out."
    )
    return CutRefused("minimum_class_size", found, fix=fix, column=name)


def _too_alike(
    grouped: _Grouped, enough: Bools, shown: Mapping[str, Sensitive], limit: int, profile: Profile
) -> CutRefused:
    """Name the sensitive column that costs most rows, and which of l and t it misses."""

    def cost(name: str, maximum_t: float) -> int:
        return grouped.lost(grouped.judged(enough, [shown[name]], profile.minimum_l, maximum_t))

    costs = {name: cost(name, profile.maximum_t) for name in shown}
    name = max(costs, key=lambda item: costs[item])
    by_l = cost(name, float("inf"))
    rule = "minimum_l" if by_l > limit else "maximum_t"
    return CutRefused(
        f"{rule} of {name}",
        f"{costs[name]} filtered rows are in classes that miss it, {limit} may be suppressed",
        fix=f"Drop {name!r} from the cut, or cut an edition that is coarser in it.",
        column=name,
    )
