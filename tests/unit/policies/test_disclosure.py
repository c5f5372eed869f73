"""The gate passes what meets every threshold, and nothing else."""

from dataclasses import replace

import pytest

from policies import profile
from policies.disclosure import Measured, judge, judge_texts

PROFILE = profile.load("controlled")
SENSITIVE = ("stage", "grade")
JUST = Measured(
    subjects=11,
    minimum_class_size=11,
    maximum_risk=1 / 11,
    minimum_l={"stage": 2, "grade": 2},
    maximum_t={"stage": 0.3, "grade": 0.0},
    suppressed_share=0.05,
)


def test_what_meets_each_threshold_exactly_passes():
    assert judge(JUST, PROFILE, SENSITIVE) == ()


NAN = float("nan")
MISSES = [
    ({"subjects": 0}, "subjects"),
    ({"minimum_class_size": 10}, "minimum_class_size"),
    ({"maximum_risk": 0.0910}, "maximum_risk"),
    ({"maximum_risk": NAN}, "maximum_risk"),
    ({"suppressed_share": 0.0501}, "suppression_limit"),
    ({"suppressed_share": NAN}, "suppression_limit"),
    ({"minimum_l": {"stage": 1, "grade": 2}}, "minimum_l of stage"),
    ({"minimum_l": {"stage": 2}}, "minimum_l of grade"),
    ({"maximum_t": {"stage": 0.31, "grade": 0.0}}, "maximum_t of stage"),
    ({"maximum_t": {"stage": 0.3}}, "maximum_t of grade"),
    ({"maximum_t": {"stage": 0.3, "grade": NAN}}, "maximum_t of grade"),
]


@pytest.mark.parametrize(("change", "rule"), MISSES)
def test_one_missed_or_unmeasured_threshold_fails_alone_and_says_what_helps(change, rule):
    (failure,) = judge(replace(JUST, **change), PROFILE, SENSITIVE)
    assert failure.rule == rule
    assert failure.fix


def test_every_missed_threshold_is_listed():
    worst = Measured(
        subjects=0, minimum_class_size=0, maximum_risk=1.0, minimum_l={}, maximum_t={}, suppressed_share=1.0
    )
    assert len(judge(worst, PROFILE, SENSITIVE)) == 8


def test_without_sensitive_columns_only_the_classes_count():
    assert judge(replace(JUST, minimum_l={}, maximum_t={}), PROFILE, ()) == ()


def test_what_is_left_in_texts_is_judged_by_the_ceilings_of_the_profile():
    left = {"PERSON": 900.0, "CN_ID": 0.0}
    assert judge_texts(left, "note", PROFILE) == ()
    (failure,) = judge_texts({**left, "CN_ID": 0.5}, "note", PROFILE)
    assert (failure.rule, failure.limit, failure.found) == ("maximum_residual of CN_ID in note", 0, 0.5)
    assert "always" in failure.fix
