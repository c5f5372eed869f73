"""A plan says what happens to every column, and refuses what it does not understand, with place and fix."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.errors import PlanError
from policies.plan import ALLOWED, Column, Plan, Role, Treatment

SUBJECT = {"name": "id", "role": "subject", "treatment": "token", "output": "token"}
AGE = {"name": "age", "role": "quasi_identifier", "treatment": "age"}


def read(*columns, **top):
    return Plan.from_dict({"dataset": "d", "profiles": ["open"], "column": [SUBJECT, *columns], **top})


names = st.text("abcdefghij", min_size=1, max_size=6)


@st.composite
def plans(draw):
    columns = [{"name": "id", "role": "subject", "treatment": draw(st.sampled_from(["drop", "token"]))}]
    for name in draw(st.lists(names, max_size=5, unique=True)):
        role = draw(st.sampled_from([role for role in Role if role is not Role.SUBJECT]))
        treatment = draw(st.sampled_from(sorted(ALLOWED[role])))
        column = {"name": f"c_{name}", "role": role.value, "treatment": treatment.value}
        if treatment is Treatment.BAND:
            column |= {"widths": [5, 10, 20], "lower": draw(st.sampled_from([0, 1.5])), "upper": 90}
        if treatment is Treatment.GROUP:
            column |= draw(st.sampled_from([{}, {"groups": {"a": "b", "甲": "乙"}}]))
        if treatment is Treatment.AGE:
            column |= draw(st.sampled_from([{}, {"birth_date": "id", "at": "id"}]))
        column |= draw(st.sampled_from([{}, {"level": 0}, {"scrub": "name", "kind": "date"}]))
        column |= draw(st.sampled_from([{}, {"levels": {"open": 2}, "withheld": ["enclave"]}]))
        column |= draw(st.sampled_from([{}, {"standard": "gbt2260", "mapping": {"a": "b"}, "unit": "mm"}]))
        column |= draw(st.sampled_from([{}, {"minimum": 0, "maximum": 5.5, "not_before": "id"}]))
        columns.append(column)
    top = {"dataset": "d", "profiles": ["enclave", "open"], "column": columns}
    published = [column["name"] for column in columns if column["treatment"] != "drop"]
    if published and draw(st.booleans()):
        top["sort_by"] = published[:1]
    if draw(st.booleans()):
        top["population"] = {"source": "census", "figures": {"5001": 24_000_000}}
    if draw(st.booleans()):
        top["series"] = "registry"
    if draw(st.booleans()):
        top["source"] = {"encoding": "gb18030"}
    return top


@given(plans())
def test_a_plan_read_from_a_dictionary_gives_the_same_dictionary_back(raw):
    plan = Plan.from_dict(raw)
    given_back = plan.to_dict()
    assert given_back == raw
    assert Plan.from_dict(given_back) == plan


def test_a_plan_tells_its_columns_apart_by_role():
    plan = read(
        {"name": "secret", "role": "quasi_identifier", "treatment": "drop"},
        AGE,
        {"name": "stage", "role": "sensitive_attribute", "treatment": "keep", "output": "phase"},
    )
    assert plan.subject.published_as == "token"
    assert [column.name for column in plan.published] == ["id", "age", "stage"]
    assert [column.name for column in plan.quasi_identifiers] == ["age"]
    assert [column.published_as for column in plan.sensitive_attributes] == ["phase"]


def test_defaults_stay_unsaid():
    plan = read(AGE)
    assert set(plan.to_dict()) == {"dataset", "profiles", "column"}
    assert plan.to_dict()["column"][1] == AGE


@pytest.mark.parametrize("role", Role)
def test_a_role_allows_its_treatments_and_no_other(role):
    for treatment in Treatment:
        widths = (1.0,) if treatment is Treatment.BAND else ()
        if treatment in ALLOWED[role]:
            Column(name="c", role=role, treatment=treatment, widths=widths)
        else:
            with pytest.raises(PlanError, match="cannot be treated by"):
                Column(name="c", role=role, treatment=treatment, widths=widths)


def test_a_direct_identifier_can_only_be_dropped():
    assert ALLOWED[Role.DIRECT_IDENTIFIER] == {Treatment.DROP}


BAND = {"name": "size", "role": "quasi_identifier", "treatment": "band"}
COLUMN_ERRORS = [
    ({"role": "insensitive", "treatment": "keep"}, "column 2", "has no name"),
    ({"name": 5, "role": "insensitive", "treatment": "keep"}, "column 2", "has no name"),
    ("age", "column 2", "has no name"),
    ({"name": "a", "treatment": "keep"}, "column 'a'", "has no role"),
    ({"name": "a", "role": "king", "treatment": "keep"}, "column 'a'", "role 'king' is unknown"),
    ({"name": "a", "role": "insensitive"}, "column 'a'", "treatment None is unknown"),
    ({"name": "a", "role": "insensitive", "treatment": "fry"}, "column 'a'", "treatment 'fry' is unknown"),
    ({"name": "a", "role": "insensitive", "treatment": "keep", "colour": 1}, "column 'a'", "'colour' is unknown"),
    ({"name": "a", "role": "insensitive", "treatment": "redact"}, "column 'a'", "cannot be treated by"),
    ({**AGE, "birth_date": "id"}, "column 'age'", "needs both a birth date"),
    ({**AGE, "at": "id"}, "column 'age'", "needs both a birth date"),
    ({**AGE, "birth_date": "born", "at": "id"}, "column 'age'", "'born' is not a column"),
    ({**AGE, "level": -1}, "column 'age'", "level -1 is negative"),
    ({**AGE, "level": "0"}, "column 'age'", "wrong type"),
    ({**AGE, "level": True}, "column 'age'", "wrong type"),
    ({**AGE, "levels": {"open": -1}}, "column 'age'", "level -1 is negative"),
    ({**AGE, "levels": {"open": 1.5}}, "column 'age'", "wrong type"),
    ({**AGE, "levels": 5}, "column 'age'", "levels is no table"),
    ({**AGE, "levels": {"enclave": 1}}, "column 'age'", "'enclave' is no profile of this plan"),
    ({**AGE, "withheld": ["enclave"]}, "column 'age'", "'enclave' is no profile of this plan"),
    ({**AGE, "withheld": ["open"]}, "column 'age'", "withheld from every edition"),
    ({**AGE, "withheld": ["open", "open"]}, "column 'age', withheld from 'open'", "is there twice"),
    ({**AGE, "withheld": "open"}, "column 'age'", "withheld is no list"),
    ({**AGE, "mapping": 5}, "column 'age'", "mapping is no table"),
    ({**AGE, "mapping": {"a": "b"}}, "column 'age'", "a mapping but no standard"),
    ({**SUBJECT, "name": "two", "standard": "gbt2260"}, "column 'two'", "would make two persons one"),
    ({**AGE, "minimum": 2, "maximum": 1}, "column 'age'", "minimum is above maximum"),
    ({**AGE, "not_before": "born"}, "column 'age'", "'born' is not a column"),
    ({**AGE, "scrub": "all"}, "column 'age'", "scrub 'all' is unknown"),
    ({**AGE, "kind": "float"}, "column 'age'", "kind 'float' is unknown"),
    ({**AGE, "groups": "a"}, "column 'age'", "groups is no table"),
    (BAND, "column 'size'", "bands need positive widths"),
    ({**BAND, "widths": 5}, "column 'size'", "widths is no list"),
    ({**BAND, "widths": ["5"]}, "column 'size'", "wrong type"),
    ({**BAND, "widths": [0]}, "column 'size'", "bands need positive widths"),
    ({**BAND, "widths": [5, 12]}, "column 'size'", "does not hold whole bands"),
    ({**BAND, "widths": [10, 5]}, "column 'size'", "does not hold whole bands"),
    ({**BAND, "widths": [5], "lower": 9, "upper": 9}, "column 'size'", "lower is not below upper"),
    (SUBJECT, "column 'id'", "is there twice"),
    ({**SUBJECT, "name": "b", "output": "b"}, "column", "2 columns have the role subject"),
    ({**AGE, "output": "token"}, "published column 'token'", "is there twice"),
]


@pytest.mark.parametrize(("column", "place", "found"), COLUMN_ERRORS)
def test_a_column_that_cannot_be_used_is_named_with_a_fix(column, place, found):
    with pytest.raises(PlanError) as refusal:
        read(column)
    assert refusal.value.place == place
    assert found in refusal.value.found
    assert refusal.value.fix


TOP_ERRORS = [
    ({"colour": 1}, "plan", "'colour' is unknown"),
    ({"dataset": None}, "dataset", "is missing"),
    ({"dataset": ""}, "dataset", "no dataset is named"),
    ({"profile": "open"}, "profile", "is one where several may stand"),
    ({"profiles": "open"}, "profiles", "are missing or no list"),
    ({"profiles": [5]}, "profiles", "are missing or no list"),
    ({"profiles": []}, "profiles", "no profile is named"),
    ({"profiles": ["open", "open"]}, "profile 'open'", "is there twice"),
    ({"series": ""}, "series", "is no text"),
    ({"series": 5}, "series", "is no text"),
    ({"column": {}}, "column", "is no list"),
    ({"column": []}, "column", "names no column"),
    ({"column": [AGE]}, "column", "0 columns have the role subject"),
    ({"sort_by": ["age"]}, "sort_by", "'age' is not published"),
    ({"sort_by": 5}, "plan", "sort_by is no list"),
    ({"sort_by": "token"}, "plan", "sort_by is no list"),
    ({"source": "csv"}, "source", "is no table"),
    ({"source": {"colour": 1}}, "source", "'colour' is unknown"),
    ({"source": {"format": "xml"}}, "source.format", "'xml' is unknown"),
    ({"source": {"encoding": "latin-1"}}, "source.encoding", "'latin-1' is unknown"),
    ({"source": {"delimiter": ",,"}}, "source.delimiter", "one character"),
    ({"source": {"delimiter": 5}}, "source", ""),
    ({"population": {"source": "census"}}, "population", "figures"),
    ({"population": []}, "population", "is no table"),
]


@pytest.mark.parametrize(("top", "place", "found"), TOP_ERRORS)
def test_a_plan_that_cannot_be_used_says_where_and_how_to_mend_it(top, place, found):
    with pytest.raises(PlanError) as refusal:
        read(**top)
    assert refusal.value.place == place
    assert found in refusal.value.found
    assert refusal.value.fix
    assert str(refusal.value).startswith(f"{place}: ")
