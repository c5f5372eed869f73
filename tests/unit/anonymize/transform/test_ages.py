"""Ages come from true dates, end at the top code, and fall into nested bands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymize.errors import SourceError
from anonymize.transform.ages import band

from .settings import levels

GIVEN = {"name": "age", "treatment": "age"}
COMPUTED = {"name": "age", "treatment": "age", "birth_date": "born", "at": "dx"}


def test_ages_are_published_in_bands_that_open_at_the_top():
    rows = levels(GIVEN, {"age": ["62", "88", "90", "103", "7", "064", None]})
    assert rows == [
        ["62", "60-64", "60-69", "60-79", "*"],
        ["88", "85-89", "80-89", "80+", "*"],
        ["90+", "90+", "90+", "80+", "*"],
        ["90+", "90+", "90+", "80+", "*"],
        ["07", "05-09", "00-09", "00-19", "*"],
        ["64", "60-64", "60-69", "60-79", "*"],
        [None, None, None, None, "*"],
    ]


@given(st.integers(50, 110), st.data())
def test_bands_nest_whatever_the_top_code(top, data):
    one, other = data.draw(st.integers(0, 130)), data.draw(st.integers(0, 130))
    for finer, wider in ((1, 5), (5, 10), (10, 20)):
        if band(one, finer, top) == band(other, finer, top):
            assert band(one, wider, top) == band(other, wider, top)


@pytest.mark.parametrize(
    ("born", "at", "age"),
    [
        ("1950-06-15", "2010-06-14", "59"),
        ("1950-06-15", "2010-06-15", "60"),
        ("1952-02-29", "2011-02-28", "58"),
        ("1952-02-29", "2011-03-01", "59"),
        ("1900-01-01", "2010-01-01", "90+"),
        ("2010-01-01", "2010-01-01", "00"),
        (None, "2010-01-01", None),
        ("1950-01-01", None, None),
    ],
)
def test_age_counts_birthdays_between_true_dates(born, at, age):
    assert levels(COMPUTED, {"age": [None], "born": [born], "dx": [at]})[0][0] == age


def test_a_birth_after_the_date_names_its_row():
    with pytest.raises(SourceError, match=r"column 'age', row 1.*birth date lies after"):
        levels(COMPUTED, {"age": [None], "born": ["2011-01-01"], "dx": ["2010-01-01"]})


@pytest.mark.parametrize("bad", ["-1", "6.5", "999", "SECRET", "131", "１２"])
def test_what_is_no_age_names_its_row_and_not_the_value(bad):
    with pytest.raises(SourceError, match="column 'age', row 2") as caught:
        levels(GIVEN, {"age": ["1", bad]})
    assert "SECRET" not in str(caught.value)
