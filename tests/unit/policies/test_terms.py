"""Terms are read as they were written, or refused with the place of the fault."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.canonical import canonical_json
from policies.errors import TermsError
from policies.pricing import Price
from policies.profile import Mode
from policies.terms import Action, Duty, Purpose, Quota, Terms

FROM, UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
TERMS = Terms(
    edition="e1",
    table="tumor",
    mode=Mode.RECORDS,
    purposes=(Purpose.HEALTH_RESEARCH,),
    actions=(Action.QUERY,),
    duties=(Duty.ATTRIBUTE,),
    quota=Quota(bytes=1, rows=2, queries=3),
    price=Price(per_query_fen=4),
    starts_at=FROM,
    ends_at=UNTIL,
)
counts = st.integers(0, 2**62)
moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


def some_of(kind):
    return st.lists(st.sampled_from(kind), unique=True).map(tuple)


@given(
    st.builds(Quota, bytes=counts, rows=counts, queries=counts, at_once=st.none() | st.integers(1, 2**62)),
    st.builds(Price, per_query_fen=counts, per_gb_fen=counts, minimum_bytes=counts),
    st.tuples(some_of(Purpose), some_of(Action), some_of(Duty)),
    st.sampled_from(Mode),
    st.lists(moments, min_size=2, max_size=2, unique=True).map(sorted),
)
def test_terms_survive_being_stored_and_read(quota, price, lists, mode, term):
    purposes, actions, duties = lists
    if mode is not Mode.RECORDS:  # of what is not asked for rows, joins cannot be allowed
        actions = tuple(action for action in actions if action is Action.QUERY)
    terms = Terms(
        edition="e",
        table="t",
        mode=mode,
        purposes=purposes,
        actions=actions,
        duties=duties,
        quota=quota,
        price=price,
        starts_at=term[0],
        ends_at=term[1],
    )
    again = Terms.from_dict(json.loads(canonical_json(terms.to_dict())))
    assert again == terms
    assert again.digest == terms.digest


def test_the_same_moment_in_another_zone_is_the_same_promise():
    china = timezone(timedelta(hours=8))
    assert replace(TERMS, starts_at=FROM.astimezone(china)).digest == TERMS.digest


@pytest.mark.parametrize("name", ["edition", "table", "mode", "purposes", "actions", "duties", "quota", "price"])
def test_any_other_term_is_another_promise(name):
    other = {
        "edition": "e2",
        "table": "other",
        "mode": Mode.PRIVATE,
        "purposes": (),
        "actions": (),
        "duties": (),
        "quota": Quota(bytes=1, rows=2, queries=4),
        "price": Price(per_query_fen=5),
    }
    assert replace(TERMS, **{name: other[name]}).digest != TERMS.digest


NAIVE = datetime(2026, 6, 1)  # the point
BAD_VALUES = [
    ({"table": "drop table"}, "table"),
    ({"table": ""}, "table"),
    ({"starts_at": NAIVE}, "starts_at"),
    ({"ends_at": NAIVE}, "ends_at"),
    ({"ends_at": FROM}, "ends_at"),
]


@pytest.mark.parametrize(("change", "place"), BAD_VALUES)
def test_terms_that_mean_nothing_are_refused(change, place):
    with pytest.raises(TermsError) as refusal:
        replace(TERMS, **change)
    assert refusal.value.place == place


@pytest.mark.parametrize("name", ["bytes", "rows", "queries"])
@pytest.mark.parametrize(("value", "found"), [(-1, "is negative"), (1.5, "no whole number")])
def test_a_quota_is_a_whole_number_from_0_up(name, value, found):
    with pytest.raises(TermsError, match=found) as refusal:
        replace(TERMS.quota, **{name: value})
    assert refusal.value.place == f"quota.{name}"


BAD_DICTIONARIES = [
    ({"colour": 1}, "colour", "is unknown"),
    ({"mode": "all"}, "terms", "'all' is not a valid Mode"),
    ({"purposes": ["fun"]}, "terms", "not a valid Purpose"),
    ({"actions": ["sell"]}, "terms", "not a valid Action"),
    ({"duties": ["dance"]}, "terms", "not a valid Duty"),
    ({"quota": {"bytes": 1}}, "terms", "missing"),
    ({"quota": None}, "terms", ""),
    ({"price": {"per_dream": 1}}, "terms", "unexpected"),
    ({"price": {"per_gb_fen": "1"}}, "price.per_gb_fen", "no whole number"),
    ({"starts_at": "soon"}, "terms", "Invalid isoformat"),
    ({"starts_at": 5}, "terms", ""),
]


@pytest.mark.parametrize(("change", "place", "found"), BAD_DICTIONARIES)
def test_a_dictionary_that_holds_no_terms_is_refused(change, place, found):
    with pytest.raises(TermsError) as refusal:
        Terms.from_dict({**TERMS.to_dict(), **change})
    assert refusal.value.place == place
    assert found in refusal.value.found


@pytest.mark.parametrize("name", sorted(TERMS.to_dict()))
def test_every_term_must_be_given(name):
    raw = TERMS.to_dict()
    del raw[name]
    with pytest.raises(TermsError, match=f"^{name}: is missing"):
        Terms.from_dict(raw)


@pytest.mark.parametrize("join", [Action.JOIN, Action.JOIN_SUBJECTS])
def test_joins_are_of_rows_alone(join):
    with pytest.raises(TermsError, match="allow joins"):
        replace(TERMS, mode=Mode.AGGREGATES, actions=(Action.QUERY, join))
