"""Dates are shifted by one secret number of days per subject, then coarsened; intervals survive."""

import hashlib
from datetime import date

import numpy as np
import pytest

from anonymize.errors import SourceError
from anonymize.transform.dates import levels_of, read_days
from anonymize.transform.keys import ReleaseSecret
from policies.errors import PlanError

from .settings import SECRET, levels

DX = {"name": "dx", "treatment": "date"}


def test_a_date_is_published_as_text_that_sorts_in_time():
    assert levels_of(date(1990, 2, 3)) == ("1990-02-03", "1990-02", "1990-Q1", "1990", "1990-1994")
    assert levels_of(date(1989, 12, 31)) == ("1989-12-31", "1989-12", "1989-Q4", "1989", "1985-1989")


def test_the_days_between_the_dates_of_a_subject_are_kept():
    source = {"id": ["A", "A", "B", "B"], "dx": ["2001-01-01", "2001-03-02", "2001-01-01", "20010302"]}
    first, second, third, fourth = (row[0] for row in levels(DX, source))
    assert (second - first).days == (fourth - third).days == 60
    assert first != third


def shifts(people: int, **more) -> np.ndarray:
    rows = levels(DX, {"dx": ["2001-01-01"] * people}, **more)
    return np.array([(row[0] - date(2001, 1, 1)).days for row in rows])


def test_no_shift_is_zero_and_all_lie_within_182_days():
    drawn = shifts(20_000)
    assert drawn.min() == -182
    assert drawn.max() == 182
    assert 0 not in drawn
    counts = np.unique(drawn, return_counts=True)[1]
    assert len(counts) == 364
    assert counts.max() < 2.2 * counts.mean()


def test_a_shift_is_drawn_from_the_key_and_the_subject():
    digest = hashlib.sha256(SECRET.shift_key() + b"P0").hexdigest()
    drawn = int(digest[:15], 16) % 364 - 182
    assert shifts(1).tolist() == [drawn + (drawn >= 0)]


def test_another_release_shifts_otherwise():
    one, other = (shifts(50, secret=ReleaseSecret(bytes([n]) * 32)) for n in (1, 2))
    assert (one != other).any()


def test_the_search_starts_at_the_finest_date_of_the_profile():
    assert len(levels(DX, {"dx": ["2001-01-01"]}, under="enclave")[0]) == 6
    coarse = levels(DX, {"dx": ["2001-01-01", None]}, under="open")
    assert [len(row) for row in coarse] == [5, 5]
    assert len(coarse[0][0]) == len("2001-01")
    assert coarse[1] == [None, None, None, None, "*"]


def test_a_level_finer_than_the_profile_is_refused():
    with pytest.raises(PlanError, match="level 0 is not allowed under profile 'open'"):
        levels({**DX, "level": 0}, {"dx": ["2001-01-01"]}, under="open")


@pytest.mark.parametrize("bad", ["2001-02-30", "1.2.2001", "2001-2-3", "2001", "9999-12-31", "SECRET", "2001-W01-1"])
def test_a_bad_date_names_its_row_and_not_the_value(bad):
    with pytest.raises(SourceError, match="column 'dx', row 2") as caught:
        levels(DX, {"dx": ["2001-01-01", bad]})
    assert "SECRET" not in str(caught.value)


def test_a_row_of_nobody_is_refused():
    with pytest.raises(SourceError, match=r"row 2.*names no subject"):
        levels(DX, {"id": ["A", None], "dx": ["2001-01-01", "2001-01-01"]})


def test_an_empty_cell_is_missing():
    assert read_days([None, "1970-01-02"]) == [None, 1]
    assert levels(DX, {"dx": [None, "1970-01-02"]})[0] == [None, None, None, None, None, "*"]
    assert levels(DX, {"dx": [None]}) == [[None, None, None, None, None, "*"]]
