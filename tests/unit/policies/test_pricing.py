"""A quote is whole numbers: bytes rounded up to whole MB and the minimum, a started fen a whole one."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.errors import TermsError
from policies.pricing import BYTES_PER_GB, BYTES_PER_MB, Price, quote, yuan
from policies.purpose import Purpose

counts = st.integers(0, 10**15)
prices = st.builds(Price, per_query_fen=counts, per_gb_fen=counts, minimum_bytes=counts)


@given(prices, counts)
def test_bytes_are_rounded_up_to_a_whole_mb_and_never_below_the_minimum(price, footprint):
    billed = price.billed_bytes(footprint)
    assert billed >= max(footprint, price.minimum_bytes)
    assert billed == price.minimum_bytes or (billed % BYTES_PER_MB == 0 and billed - footprint < BYTES_PER_MB)


@given(prices, counts)
def test_an_amount_is_the_exact_price_rounded_up_to_a_fen(price, billed):
    exact = price.per_query_fen + Fraction(billed * price.per_gb_fen, BYTES_PER_GB)
    assert 0 <= price.amount_fen(billed) - exact < 1


@given(prices, counts, counts)
def test_more_bytes_never_cost_less(price, one, other):
    less, more = sorted((one, other))
    assert price.amount_fen(price.billed_bytes(less)) <= price.amount_fen(price.billed_bytes(more))


@given(prices, counts)
def test_a_quote_is_the_arithmetic_of_its_price_list(price, footprint):
    value = quote(price, purpose=Purpose.HEALTH_RESEARCH, columns=("t.b", "t.a"), footprint_bytes=footprint)
    assert value.columns == ("t.a", "t.b")
    assert value.footprint_bytes == footprint
    assert value.billed_bytes == price.billed_bytes(footprint)
    assert value.amount_fen == price.amount_fen(value.billed_bytes)
    assert all(type(number) is int for number in (value.billed_bytes, value.amount_fen))


@pytest.mark.parametrize(
    ("footprint", "billed", "fen"),
    [(0, 1_000_000, 15), (1, 1_000_000, 15), (1_000_000, 1_000_000, 15), (1_000_001, 2_000_000, 20)],
)
def test_a_small_query_costs_its_minimum(footprint, billed, fen):
    price = Price(per_query_fen=10, per_gb_fen=5000)
    assert price.billed_bytes(footprint) == billed
    assert price.amount_fen(billed) == fen


@pytest.mark.parametrize(
    "name", ["per_query_fen", "per_gb_fen", "minimum_bytes", "flat_monthly_fen", "monthly_maximum_fen"]
)
@pytest.mark.parametrize(("value", "found"), [(-1, "is negative"), (0.5, "no whole number"), (True, "no whole number")])
def test_a_price_list_holds_whole_numbers_only(name, value, found):
    with pytest.raises(TermsError, match=f"price.{name}: .*{found}"):
        Price(**{name: value})


def test_use_for_a_free_purpose_costs_nothing_and_is_metered_all_the_same():
    price = Price(per_query_fen=10, per_gb_fen=5000, flat_monthly_fen=7, free_purposes=(Purpose.GENERAL_RESEARCH,))
    free = quote(price, purpose=Purpose.GENERAL_RESEARCH, columns=("t.a",), footprint_bytes=10**9)
    paid = quote(price, purpose=Purpose.HEALTH_RESEARCH, columns=("t.a",), footprint_bytes=10**9)
    assert (free.amount_fen, paid.amount_fen) == (0, 5010)
    assert free.billed_bytes == paid.billed_bytes == 10**9
    assert (price.flat_fen(Purpose.GENERAL_RESEARCH), price.flat_fen(Purpose.HEALTH_RESEARCH)) == (0, 7)


def test_a_monthly_maximum_is_above_nothing_and_not_below_the_flat_price():
    Price(flat_monthly_fen=100, monthly_maximum_fen=100)
    with pytest.raises(TermsError, match=r"price\.flat_monthly_fen: is above the monthly maximum"):
        Price(flat_monthly_fen=101, monthly_maximum_fen=100)
    with pytest.raises(TermsError, match=r"price\.monthly_maximum_fen: leaves nothing to charge"):
        Price(monthly_maximum_fen=0)


@pytest.mark.parametrize(
    ("fen", "words"),
    [(0, "0.00"), (1, "0.01"), (100, "1.00"), (-5, "-0.05"), (-12345, "-123.45"), (10**18, f"1{'0' * 16}.00")],
)
def test_yuan_are_written_by_integers_alone(fen, words):
    assert yuan(fen) == words
