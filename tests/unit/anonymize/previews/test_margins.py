"""A pool hides what too few share, and is itself never a few."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from anonymize.previews.margins import Cell, merged, pooled

LEAST = 20


@st.composite
def cells(draw, most=12):
    out = []
    for number in range(draw(st.integers(0, most))):
        count = draw(st.integers(0, 60))
        people = draw(st.one_of(st.just(count), st.integers(0, count)))
        out.append(Cell(count, people, low=number, high=number + 1))
    return out


def by_rows(cells):
    return [Cell(cell.count, cell.count, cell.label, cell.low, cell.high) for cell in cells]


@given(cells(), cells(1), cells(1), st.booleans())
def test_no_published_count_is_small_and_all_rows_are_accounted_for(found, nulls, rest, ends):
    nulls, rest = (some[0] if some else Cell(0, 0) for some in (nulls, rest))
    shown, empty, other = pooled(found, nulls=nulls, rest=rest, least=LEAST, ends=ends)
    total = sum(cell.count for cell in (*found, nulls, rest))
    assert all(min(cell.count, cell.people) >= LEAST for cell in shown)
    if other is None:
        assert (shown, empty) == ((), None)
        return
    assert empty is None or empty == 0 or nulls.people >= LEAST
    assert other == 0 or other >= LEAST
    assert sum(cell.count for cell in shown) + (empty or 0) + other == total


@given(cells(), cells(1))
def test_where_rows_are_people_only_fewer_than_a_class_are_kept_back_entirely(found, nulls):
    found, nulls = by_rows(found), (by_rows(nulls) or [Cell(0, 0)])[0]
    _, _, other = pooled(found, nulls=nulls, rest=Cell(0, 0), least=LEAST)
    assert (other is None) == (0 < nulls.count + sum(cell.count for cell in found) < LEAST)


def test_one_hidden_row_takes_the_smallest_shown_cell_along():
    found = [Cell(100, 100, "a"), Cell(30, 30, "b"), Cell(50, 50, "c"), Cell(1, 1, "d")]
    shown, empty, other = pooled(found, nulls=Cell(0, 0), rest=Cell(0, 0), least=LEAST)
    assert [cell.label for cell in shown] == ["a", "c"]
    assert (empty, other) == (0, 31)


def test_bins_are_given_up_from_the_ends_so_that_no_hole_shows_where_the_hidden_ones_are():
    found = [Cell(40, 40, low=0, high=1), Cell(25, 25, low=1, high=2), Cell(30, 30, low=2, high=3)]
    shown, _, other = pooled(found, nulls=Cell(0, 0), rest=Cell(2, 2), least=LEAST, ends=True)
    assert [(cell.low, cell.high) for cell in shown] == [(0, 1), (1, 2)]
    assert other == 32


def test_many_rows_of_few_people_are_few():
    found = [Cell(500, 3, "a"), Cell(400, 300, "b")]
    shown, _, other = pooled(found, nulls=Cell(0, 0), rest=Cell(0, 0), least=LEAST)
    assert (shown, other) == ((), 900)


@given(cells())
def test_joined_bins_are_never_small_but_for_a_single_one_and_lose_nothing(found):
    out = merged(found, least=LEAST)
    assert sum(cell.count for cell in out) == sum(cell.count for cell in found)
    assert len(out) <= 1 or all(min(cell.count, cell.people) >= LEAST for cell in out)
    assert all(one.high == two.low for one, two in pairwise(out))
