"""Equal values have one byte form, and what has none is refused."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.canonical import canonical_json, digest, plain


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True)
class Point:
    x: int
    colour: Colour


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text('aé中\n"'),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc中", max_size=3), inner, max_size=4),
)


@given(json_values)
def test_canonical_json_reads_back_to_the_same_value_and_bytes(value):
    written = canonical_json(value)
    assert json.loads(written) == value
    assert canonical_json(json.loads(written)) == written


@given(st.dictionaries(st.text(max_size=3).filter(lambda t: t.isprintable()), st.integers(), max_size=6))
def test_the_order_of_keys_does_not_matter(value):
    assert digest(value) == digest(dict(reversed(value.items())))


CHINA = timezone(timedelta(hours=8))
FORMS = [
    (Point(1, Colour.RED), b'{"colour":"red","x":1}'),
    (datetime(2026, 1, 2, 8, tzinfo=CHINA), b'"2026-01-02T00:00:00Z"'),
    (datetime(2026, 1, 2, 0, 0, 0, 5, tzinfo=UTC), b'"2026-01-02T00:00:00.000005Z"'),
    (date(2026, 1, 2), b'"2026-01-02"'),
    ({"b", "a"}, b'["a","b"]'),
    (frozenset({2, 1}), b"[1,2]"),
    ((1, [True, None]), b"[1,[true,null]]"),
    ({1: "城"}, '{"1":"城"}'.encode()),
]


@pytest.mark.parametrize(("value", "form"), FORMS)
def test_a_value_has_this_form(value, form):
    assert canonical_json(value) == form


@pytest.mark.parametrize("value", [object(), Point, b"bytes", datetime(2026, 1, 2)])  # the point
def test_what_has_no_single_form_is_refused(value):
    with pytest.raises(TypeError, match="no canonical form"):
        plain(value)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_no_number_is_no_number_here(value):
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json(value)
