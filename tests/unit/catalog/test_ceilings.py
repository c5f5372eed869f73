"""No price is offered above the listed ceiling of its period."""

from datetime import UTC, date, datetime

import pytest

from catalog.ceilings import ceilings_of, check_price, list_ceiling
from catalog.errors import CatalogError
from catalog.ids import MemberId
from policies.calendar import begins_at
from policies.ceiling import Listed
from policies.errors import TermsError
from policies.pricing import Price
from tests.common import editions
from tests.common.clock import BEGIN

BY = MemberId("m")
TODAY, BEFORE, AFTER = date(BEGIN.year, 1, 1), date(BEGIN.year - 1, 1, 1), date(BEGIN.year + 1, 1, 1)
LATER = date(BEGIN.year + 2, 1, 1)
WITHIN = Price(per_query_fen=10, per_gb_fen=5000)
FREE = Price()


def list_(world, starts_on, ends_on, per_query=10, per_gb=5000, revenue=1000):
    listed = Listed(per_query_fen=per_query, per_gb_fen=per_gb)
    with world.writing() as session:
        list_ceiling(
            session,
            editions.DATASET,
            listed,
            starts_on=starts_on,
            ends_on=ends_on,
            revenue_fen=revenue,
            by=BY,
            at=world.now(),
        )


def check(world, price, at=BEGIN):
    with world.reading() as session:
        check_price(session, editions.DATASET, price, at)


def test_a_price_at_the_ceiling_is_offered_and_one_above_is_not(any_world):
    list_(any_world, TODAY, AFTER)
    check(any_world, WITHIN)
    for price in (Price(per_query_fen=11), Price(per_gb_fen=5001)):
        with pytest.raises(CatalogError, match="Ask at most 10 fen a query and 5000 fen a GB"):
            check(any_world, price)


def test_a_minimum_of_bytes_is_no_way_around_the_price_of_a_query(world):
    list_(world, TODAY, AFTER)
    with pytest.raises(CatalogError, match="dearer than the ceiling"):
        check(world, Price(per_query_fen=10, per_gb_fen=5000, minimum_bytes=10**9))


def test_what_is_free_needs_no_ceiling(world):
    list_(world, BEFORE, TODAY)
    check(world, FREE)


def test_a_dataset_without_any_ceiling_is_not_under_guided_prices(world):
    check(world, Price(per_query_fen=10**6))


def test_a_dataset_with_ceilings_needs_one_for_the_period(world):
    list_(world, BEFORE, TODAY)
    with pytest.raises(CatalogError, match="no ceiling is listed for"):
        check(world, WITHIN)
    list_(world, TODAY, AFTER)
    check(world, WITHIN)


def test_a_period_begins_at_midnight_in_china(world):
    list_(world, AFTER, LATER, per_query=1)
    list_(world, TODAY, AFTER)
    assert begins_at(AFTER) == datetime(BEGIN.year, 12, 31, 16, tzinfo=UTC)
    check(world, WITHIN, at=datetime(BEGIN.year, 12, 31, 15, 59, tzinfo=UTC))
    with pytest.raises(CatalogError, match="at most 1 fen"):
        check(world, WITHIN, at=begins_at(AFTER))


def test_a_period_is_listed_once_it_has_begun_and_again_before(any_world):
    list_(any_world, AFTER, LATER, revenue=1)
    list_(any_world, AFTER, LATER, revenue=2)
    list_(any_world, TODAY, AFTER)
    with pytest.raises(CatalogError, match="the period has begun"):
        list_(any_world, TODAY, AFTER)
    with any_world.reading() as session:
        assert [row.revenue_fen for row in ceilings_of(session, editions.DATASET)] == [1000, 2]


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "why"),
    [
        (TODAY, TODAY, "before it begins"),
        (AFTER, TODAY, "before it begins"),
        (date(BEGIN.year, 6, 1), LATER, "overlaps"),
        (BEFORE, LATER, "overlaps"),
    ],
)
def test_a_period_that_cannot_be_is_refused(world, starts_on, ends_on, why):
    list_(world, TODAY, AFTER)
    with pytest.raises(CatalogError, match=why):
        list_(world, starts_on, ends_on)


def test_a_ceiling_is_a_whole_number(world):
    with pytest.raises(TermsError, match="is negative"):
        list_(world, TODAY, AFTER, revenue=-1)


def test_an_offer_above_the_ceiling_is_refused(any_world):
    release = any_world.published()
    list_(any_world, TODAY, AFTER, per_query=9)
    with pytest.raises(CatalogError, match="above the listed ceiling"):
        any_world.offer(release, price=WITHIN)
    any_world.offer(release, price=Price(per_query_fen=9))


def test_an_offer_made_before_a_lower_ceiling_is_not_agreed_to_above_it(any_world):
    world = any_world
    release = world.published()
    asked = world.request(world.offer(release))
    list_(world, BEFORE, AFTER, per_query=9)
    with pytest.raises(CatalogError, match="Ask at most 9 fen a query"):
        world.draw_up(asked)
    world.draw_up(world.request(world.offer(release, price=Price(per_query_fen=9))))


@pytest.mark.parametrize("given", [{"per_query": 10**9 + 1}, {"per_gb": 2**31}, {"revenue": 2**63}])
def test_a_ceiling_too_large_to_be_kept_is_refused_in_words(any_world, given):
    with pytest.raises(CatalogError, match="larger than what can be kept"):
        list_(any_world, TODAY, AFTER, **given)
    list_(any_world, TODAY, AFTER, per_query=10**9, per_gb=10**9, revenue=10**15)


def test_a_flat_price_needs_a_ceiling_that_lists_one(any_world):
    list_(any_world, TODAY, AFTER)
    with pytest.raises(CatalogError, match="5000 fen a GB and 0 fen a month, or nothing"):
        check(any_world, Price(flat_monthly_fen=1))
    listed = Listed(per_query_fen=10, per_gb_fen=5000, flat_monthly_fen=300)
    with any_world.writing() as session:
        period = {"starts_on": AFTER, "ends_on": LATER, "revenue_fen": 1}
        list_ceiling(session, editions.DATASET, listed, by=BY, at=any_world.now(), **period)
    check(any_world, Price(flat_monthly_fen=300), at=begins_at(AFTER))
    with pytest.raises(CatalogError, match="300 fen a month"):
        check(any_world, Price(flat_monthly_fen=301), at=begins_at(AFTER))
