"""Edges come from a fixed grid: they cover what they should, and are no row's value."""

import math
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymize.previews import grids

finite = st.floats(-1e15, 1e15, allow_nan=False)


@given(finite, finite, st.booleans())
def test_edges_of_numbers_cover_the_range_in_even_nice_steps(one, other, whole):
    low, high = sorted((one, other))
    edges = grids.numbers(low, high, whole=whole)
    assert edges[0] <= low
    assert high < edges[-1] or math.isclose(high, edges[-1], rel_tol=1e-12)
    assert len(edges) <= grids.BINS + 3
    if whole:
        assert all(edge == int(edge) for edge in edges)


@pytest.mark.parametrize(
    ("low", "high", "edges"),
    [(0.03, 0.97, (0, 0.05, 0.1)), (1, 4, (1, 1.2, 1.4)), (103.0, 498.0, (100, 120, 140)), (7.0, 7.0, (7, 7.05))],
)
def test_edges_are_numbers_a_person_would_choose(low, high, edges):
    assert tuple(grids.numbers(low, high, whole=False)[:3]) == edges


def test_whole_numbers_get_no_bin_narrower_than_one():
    assert grids.numbers(1, 4, whole=True) == [1, 2, 3, 4, 5]


def day(text):
    return (date.fromisoformat(text) - date(1970, 1, 1)).days


@pytest.mark.parametrize(
    ("low", "high", "first", "second", "last"),
    [
        ("2020-01-15", "2020-03-20", "2020-01-01", "2020-02-01", "2020-04-01"),
        ("2019-02-15", "2022-03-20", "2019-01-01", "2019-04-01", "2022-04-01"),
        ("1990-06-01", "2020-03-20", "1990-01-01", "1995-01-01", "2025-01-01"),
    ],
)
def test_edges_of_dates_are_firsts_of_months_quarters_and_years(low, high, first, second, last):
    edges = grids.dates(day(low), day(high))
    assert [grids.text_of(edge) for edge in (edges[0], edges[1], edges[-1])] == [first, second, last]


def test_a_step_is_one_two_or_five_times_a_power_of_ten():
    for power in range(-6, 7):
        for factor in (1, 1.3, 2, 2.2, 5, 5.1, 9.9):
            step = Fraction(grids.numbers(0, factor * 10.0**power, whole=False)[1]).limit_denominator(10**9)
            digits = str(step.numerator if step >= 1 else step.denominator).rstrip("0")
            assert digits in ("1", "2", "5"), step
