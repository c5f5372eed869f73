"""What is not granted in so many words is refused, and the refusal says what would help."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from policies.decide import Permitted, Reason, Refused, Use, decide, decide_join
from policies.profile import Mode
from policies.terms import Action, Duty, Purpose
from tests.unit.policies.test_terms import FROM, TERMS, UNTIL

HEALTH, GENERAL = Purpose.HEALTH_RESEARCH, Purpose.GENERAL_RESEARCH
MIDDLE, MOMENT = datetime(2026, 7, 1, tzinfo=UTC), timedelta(microseconds=1)
CASES = [
    # change of the terms, stated purpose, moment, verdict
    ({}, HEALTH, MIDDLE, None),
    ({}, HEALTH, FROM, None),
    ({}, HEALTH, UNTIL - MOMENT, None),
    ({}, HEALTH, FROM - MOMENT, Reason.AGREEMENT_NOT_STARTED),
    ({}, HEALTH, UNTIL, Reason.AGREEMENT_EXPIRED),
    ({}, GENERAL, MIDDLE, Reason.PURPOSE_NOT_COVERED),
    ({}, None, MIDDLE, Reason.PURPOSE_NOT_COVERED),
    ({"purposes": ()}, HEALTH, MIDDLE, Reason.PURPOSE_NOT_COVERED),
    ({"purposes": ()}, None, MIDDLE, Reason.PURPOSE_NOT_COVERED),
    ({"purposes": tuple(Purpose)}, GENERAL, MIDDLE, None),
    ({"actions": ()}, HEALTH, MIDDLE, Reason.ACTION_NOT_COVERED),
    ({"mode": Mode.PRIVATE}, HEALTH, MIDDLE, Reason.MODE_NOT_SERVED),
    ({"mode": Mode.PRIVATE, "purposes": ()}, HEALTH, UNTIL, Reason.AGREEMENT_EXPIRED),
]


@pytest.mark.parametrize(("change", "purpose", "at", "reason"), CASES)
def test_a_use_is_decided_by_terms_and_time_alone(change, purpose, at, reason):
    verdict = decide(replace(TERMS, **change), Use(purpose=purpose, action=Action.QUERY), at=at)
    if reason is None:
        assert verdict == Permitted((Duty.ATTRIBUTE,))
    else:
        assert isinstance(verdict, Refused)
        assert verdict.reason is reason
        assert verdict.fix


def test_a_refused_purpose_names_those_granted():
    use = Use(purpose=GENERAL, action=Action.QUERY)
    refused = decide(TERMS, use, at=MIDDLE)
    assert isinstance(refused, Refused)
    assert refused.fix == "State a purpose of the agreement: DUO:0000006."
    refused = decide(replace(TERMS, purposes=()), use, at=MIDDLE)
    assert isinstance(refused, Refused)
    assert refused.fix == "State a purpose of the agreement: it grants none."


@pytest.mark.parametrize(
    ("actions", "others", "same"),
    [
        ((), False, False),
        ((Action.QUERY,), False, False),
        ((Action.QUERY, Action.JOIN), True, False),
        ((Action.QUERY, Action.JOIN_SUBJECTS), False, True),
        (tuple(Action), True, True),
    ],
)
def test_joins_are_denied_unless_each_kind_is_granted(actions, others, same):
    terms = replace(TERMS, mode=Mode.RECORDS, actions=actions)
    for same_subjects, allowed in ((False, others), (True, same)):
        verdict = decide_join(terms, same_subjects=same_subjects)
        assert isinstance(verdict, Permitted) is allowed
        if isinstance(verdict, Refused):
            assert verdict.reason is Reason.JOIN_NOT_COVERED


def test_aggregates_are_joined_with_nothing():
    terms = replace(TERMS, mode=Mode.AGGREGATES)
    verdict = decide_join(terms, same_subjects=False)
    assert isinstance(verdict, Refused)
    assert verdict.reason is Reason.MODE_NOT_SERVED
