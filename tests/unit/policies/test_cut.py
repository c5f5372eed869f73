"""A part of an edition has one form and one hash, or is refused with the place of the fault."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.canonical import canonical_json
from policies.cut import Asks, Condition, CutError, CutSpec, order

names = st.text(min_size=1, max_size=5)
values = st.lists(st.text(max_size=4), min_size=1, max_size=4, unique=True)
conditions = st.one_of(
    st.builds(Condition, column=names, test=st.just(Asks.IN), values=values.map(tuple)),
    st.builds(
        Condition,
        column=names,
        test=st.just(Asks.BETWEEN),
        values=st.lists(st.text(max_size=4), min_size=2, max_size=2).map(lambda two: tuple(sorted(two, key=order))),
    ),
    st.builds(Condition, column=names, test=st.sampled_from((Asks.NULL, Asks.NOT_NULL))),
)
specs = st.builds(
    CutSpec,
    columns=st.lists(names, min_size=1, max_size=4, unique=True).map(tuple),
    where=st.lists(conditions, max_size=3, unique_by=lambda item: item.column).map(tuple),
)


@given(specs)
def test_a_part_survives_being_stored_and_read(spec):
    again = CutSpec.from_dict(json.loads(canonical_json(spec)))
    assert again == spec
    assert again.digest == spec.digest
    assert CutSpec.from_dict(spec.to_dict()) == spec


@given(specs, st.randoms(use_true_random=False))
def test_the_same_part_in_another_order_is_the_same_part(spec, random):
    columns, where = list(spec.columns), list(spec.where)
    random.shuffle(columns)
    random.shuffle(where)
    assert CutSpec(columns=tuple(columns), where=tuple(where)).digest == spec.digest


WHERE = (Condition(column="stage", test=Asks.IN, values=("IV", "III")),)


@pytest.mark.parametrize(
    "other",
    [
        CutSpec(columns=("age", "sex")),
        CutSpec(columns=("age",), where=WHERE),
        CutSpec(columns=("age",), where=(Condition(column="stage", test=Asks.NULL),)),
        CutSpec(columns=("age",), where=(Condition(column="stage", test=Asks.NOT_NULL),)),
        CutSpec(columns=("age",), where=(Condition(column="stage", test=Asks.BETWEEN, values=("III", "IV")),)),
    ],
)
def test_another_part_has_another_hash(other):
    assert other.digest != CutSpec(columns=("age",)).digest


READ = [
    ("stage in IV, III", Condition(column="stage", test=Asks.IN, values=("III", "IV"))),
    ("age between 40-49 and 60-69", Condition(column="age", test=Asks.BETWEEN, values=("40-49", "60-69"))),
    (" size IS  NULL ", Condition(column="size", test=Asks.NULL)),
    ("size is not null", Condition(column="size", test=Asks.NOT_NULL)),
    ("部位 in 肺,乳腺", Condition(column="部位", test=Asks.IN, values=("乳腺", "肺"))),
    ("place between 1 and 2 and 3", Condition(column="place", test=Asks.BETWEEN, values=("1", "2 and 3"))),
]


@pytest.mark.parametrize(("words", "condition"), READ)
def test_conditions_are_read_from_words(words, condition):
    assert Condition.parse(words) == condition


@pytest.mark.parametrize("words", ["", "stage", "stage = III", "stage in", "age between 1", "size is nothing", "in x"])
def test_what_is_no_condition_is_refused_with_the_forms(words):
    with pytest.raises(CutError) as refusal:
        Condition.parse(words)
    assert refusal.value.place == "where"
    assert "COLUMN between A and B" in refusal.value.fix


IN_ORDER = [
    ["[5,10)", "[40,50)", "[100,110)"],
    ["<20", "[20,30)", ">=90"],
    ["05", "40-49", "60-69", "80+", "any"],
    ["2015-03", "2015-11", "2016-01"],
    ["C15", "C34", "C34.1", "D05"],
    ["-3.5", "-3", "2", "10", "x"],
]


@pytest.mark.parametrize("labels", IN_ORDER)
def test_between_follows_the_numbers_in_labels(labels):
    for first, second in pairwise(labels):
        assert order(first) < order(second)


BAD = [
    ({"columns": (), "where": ()}, "columns"),
    ({"columns": ("a", "a"), "where": ()}, "columns"),
    ({"columns": ("a",), "where": (WHERE[0], Condition(column="stage", test=Asks.NULL))}, "where"),
]


@pytest.mark.parametrize(("fields", "place"), BAD)
def test_a_part_that_means_nothing_is_refused(fields, place):
    with pytest.raises(CutError) as refusal:
        CutSpec(**fields)
    assert refusal.value.place == place


BAD_CONDITIONS = [
    ({"column": "", "test": Asks.NULL}, "names no column"),
    ({"column": "a", "test": Asks.IN}, "lists no value"),
    ({"column": "a", "test": Asks.IN, "values": ("x", "x")}, "lists no value, or one twice"),
    ({"column": "a", "test": Asks.BETWEEN, "values": ("x",)}, "needs a first and a last"),
    ({"column": "a", "test": Asks.BETWEEN, "values": ("60-69", "40-49")}, "no row fulfils it"),
    ({"column": "a", "test": Asks.NULL, "values": ("x",)}, "takes no value"),
    ({"column": "a", "test": Asks.NOT_NULL, "values": ("x",)}, "takes no value"),
]


@pytest.mark.parametrize(("fields", "found"), BAD_CONDITIONS)
def test_a_condition_that_means_nothing_is_refused(fields, found):
    with pytest.raises(CutError, match=found):
        Condition(**fields)


NULL = {"column": "a", "test": "null", "values": []}
BAD_DICTIONARIES = [
    {},
    {"columns": ["a"]},
    {"columns": ["a"], "where": [], "more": 1},
    {"columns": "a", "where": []},
    {"columns": [1], "where": []},
    {"columns": ["a"], "where": {}},
    {"columns": ["a"], "where": [1]},
    {"columns": ["a"], "where": [{"column": "a"}]},
    {"columns": ["a"], "where": [{**NULL, "test": "like"}]},
    {"columns": ["a"], "where": [{**NULL, "values": "x"}]},
]


@pytest.mark.parametrize("raw", BAD_DICTIONARIES)
def test_a_dictionary_of_another_form_is_refused(raw):
    assert CutSpec.from_dict({"columns": ["a"], "where": [NULL]})
    with pytest.raises(CutError) as refusal:
        CutSpec.from_dict(raw)
    assert refusal.value.fix
