"""Places roll up by GB/T 2260 until enough people live there, and a small place is not given away by its neighbours."""

import random

import pytest

from anonymize.errors import SourceError
from anonymize.transform.geography import places, published

from .settings import levels

PLACE = {"name": "place", "treatment": "place"}
FIGURES = {"5001": 24_000_000, "500103": 600_000, "500101": 5_000}


def test_a_large_county_is_published_and_a_small_or_uncounted_one_says_its_city():
    rows = levels(PLACE, {"place": ["500103", "500101", "500112", "5001", "50", None]}, population=FIGURES)
    assert rows == [
        ["500103", "5001", "50", "*"],
        ["5001", "5001", "50", "*"],
        ["5001", "5001", "50", "*"],
        ["5001", "5001", "50", "*"],
        ["50", "50", "50", "*"],
        [None, None, None, "*"],
    ]


def test_without_figures_only_the_province_is_published():
    assert levels(PLACE, {"place": ["500103", "3101", "11"]}) == [
        ["50", "50", "50", "*"],
        ["31", "31", "31", "*"],
        ["11", "11", "11", "*"],
    ]


def test_a_county_may_pass_where_its_city_has_no_figure():
    rows = levels(PLACE, {"place": ["500103", "500101"]}, population={"500103": 600_000})
    assert rows == [["500103", "50", "50", "*"], ["50", "50", "50", "*"]]


def test_a_remainder_below_the_floor_says_the_province():
    """The city less its published county is 5,000 people: calling them "the city" would name them."""
    figures = {"5001": 605_000, "500103": 600_000, "500101": 5_000}
    rows = levels(PLACE, {"place": ["500103", "500101"]}, population=figures)
    assert rows == [["500103", "5001", "50", "*"], ["50", "50", "50", "*"]]


def test_the_floor_itself_passes():
    figures = {"5001": 24_000_000, "500103": 20_000, "500101": 19_999}
    rows = levels(PLACE, {"place": ["500103", "500101"]}, population=figures)
    assert [row[0] for row in rows] == ["500103", "5001"]


def test_codes_padded_with_zeros_mean_the_larger_place():
    rows = levels(PLACE, {"place": ["500100", "500000", "110000"]}, population=FIGURES)
    assert [row[0] for row in rows] == ["5001", "50", "11"]


def test_any_figures_give_a_tree_and_no_published_area_below_the_floor():
    """Whatever the figures: `levels` builds the hierarchy, which refuses what is no tree."""
    rng = random.Random(5)
    counties = [code for code in places() if len(code) == 6]
    for _ in range(5):
        figures = {code: rng.choice([1_000, 30_000, 900_000]) for code in rng.sample(counties, 2000)}
        for city in {code[:4] for code in counties}:
            if rng.random() < 0.8:
                figures[city] = sum(n for code, n in figures.items() if code[:4] == city and len(code) == 6)
        levels(PLACE, {"place": counties}, population=figures)
        named: dict[str, int] = {}
        for code, path in published(figures, 20_000).items():
            if len(code) == 6:
                named[path[0]] = named.get(path[0], 0) + figures.get(code, 0)
        assert all(people >= 20_000 for area, people in named.items() if len(area) > 2)


@pytest.mark.parametrize("bad", ["999999", "50010", "SECRET", "0", "500103000000", "1", "00", "9900"])
def test_an_unknown_place_names_its_row_and_not_the_value(bad):
    with pytest.raises(SourceError, match="column 'place', row 2") as caught:
        levels(PLACE, {"place": ["50", bad]})
    assert "SECRET" not in str(caught.value)
