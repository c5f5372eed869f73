"""The machine-readable half of an agreement says what its terms say."""

from dataclasses import replace

import pytest

from policies import odrl
from policies.pricing import Price
from policies.terms import Duty, Purpose
from tests.unit.policies.test_terms import TERMS


def render(**changes):
    return odrl.agreement(replace(TERMS, **changes), uid="urn:a", assigner="P", assignee="F")


def bounds(policy):
    constraints = policy["permission"][0]["constraint"]
    return {(bound["leftOperand"], bound["operator"]): bound["rightOperand"] for bound in constraints}


def test_an_agreement_carries_purposes_term_and_quotas():
    policy = render()
    assert (policy["@type"], policy["uid"], policy["profile"]) == ("Agreement", "urn:a", "urn:sluice:profile")
    (permission,) = policy["permission"]
    assert permission["target"] == "urn:sluice:edition:e1"
    assert (permission["assigner"], permission["assignee"]) == ("P", "F")
    assert permission["action"] == ["sluice:query"]
    assert bounds(policy) == {
        ("purpose", "isAnyOf"): ["duo:0000006"],
        ("dateTime", "gteq"): "2026-01-01T00:00:00+00:00",
        ("dateTime", "lt"): "2027-01-01T00:00:00+00:00",
        ("count", "lteq"): 3,
        ("sluice:rows", "lteq"): 2,
        ("sluice:billedBytes", "lteq"): 1,
    }


def test_price_and_duties_are_duties():
    policy = render(duties=(Duty.ATTRIBUTE, Duty.REPORT_REIDENTIFICATION))
    payment, *others = policy["permission"][0]["duty"]
    assert payment["action"] == "compensate"
    assert [bound["rightOperand"] for bound in payment["constraint"]] == [4, 0]
    assert others == [{"action": "attribute"}, {"action": "sluice:reportReidentification"}]


@pytest.mark.parametrize("change", [{"purposes": ()}, {"actions": ()}])
def test_an_empty_list_permits_nothing(change):
    assert render(**change)["permission"] == []


def test_reidentification_is_always_prohibited():
    for purposes in ((), tuple(Purpose)):
        (prohibition,) = render(purposes=purposes)["prohibition"]
        assert prohibition["action"] == "sluice:reidentify"
        assert prohibition["assignee"] == "F"


def test_the_target_of_a_cut_is_the_cut():
    policy = render(cut="c1")
    assert policy["permission"][0]["target"] == policy["prohibition"][0]["target"] == "urn:sluice:cut:c1"


def test_what_a_price_plan_adds_is_said_and_what_it_does_not_is_not():
    price = Price(per_query_fen=4, flat_monthly_fen=5, monthly_maximum_fen=6, free_purposes=(Purpose.GENERAL_RESEARCH,))
    payment = render(price=price)["permission"][0]["duty"][0]["constraint"]
    assert [(bound["leftOperand"], bound["rightOperand"]) for bound in payment][2:] == [
        ("sluice:flatMonthlyFen", 5),
        ("sluice:monthlyMaximumFen", 6),
        ("purpose", ["duo:0000042"]),
    ]
