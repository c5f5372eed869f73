"""Identifiers sort by time; a release takes only the steps there are."""

import re
from datetime import timedelta
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import WrongState
from catalog.ids import ALPHABET, new_id
from catalog.lifecycle import State, step
from tests.common.clock import BEGIN

milliseconds = st.integers(0, 10**11)


@given(milliseconds, milliseconds)
def test_an_identifier_sorts_by_the_millisecond_it_was_drawn_in(one, other):
    first, second = sorted((one, other))
    if first < second:
        assert new_id(BEGIN + timedelta(milliseconds=first)) < new_id(BEGIN + timedelta(milliseconds=second))


def test_identifiers_have_one_form_and_do_not_repeat():
    drawn = {new_id(BEGIN) for _ in range(1000)}
    assert len(drawn) == 1000
    assert all(re.fullmatch(f"[{ALPHABET}]{{26}}", identifier) for identifier in drawn)
    assert all(one < other for one, other in pairwise(ALPHABET))


STEPS = {
    (State.DRAFT, State.ASSESSED),
    (State.ASSESSED, State.APPROVED),
    (State.APPROVED, State.PUBLISHED),
    (State.PUBLISHED, State.SUPERSEDED),
    (State.PUBLISHED, State.WITHDRAWN),
    (State.SUPERSEDED, State.WITHDRAWN),
}


@pytest.mark.parametrize(("now", "to"), list(product(State, State)))
def test_a_release_takes_the_steps_there_are_and_no_other(now, to):
    if (now, to) in STEPS:
        assert step("release", now, to) is to
    else:
        with pytest.raises(WrongState, match=f"is {now}, so it cannot become {to}"):
            step("release", now, to)


def test_a_refused_step_says_what_comes_first():
    with pytest.raises(WrongState, match="It must be published or superseded first"):
        step("release", State.DRAFT, State.WITHDRAWN)
