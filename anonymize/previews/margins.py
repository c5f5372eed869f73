"""A column's safe margin: how its rows spread over values, no count of fewer than a class of rows or people.

All that is published of a column is computed from its margin alone, the statistics as the mock table. So whoever
trusts the margin trusts them too: `pooled` is the line that keeps the promise.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How a margin is read."""

    LABELS = "labels"
    """Values without an order, most frequent first."""
    ORDERED = "ordered"
    """Values in their natural order: bands, months, ages."""
    NUMBERS = "numbers"
    """Bins of numbers, closed on the left and open on the right."""
    DATES = "dates"
    """Bins of days since 1970, closed on the left and open on the right."""
    HIDDEN = "hidden"
    """Free text and tokens: nothing but how many are empty."""

    @property
    def binned(self) -> bool:
        """Whether cells are stretches of a line, and not single values."""
        return self in (Kind.NUMBERS, Kind.DATES)


@dataclass(frozen=True, slots=True)
class Cell:
    """A value, or the stretch from `low` up to but without `high`, and who stands in it."""

    count: int
    """Rows."""
    people: int
    """Distinct subjects where the edition names them, else rows; of several values together, a lower bound."""
    label: str = ""
    low: float = 0
    high: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Margin:
    """The safe margin of one column; the shown cells, the nulls and the pool add up to the rows."""

    name: str
    kind: Kind
    rows: int
    cells: tuple[Cell, ...] = ()
    nulls: int | None = 0
    """None: some, but too few to say; they are in the pool."""
    other: int | None = 0
    """Rows pooled because too few share their value. None: too few rows to say anything."""
    distinct: int | None = None
    """Values that enough rows hold."""
    rarer: int | None = None
    """Further values, rounded down to whole classes; None where there is none."""
    whole: bool = False
    """The numbers are whole."""

    @property
    def shown(self) -> int:
        """Rows in the shown cells."""
        return sum(cell.count for cell in self.cells)


def pooled(
    cells: Sequence[Cell], *, nulls: Cell, rest: Cell, least: int, ends: bool = False
) -> tuple[tuple[Cell, ...], int | None, int | None]:
    """Pool what fewer than *least* share; give the cells still shown, the nulls and the pool (`Margin`'s three).

    *rest* is in the pool already. A pool of a few could be told apart by subtraction, so it takes in the smallest
    shown cell until it is large enough: with *ends*, the smaller of the first and the last, which leaves no hole.
    """
    shown = [cell for cell in cells if min(cell.count, cell.people) >= least]
    pool = [cell for cell in cells if cell.count and min(cell.count, cell.people) < least]
    pool += [rest] if rest.count else []
    empty = nulls.count == 0 or min(nulls.count, nulls.people) >= least
    if not empty:
        pool.append(nulls)
    while pool and _size(pool) < least:
        if shown:
            pool.append(shown.pop(_smallest(shown, ends=ends)))
        elif empty and nulls.count:
            pool.append(nulls)
            empty = False
        else:
            return (), None, None
    return tuple(shown), nulls.count if empty else None, sum(cell.count for cell in pool)


def merged(cells: Sequence[Cell], *, least: int) -> list[Cell]:
    """Join neighbouring bins until each holds *least* rows and people; what is left over joins the last."""
    out: list[Cell] = []
    for cell in cells:
        if out and min(out[-1].count, out[-1].people) < least:
            out[-1] = _joined(out[-1], cell)
        else:
            out.append(cell)
    if len(out) > 1 and min(out[-1].count, out[-1].people) < least:
        last = out.pop()
        out[-1] = _joined(out[-1], last)
    return out


def _joined(one: Cell, other: Cell) -> Cell:
    people = one.people + other.people if _by_rows(one, other) else max(one.people, other.people)
    return Cell(one.count + other.count, people, low=one.low, high=other.high)


def _size(pool: Sequence[Cell]) -> int:
    """How many rows or people a pool holds at least: a subject may stand in several of its cells."""
    rows = sum(cell.count for cell in pool)
    return rows if _by_rows(*pool) else min(rows, max(cell.people for cell in pool))


def _by_rows(*cells: Cell) -> bool:
    return all(cell.people == cell.count for cell in cells)


def _smallest(shown: Sequence[Cell], *, ends: bool) -> int:
    if ends:
        return 0 if shown[0].count < shown[-1].count else len(shown) - 1
    return min(range(len(shown)), key=lambda place: shown[place].count)
