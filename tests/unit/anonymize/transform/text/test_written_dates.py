"""Dates in texts move by the days they should, and stay written as they were."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymize.transform.text.written_ages import capped
from anonymize.transform.text.written_dates import Said, said, shifted

DAYS = st.dates(date(1901, 1, 1), date(2099, 12, 31))
SHIFTS = st.integers(-182, 182).filter(bool)
HAN = "〇一二三四五六七八九"


def in_hanzi(number):
    tens, ones = divmod(number, 10)
    return ("" if not tens else "十" if tens == 1 else f"{HAN[tens]}十") + (HAN[ones] if ones else "")


FORMS = {
    "han": lambda d: f"{d.year}年{d.month}月{d.day}日",
    "han padded": lambda d: f"{d.year}年{d.month:02}月{d.day:02}日",
    "iso": lambda d: d.isoformat(),
    "compact": lambda d: f"{d:%Y%m%d}",
    "slashes": lambda d: f"{d.year}/{d.month:02}/{d.day:02}",
    "dots": lambda d: f"{d.year}.{d.month:02}.{d.day:02}",
    "american": lambda d: f"{d:%m/%d/%Y}",
    "long": lambda d: f"{d:%B} {d.day}, {d.year}",
    "long padded": lambda d: f"{d:%B %d, %Y}",
    "british": lambda d: f"{d.day} {d:%b} {d.year}",
    "loud": lambda d: f"{d:%b}-{d.day}-{d.year}".upper().replace("-", " ", 1).replace("-", ", ", 1),
    "hanzi": lambda d: "".join(HAN[int(n)] for n in str(d.year)) + f"年{in_hanzi(d.month)}月{in_hanzi(d.day)}日",
}
AMBIGUOUS = {"han padded", "long padded"}
"""A number of two digits does not show whether it is padded."""
SHORT = {"british", "loud"}
"""May does not show whether it is cut short."""


@pytest.mark.parametrize("form", FORMS)
@given(DAYS, SHIFTS)
def test_a_date_is_shifted_in_the_form_it_is_written_in(form, day, by):
    write = FORMS[form]
    moved = day + timedelta(days=by)
    if (form in AMBIGUOUS and day.day > 9) or (form in SHORT and day.month == 5):
        moved_text = shifted(write(day), by)
        assert said(moved_text) == Said(moved.year, moved.month, moved.day)
        return
    assert shifted(write(day), by) == write(moved)
    assert said(write(day)) == Said(day.year, day.month, day.day)


@pytest.mark.parametrize(
    ("text", "by", "out"),
    [
        ("2021年3月4日", 40, "2021年4月13日"),
        ("2021/3/4", -4, "2021/2/28"),
        ("２０２１年３月４日", 1, "2021年3月5日"),
        ("25/12/2021", 10, "04/01/2022"),
        ("4th March 2021", -1, "3rd March 2021"),
        ("March 21st, 2021", 1, "March 22nd, 2021"),
        ("2021年12月", 40, "2022年1月"),
        ("2021年3月份", 40, "2021年4月份"),
        ("2021-03", 40, "2021-04"),
        ("二〇一九年十二月", 31, "二〇二〇年一月"),
        ("12/31/99", 1, "01/01/00"),
        ("June 2021", 30, "July 2021"),
        ("2021年", -182, "2020年"),
    ],
)
def test_partial_and_odd_forms_move_as_a_whole(text, by, out):
    assert shifted(text, by) == out


@pytest.mark.parametrize(
    "text", ["3月4日", "2021-02-30", "13/13/2021", "9999-12-31", "", "昨天", "十十月", "二〇一九年十十月"]
)
def test_what_is_no_day_of_a_year_is_not_shifted(text):
    assert shifted(text, 5) is None


@given(st.text(max_size=30), SHIFTS)
def test_any_text_is_a_date_or_nothing(text, by):
    out = shifted(text, by)
    assert out is None or said(text) is not None


def test_what_is_said_holds_the_days_in_it():
    birth = Said(1950, 3, 4)
    assert [Said(1950, None, None).holds(birth), Said(1950, 3, None).holds(birth), birth.holds(birth)] == [True] * 3
    assert not Said(1950, 4, None).holds(birth)


@pytest.mark.parametrize(
    ("text", "out"),
    [("68岁", "68岁"), ("93 周岁", "90+ 周岁"), ("aged 101", "aged 90+"), ("９２岁", "90+岁"), ("九十岁", None)],
)
def test_ages_over_89_are_written_as_90_and_more(text, out):
    assert capped(text) == out
