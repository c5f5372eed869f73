"""Editions stand in the order of their fineness, and a plan that would break their nesting is refused."""

from dataclasses import replace

import pytest

from policies import editions
from policies.editions import by_fineness
from policies.errors import PlanError, PolicyError
from policies.plan import Plan
from policies.profile import load

ALL = ["open", "enclave", "controlled"]


def plan(profiles=ALL, **column) -> Plan:
    age = {"name": "age", "role": "quasi_identifier", "treatment": "age", **column}
    subject = {
        "name": "id",
        "role": "subject",
        "treatment": "token",
        "withheld": profiles[:1] if len(profiles) > 1 else [],
    }
    return Plan.from_dict({"dataset": "d", "profiles": profiles, "column": [subject, age]})


def test_the_finest_edition_comes_first_however_the_plan_lists_them():
    assert [profile.name for profile in by_fineness(plan())] == ["enclave", "controlled", "open"]


def test_an_unknown_profile_is_refused():
    with pytest.raises(PolicyError, match="'secret' is unknown"):
        by_fineness(plan(["secret"]))


def test_levels_may_rise_from_fine_to_coarse_and_be_left_to_the_search():
    made = plan(levels={"enclave": 0, "open": 2})
    assert len(by_fineness(made)) == 3
    age = made.quasi_identifiers[0]
    assert [age.level_in(name) for name in ("enclave", "controlled", "open")] == [0, None, 2]
    assert plan(level=1, levels={"open": 3}).quasi_identifiers[0].level_in("enclave") == 1


def test_a_level_finer_than_that_of_a_finer_edition_names_both():
    with pytest.raises(PlanError, match="level 1 in edition 'open' is finer than level 2 in edition 'enclave'"):
        by_fineness(plan(levels={"enclave": 2, "open": 1}))


def test_a_column_may_be_withheld_from_the_coarsest_editions_only():
    made = plan(withheld=["controlled", "open"])
    by_fineness(made)
    assert [column.name for column in made.carried("enclave")] == ["id", "age"]
    assert [column.name for column in made.carried("controlled")] == ["id"]
    assert made.carried("open") == ()
    with pytest.raises(PlanError, match="carried by a coarser one"):
        by_fineness(plan(withheld=["controlled"]))


def test_two_profiles_of_one_class_size_are_no_two_editions(monkeypatch):
    monkeypatch.setattr(editions, "load", lambda name: replace(load("open"), name=name))
    with pytest.raises(PlanError, match="same class size"):
        by_fineness(plan(["open", "enclave"]))
