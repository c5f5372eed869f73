"""Prices below the ceiling; excess taken off the periods after it, and never lost on the way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.ceiling import Listed, Period, settle
from policies.errors import TermsError
from policies.pricing import Price
from policies.purpose import Purpose

fen = st.integers(0, 10**6)


@given(fen, fen, fen, fen)
def test_a_price_is_within_a_ceiling_when_each_of_its_parts_is(query, gb, highest_query, highest_gb):
    listed = Listed(per_query_fen=highest_query, per_gb_fen=highest_gb)
    within = query <= highest_query and gb <= highest_gb
    assert (listed.exceeded_by(Price(per_query_fen=query, per_gb_fen=gb)) is None) == within


def test_the_part_that_asks_for_more_is_named():
    listed = Listed(per_query_fen=10, per_gb_fen=100)
    assert listed.exceeded_by(Price(per_query_fen=11)) == "per_query_fen"
    assert listed.exceeded_by(Price(per_gb_fen=101)) == "per_gb_fen"
    assert listed.exceeded_by(Price(per_query_fen=10, per_gb_fen=100, minimum_bytes=10**9)) == "minimum_bytes"


@pytest.mark.parametrize("wrong", [-1, 1.5, True])
def test_a_ceiling_is_a_whole_number_from_0_up(wrong):
    with pytest.raises(TermsError):
        Listed(per_query_fen=wrong, per_gb_fen=0)


TABLE = [
    # listed and earned per period; what of each is permitted, left and carried on
    ([(100, 60)], [(100, 40, 0)]),
    ([(100, 130), (100, 50)], [(100, 0, 30), (70, 20, 0)]),
    ([(100, 350), (100, 0), (100, 40), (100, 0)], [(100, 0, 250), (0, 0, 150), (0, 0, 90), (10, 10, 0)]),
    ([(100, 130), (20, 5), (100, 0)], [(100, 0, 30), (0, 0, 15), (85, 85, 0)]),
]


@pytest.mark.parametrize(("periods", "wanted"), TABLE)
def test_the_excess_of_a_period_lowers_what_the_next_one_may_earn(periods, wanted):
    found = settle(Period(listed_fen=listed, earned_fen=earned) for listed, earned in periods)
    assert [(stands.permitted_fen, stands.left_fen, stands.excess_fen) for stands in found] == wanted


@given(st.lists(st.tuples(fen, fen), max_size=8))
def test_no_excess_is_lost_and_none_made_up(periods):
    found = list(settle(Period(listed_fen=listed, earned_fen=earned) for listed, earned in periods))
    excess = 0
    for (listed, earned), stands in zip(periods, found, strict=True):
        excess = max(0, excess + earned - listed)
        assert stands.excess_fen == excess
        assert stands.left_fen == max(0, stands.permitted_fen - earned)
        assert 0 <= stands.permitted_fen <= listed


def test_a_flat_price_is_held_to_a_ceiling_of_its_own():
    listed = Listed(per_query_fen=10, per_gb_fen=100, flat_monthly_fen=500)
    assert listed.exceeded_by(Price(flat_monthly_fen=500)) is None
    assert listed.exceeded_by(Price(flat_monthly_fen=501)) == "flat_monthly_fen"
    assert Listed(per_query_fen=10, per_gb_fen=100).exceeded_by(Price(flat_monthly_fen=1)) == "flat_monthly_fen"


def test_a_monthly_maximum_and_free_purposes_make_no_price_dearer():
    price = Price(per_query_fen=10, monthly_maximum_fen=10**9, free_purposes=tuple(Purpose))
    assert Listed(per_query_fen=10, per_gb_fen=0).exceeded_by(price) is None
