"""What a plan says of a column of texts is read, given back, and refused with place and fix where it means nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.errors import PlanError
from policies.plan import Plan
from policies.texts import LANGUAGES, MARKED, OPERATORS, RECALLS

SUBJECT = {"name": "id", "role": "subject", "treatment": "token"}
NOTE = {"name": "note", "role": "free_text", "treatment": "redact"}


def read(**said):
    return Plan.from_dict({"dataset": "d", "profiles": ["open"], "column": [SUBJECT, {**NOTE, **said}]})


TYPES = st.sampled_from(["PERSON", "PHONE", "CN_ID"])
SAID = st.fixed_dictionaries(
    {},
    optional={
        "types": st.lists(TYPES, min_size=1, max_size=3),
        "operators": st.dictionaries(
            st.one_of(TYPES, st.just("*")), st.sampled_from(OPERATORS[:5]), min_size=1, max_size=3
        ),
        "recall": st.sampled_from(RECALLS),
        "language": st.sampled_from(LANGUAGES),
        "always": st.dictionaries(st.sampled_from(["老张头", "A座"]), TYPES, min_size=1),
        "never": st.lists(st.sampled_from(["李时珍", "张仲景"]), min_size=1, max_size=2),
    },
)


@given(SAID)
def test_what_is_said_of_a_text_is_given_back(said):
    plan = read(**said)
    assert Plan.from_dict(plan.to_dict()) == plan
    assert plan.to_dict()["column"][1] == {**NOTE, **said}


def test_strings_that_always_go_may_be_a_list_and_are_not_told():
    plan = read(always=["老张头"], never=["李时珍"])
    assert plan.columns[1].always == {"老张头": MARKED}
    assert "老张头" not in str(plan.told())
    assert plan.told()["column"][1]["never"] == ["李时珍"]


@pytest.mark.parametrize(
    ("said", "found", "fix"),
    [
        ({"types": ["person"]}, "'person' is no type", "PERSON"),
        ({"types": [7]}, "7 is no type", "PERSON"),
        ({"types": "PERSON"}, "types is no list", "types = […]"),
        ({"operators": {"PERSON": "hide"}}, "'hide' of PERSON is unknown", "surrogate"),
        ({"operators": {"PERSON": ["mask"]}}, "is unknown", "mask"),
        ({"operators": {"PERSON": "shift"}}, "for DATE alone", 'DATE = "shift"'),
        ({"operators": {"DATE": "cap"}}, "for AGE alone", 'AGE = "cap"'),
        ({"operators": ["mask"]}, "operators is no table", "PERSON"),
        ({"recall": "strict"}, "recall 'strict' is unknown", "precise"),
        ({"language": "fr"}, "language 'fr' is unknown", "both"),
        ({"always": "x"}, "no list of texts and no table", "always ="),
        ({"always": [3]}, "no list of texts and no table", "always ="),
        ({"always": {"王家": "family"}}, "'family' is no type", "PERSON"),
        ({"never": ["李"]}, "fewer than two characters", "in quotes"),
        ({"never": [4]}, "is no text", "in quotes"),
    ],
)
def test_what_means_nothing_is_refused_with_its_place_and_a_fix(said, found, fix):
    with pytest.raises(PlanError) as refused:
        read(**said)
    assert refused.value.place == "column 'note'"
    assert found in refused.value.found
    assert fix in refused.value.fix


def test_a_refusal_never_quotes_a_marked_string():
    with pytest.raises(PlanError) as refused:
        read(always={"王": "PERSON"})
    assert "王" not in str(refused.value)


def test_other_columns_take_no_words_of_texts():
    with pytest.raises(PlanError, match="for texts"):
        read(treatment="drop", recall="high")
