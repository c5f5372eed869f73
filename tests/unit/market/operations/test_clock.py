"""A clock that jumped is noticed against one that only counts."""

from dataclasses import replace
from datetime import timedelta

import pytest

from market.operations.clock import Reading, is_steady, reading
from tests.common.clock import BEGIN

START = Reading("boot", 1000.0)


@pytest.fixture
def look(tmp_path):
    """Look at the clocks: the one on the wall and the one that counts, both so much later than at the start."""

    def looked(wall: timedelta, counted: timedelta | None = None, boot: str = "boot") -> bool:
        seconds = START.seconds + (wall if counted is None else counted).total_seconds()
        return is_steady(tmp_path / "clock.json", BEGIN + wall, replace(START, boot=boot, seconds=seconds))

    return looked


def test_a_clock_that_goes_as_it_should_is_steady(look):
    assert all(look(timedelta(minutes=minutes)) for minutes in (0, 10, 10, 3000))


@pytest.mark.parametrize("jump", [timedelta(days=1), timedelta(days=-1), timedelta(minutes=2)])
def test_a_clock_that_jumped_is_not_believed_for_an_hour(look, jump):
    assert look(timedelta(0))
    assert not look(jump, timedelta(minutes=0.5))
    assert not look(jump + timedelta(minutes=50), timedelta(minutes=50))
    assert look(jump + timedelta(minutes=61), timedelta(minutes=61))


def test_a_correction_of_some_seconds_is_no_jump(look):
    assert look(timedelta(0))
    assert look(timedelta(seconds=700), timedelta(seconds=670))


def test_a_new_start_of_the_machine_begins_anew(look):
    assert look(timedelta(0))
    assert look(timedelta(days=2), timedelta(minutes=1), boot="another")


def test_a_damaged_note_begins_anew(look, tmp_path):
    for content in ("", "[]", '{"boot": "boot"}', "\0"):
        (tmp_path / "clock.json").write_text(content)
        assert look(timedelta(0))


def test_the_machine_has_such_a_clock():
    first, second = reading(), reading()
    assert first.boot == second.boot
    assert 0 <= second.seconds - first.seconds < 60
