"""Price plans are part of what is signed, and what was signed before there were any keeps its hash."""

import hashlib
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.canonical import canonical_json
from policies.errors import TermsError
from policies.pricing import Price
from policies.terms import Purpose, Terms
from tests.unit.policies.test_terms import TERMS

fen = st.integers(0, 10**12)
plans = st.builds(
    Price,
    per_query_fen=fen,
    free_purposes=st.lists(st.sampled_from(Purpose), unique=True).map(tuple),
    flat_monthly_fen=fen,
    monthly_maximum_fen=st.none() | st.integers(10**12, 10**15),
)
OLD = {"minimum_bytes": 1_000_000, "per_gb_fen": 0, "per_query_fen": 4}
"""A price as it was signed before there were plans."""


def test_terms_signed_before_there_were_price_plans_are_read_with_their_hash():
    old = {**TERMS.to_dict(), "price": OLD}
    read = Terms.from_dict(json.loads(json.dumps(old)))
    assert read.price == Price(per_query_fen=4)
    assert read.to_dict() == old
    assert read.digest == hashlib.sha256(canonical_json(old)).hexdigest()


def test_a_plan_that_uses_one_addition_names_that_one_alone():
    assert Price(per_query_fen=4, flat_monthly_fen=5).to_dict() == {**OLD, "flat_monthly_fen": 5}
    assert Price(per_query_fen=4, monthly_maximum_fen=5).to_dict() == {**OLD, "monthly_maximum_fen": 5}
    free = Price(per_query_fen=4, free_purposes=(Purpose.GENERAL_RESEARCH,))
    assert free.to_dict() == {**OLD, "free_purposes": ["DUO:0000042"]}


@given(plans)
def test_price_plans_survive_being_stored_and_read(price):
    terms = replace(TERMS, price=price)
    again = Terms.from_dict(json.loads(canonical_json(terms.to_dict())))
    assert again == terms
    assert again.digest == terms.digest


def test_every_part_of_a_plan_is_another_promise():
    parts = [{}, {"flat_monthly_fen": 5}, {"monthly_maximum_fen": 5}, {"free_purposes": (Purpose.GENERAL_RESEARCH,)}]
    assert len({replace(TERMS, price=Price(per_query_fen=4, **part)).digest for part in parts}) == len(parts)


@pytest.mark.parametrize(
    "wrong",
    [{"free_purposes": ["fun"]}, {"free_purposes": 5}, {"monthly_maximum_fen": "5"}, {"flat_monthly_fen": None}],
)
def test_a_plan_that_means_nothing_is_refused(wrong):
    with pytest.raises(TermsError):
        Terms.from_dict({**TERMS.to_dict(), "price": {**OLD, **wrong}})
