"""Numbers fall into nested bands, values into the plan's groups."""

import pytest

from anonymize.errors import SourceError

from .settings import levels, treated

SIZE = {"name": "size", "treatment": "band", "widths": [10, 20], "lower": 0, "upper": 45}
GRADE = {"name": "grade", "treatment": "group", "groups": {"1": "low", "2": "low", "3": "high"}}


def test_bands_nest_and_are_cut_at_their_ends():
    rows = levels(SIZE, {"size": ["37", "0", "44.9", "45", "-1", "1e3", None]})
    assert rows == [
        ["[30,40)", "[20,40)", "*"],
        ["[0,10)", "[0,20)", "*"],
        ["[40,45)", "[40,45)", "*"],
        [">=45", ">=45", "*"],
        ["<0", "<0", "*"],
        [">=45", ">=45", "*"],
        [None, None, "*"],
    ]


def test_bands_of_tenths_do_not_depend_on_binary_rounding():
    column = {"name": "size", "treatment": "band", "widths": [0.1, 0.5]}
    rows = levels(column, {"size": ["0.3", "0.7", "-0.05"]})
    assert rows == [["[0.3,0.4)", "[0,0.5)", "*"], ["[0.7,0.8)", "[0.5,1)", "*"], ["[-0.1,0)", "[-0.5,0)", "*"]]


@pytest.mark.parametrize("bad", ["SECRET", "nan", "inf", "1,5", "1/3"])
def test_what_is_no_number_names_its_row_and_not_the_value(bad):
    with pytest.raises(SourceError, match=r"column 'size', row 2.*no number") as caught:
        levels(SIZE, {"size": ["1", bad]})
    assert "SECRET" not in str(caught.value)


def test_values_roll_up_to_their_groups():
    assert levels(GRADE, {"grade": ["1", "3", None]}) == [["1", "low", "*"], ["3", "high", "*"], [None, None, "*"]]


def test_a_value_without_a_group_names_its_row_and_not_the_value():
    with pytest.raises(SourceError, match=r"column 'grade', row 3.*no group") as caught:
        levels(GRADE, {"grade": ["1", "2", "SECRET"]})
    assert "SECRET" not in str(caught.value)


def test_without_groups_a_value_has_only_the_root_above_it():
    assert levels({"name": "sex", "treatment": "group"}, {"sex": ["m", "f"]}) == [["m", "*"], ["f", "*"]]


def test_a_grouped_column_that_is_not_searched_is_published_by_its_groups():
    with treated({**GRADE, "role": "insensitive"}, {"grade": ["1", "3"]}) as (_, _, done):
        grade = done.generalised["grade"]
        assert grade.labels(grade.usual).to_pylist() == ["low", "low", "high"]
