"""Coordinates fall into the cells of ever coarser grids, moments into hours, parts of days, and days."""

import pytest

from anonymize.transform import registry
from anonymize.transform.outcome import BadValue, Setting
from anonymize.transform.points import grid
from anonymize.transform.times import FINEST, LEVELS, moment
from policies import profile
from policies.columns import DATE_LEVELS, Column, Role, Treatment

SETTING = Setting(age_top_code=90, population_floor=20_000)


def column(treatment: Treatment) -> Column:
    return Column(name="c", role=Role.QUASI_IDENTIFIER, treatment=treatment)


def levels(treatment: Treatment, *values: str | None) -> list[list[str | None]]:
    done = registry.TRANSFORMS[treatment](column(treatment), values, SETTING)
    by_level = [done.labels(level).take(done.leaf).to_pylist() for level in range(done.hierarchy.levels)]
    return [list(row) for row in zip(*by_level, strict=True)]


def test_a_coordinate_falls_into_ever_larger_cells():
    assert levels(Treatment.GRID, "44.96661711", "-93.24645831", "0", None) == [
        ["44.966", "44.96", "44.9", "*"],
        ["-93.247", "-93.25", "-93.3", "*"],
        ["0.000", "0.00", "0.0", "*"],
        [None, None, None, "*"],
    ]


def test_one_cell_has_one_name_however_its_points_are_written():
    names = {tuple(row) for row in levels(Treatment.GRID, "44.9", "44.90001", "4.49e1", "44.9000999", "+44.9")}
    assert names == {("44.900", "44.90", "44.9", "*")}


def test_a_point_on_the_corner_belongs_to_the_cell_north_east_of_it():
    assert levels(Treatment.GRID, "-0.001", "-0.0001", "0.001") == [
        ["-0.001", "-0.01", "-0.1", "*"],
        ["-0.001", "-0.01", "-0.1", "*"],
        ["0.001", "0.00", "0.0", "*"],
    ]


def test_two_coordinates_in_one_cell_of_the_table_make_one_square():
    expected = ["44.966,-93.247", "44.96,-93.25", "44.9,-93.3", "*"]
    assert levels(Treatment.GRID, "44.9666,-93.2464", "44.9666; -93.2464", "44.9666 -93.2464") == [expected] * 3


@pytest.mark.parametrize("bad", ["SECRET", "181", "-181", "nan", "inf", "1,2,3", "", "44°58'"])
def test_what_is_no_coordinate_is_refused_by_its_number_without_its_value(bad):
    with pytest.raises(BadValue) as refused:
        grid(column(Treatment.GRID), ["1", bad], SETTING)
    assert refused.value.number == 1
    assert "SECRET" not in str(refused.value)


def test_a_moment_loses_first_its_minutes_then_its_hour_then_its_day():
    assert levels(Treatment.TIME, "2017-03-31 13:05:59", None) == [
        [
            "2017-03-31 13h",
            "2017-03-31 12-17h",
            "2017-03 12-17h",
            "2017-03",
            "2017-Q1",
            "2017",
            "2015-2019",
            "*",
        ],
        [None] * 7 + ["*"],
    ]


@pytest.mark.parametrize(
    "text",
    ["2017/3/31 13:05", "2017-03-31T13:59:59.123Z", "20170331 13:00:00", "2017.3.31 13:05:00+00", "2017-3-31 13:00"],
)
def test_a_moment_is_read_in_its_usual_forms(text):
    assert levels(Treatment.TIME, text)[0][0] == "2017-03-31 13h"


@pytest.mark.parametrize(
    "bad", ["SECRET", "2017-03-31", "31/03/2017 13:05", "2017-02-30 13:05", "2017-03-31 24:05", "1700-01-01 10:00"]
)
def test_what_is_no_moment_is_refused_by_its_number_without_its_value(bad):
    with pytest.raises(BadValue) as refused:
        moment(column(Treatment.TIME), [None, bad], SETTING)
    assert refused.value.number == 1
    assert "SECRET" not in str(refused.value)


@pytest.mark.parametrize("name", profile.names())
def test_no_edition_shows_a_moment_finer_than_its_finest_date(name):
    limits = profile.load(name)
    lowest = registry.floor(column(Treatment.TIME), limits)
    shown = levels(Treatment.TIME, "2017-03-31 13:05:59")[0][lowest]
    assert ("2017-03-31" in shown) == (limits.finest_date == "day")


def test_every_finest_date_has_a_first_level():
    assert set(FINEST) == set(DATE_LEVELS)
    assert max(FINEST.values()) < LEVELS - 1


@pytest.mark.parametrize("treatment", [Treatment.GRID, Treatment.TIME])
def test_no_values_make_a_tree_all_the_same(treatment):
    assert levels(treatment) == []
    assert registry.TRANSFORMS[treatment](column(treatment), [], SETTING).hierarchy.levels > 1
