"""The city's days and months begin at midnight in China."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.calendar import CalendarError, Month, begins_at, day_of

moments = st.datetimes(datetime(1, 1, 2), datetime(9998, 12, 30), timezones=st.just(UTC))


def test_a_day_begins_eight_hours_before_that_of_greenwich():
    assert begins_at(date(2027, 1, 1)) == datetime(2026, 12, 31, 16, tzinfo=UTC)
    assert day_of(datetime(2026, 12, 31, 16, tzinfo=UTC)) == date(2027, 1, 1)
    assert day_of(datetime(2026, 12, 31, 15, 59, tzinfo=UTC)) == date(2026, 12, 31)


@given(moments)
def test_every_moment_lies_in_one_month(at):
    month = Month.of(at)
    assert month.begins_at <= at < month.ends_at
    assert month.ends_at == month.following.begins_at
    assert month < month.following
    assert timedelta(days=28) <= month.ends_at - month.begins_at <= timedelta(days=31)


@given(moments)
def test_a_month_is_read_as_it_is_written(at):
    assert Month.parse(str(Month.of(at))) == Month.of(at)


def test_december_is_followed_by_january():
    assert str(Month(2026, 12).following) == "2027-01"
    assert str(Month(2026, 11).following) == "2026-12"


@pytest.mark.parametrize("text", ["2026-13", "2026-00", "0000-01", "2026-1", "26-01", "2026-11-01", "", "٢٠٢٦-01"])
def test_what_is_no_month_is_refused(text):
    with pytest.raises(CalendarError, match="is none"):
        Month.parse(text)
