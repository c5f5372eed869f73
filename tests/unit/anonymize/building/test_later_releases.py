"""A release that follows another: new subjects come by k or wait, nothing gets finer, who objected is gone."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from anonymize.building.arrivals import Arrivals, read_past
from anonymize.building.scratch import Scratch
from anonymize.custody import CustodyError
from anonymize.errors import EvidenceError, InfeasibleError
from anonymize.evidence import Evidence, verify
from anonymize.kanonymity.hierarchies import from_paths
from anonymize.kanonymity.lattice import Tuples
from anonymize.kanonymity.subjects import Rows
from policies.errors import PlanError
from policies.profile import load
from tests.common.successive import ALL, Successive, changed, columns, people, without

K = {name: load(name).minimum_class_size for name in ALL}
TOKEN = {"profiles": ["controlled"], "column": columns(id={"treatment": "token"})}
SHAPES: dict[str, tuple[dict[str, Any], bool, bool]] = {
    "one row a subject": ({}, False, False),
    "several rows a subject": ({}, True, False),
    "several rows, linked by a token": (TOKEN, True, True),
    "one row, with a token": (TOKEN, False, True),
}


@pytest.fixture(scope="module", params=SHAPES)
def three(request, tmp_path_factory) -> tuple[Successive, bool]:
    """Three releases: 2000 people; 5 go and 60 come; then 600 more, and 3 move."""
    plan, several, linked = SHAPES[request.param]
    made = Successive(tmp_path_factory.mktemp("later"), plan)
    first = people(0, 2000, several=several)
    second = pa.concat_tables([without(first, *(f"P{n}" for n in range(5))), people(2000, 60, several=several)])
    made.build("one", first)
    made.build("two", second, "one")
    moved = without(second, "P9", "P10", "P11")
    third = pa.concat_tables([moved, renamed(people(5000, 3), 9), people(2060, 600, several=several)])
    made.build("three", third, "two")
    return made, linked


def renamed(table: pa.Table, first: int) -> pa.Table:
    """Give the rows of other people to those numbered from *first* on: they moved, or were corrected."""
    return table.set_column(0, "id", pa.array([f"P{first + n}" for n in range(table.num_rows)]))


PAIRS = [("one", "two"), ("two", "three")]


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_subjects_added_to_a_class_number_none_or_at_least_k(three, before, after):
    made, linked = three
    told = Evidence.read(made.folder / after).body["previous"]
    assert told["evidence"] == Evidence.read(made.folder / before).hash
    for profile in made.planned().profiles:
        found = changed(
            made.classes(before, profile, after, linked=linked), made.classes(after, profile, linked=linked)
        )
        assert all(added == 0 or added >= K[profile] for _, _, added, _ in found.values())
        figures = told["editions"][profile]
        assert figures["added"] == sum(added for _, _, added, _ in found.values())
        assert figures["removed"] == sum(removed for *_, removed in found.values())
        assert figures["residual_classes"] == sum(
            0 < removed < K[profile] or 0 < abs(then - now) < K[profile] for then, now, _, removed in found.values()
        )


def test_every_edition_holds_its_profile_and_its_evidence_is_verified(three):
    made, _ = three
    for name in ("two", "three"):
        evidence = Evidence.read(made.folder / name)
        assert verify(made.folder / name, frozenset({evidence.key})).ok
        for profile, told in evidence.body["editions"].items():
            assert told["risk"]["after"]["k"] >= K[profile]
            assert told["suppression"]["rows"] <= 0.05 * evidence.body["source"]["rows"]
        assert evidence.body["join"]["minimum"] >= min(K[profile] for profile in evidence.body["editions"])


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_no_column_is_finer_than_in_the_release_before(three, before, after):
    made, _ = three
    then, now = (Evidence.read(made.folder / name).body["editions"] for name in (before, after))
    for profile in then:
        levels = {entry["name"]: entry["level"] for entry in then[profile]["published"]}
        for entry in now[profile]["published"]:
            assert entry["level"] is None or entry["level"] >= levels[entry["name"]]


def test_who_waits_is_in_no_edition_and_comes_when_k_have_come(three):
    made, linked = three
    finest = made.planned().profiles[0] if linked else "enclave"
    told = Evidence.read(made.folder / "two").body
    waiting = told["previous"]["editions"][finest]["waiting"]
    assert waiting > 10
    assert told["editions"][finest]["suppression"]["waiting"] >= waiting
    newcomers = {f"P{n}" for n in range(2000, 2060)}
    absent = newcomers - made.subjects("two", finest)
    assert absent
    for profile in made.planned().profiles:
        assert not absent & made.subjects("two", profile)
    assert absent & made.subjects("three", finest)


@pytest.fixture
def made(tmp_path: Path) -> Successive:
    return Successive(tmp_path, {"profiles": ["enclave"]})


def test_an_unchanged_source_adds_and_removes_nobody(made):
    table = people(0, 1000)
    made.build("one", table)
    told = made.build("two", table, "one").body["previous"]["editions"]["enclave"]
    assert told == {"added": 0, "removed": 0, "waiting": 0, "residual_classes": 0}
    assert made.subjects("one", "enclave") == made.subjects("two", "enclave")


FEW: dict[str, Any] = {
    "column": columns(age=None, stage=None, serial={"role": "insensitive"}, place={"level": 0}, sex={"level": 0})
}


def rows_of(first: int, count: int, place: str) -> pa.Table:
    ids = [f"P{n}" for n in range(first, first + count)]
    cells = {"sex": ["1"] * count, "place": [place] * count, "serial": [str(n) for n in range(first, first + count)]}
    return pa.table({"id": ids, **cells})


def test_a_class_that_needs_those_who_wait_falls_and_its_rows_count_as_suppressed(tmp_path):
    """Of seven, four go and four come: three who stay are too few, and the four who come wait."""
    made = Successive(tmp_path, {"profiles": ["enclave"], **FEW})
    large = rows_of(0, 400, "p0")
    made.build("one", pa.concat_tables([large, rows_of(1000, 7, "p5")]))
    later = pa.concat_tables([large, rows_of(1004, 3, "p5"), rows_of(2000, 4, "p5")])
    told = made.build("two", later, "one").body
    assert told["editions"]["enclave"]["suppression"] | {"limit": 0} == {
        "rows": 7,
        "classes": 1,
        "classes_kept": 1,
        "limit": 0,
        "waiting": 4,
    }
    assert told["previous"]["editions"]["enclave"] == {"added": 0, "removed": 7, "waiting": 4, "residual_classes": 0}


def test_a_class_that_was_not_published_before_counts_all_its_subjects_as_added(tmp_path):
    made = Successive(tmp_path, {"profiles": ["enclave"], **FEW})
    large = rows_of(0, 400, "p0")
    made.build("one", pa.concat_tables([large, rows_of(1000, 3, "p5")]))
    assert "P1000" not in made.subjects("one", "enclave")
    later = pa.concat_tables([large, rows_of(1000, 5, "p5"), rows_of(3000, 4, "p6")])
    told = made.build("two", later, "one").body["previous"]["editions"]["enclave"]
    assert told == {"added": 5, "removed": 0, "waiting": 0, "residual_classes": 0}
    assert not {"P3000", "P3001"} & made.subjects("two", "enclave"), "too few in all, whoever is new"
    assert "P1000" in made.subjects("two", "enclave")


def test_who_moves_is_removed_from_one_class_and_added_to_the_other(tmp_path):
    made = Successive(tmp_path, {"profiles": ["enclave"], **FEW})
    made.build("one", pa.concat_tables([rows_of(0, 200, "p0"), rows_of(200, 200, "p5")]))
    later = pa.concat_tables([rows_of(0, 194, "p0"), rows_of(194, 206, "p5")])
    told = made.build("two", later, "one").body["previous"]["editions"]["enclave"]
    assert told == {"added": 6, "removed": 6, "waiting": 0, "residual_classes": 0}
    few = pa.concat_tables([rows_of(0, 192, "p0"), rows_of(192, 208, "p5")])
    told = made.build("three", few, "two").body["previous"]["editions"]["enclave"]
    assert told == {"added": 0, "removed": 2, "waiting": 2, "residual_classes": 1}


def test_more_who_wait_than_may_be_suppressed_need_coarser_levels(tmp_path):
    """Four come into each of twelve places: at the places all wait, in the groups of places nobody does."""
    made = Successive(tmp_path, {"profiles": ["enclave"], "column": columns(age=None, stage=None, place={})})
    place = [f"p{n}" for n in range(12)]
    first = pa.concat_tables([rows_of(100 * n, 10, p) for n, p in enumerate(place)])
    assert made.build("one", first).body["editions"]["enclave"]["node"]["place"] == 0
    come = pa.concat_tables([first, *(rows_of(5000 + 100 * n, 4, p) for n, p in enumerate(place))])
    told = made.build("two", come, "one").body
    assert told["editions"]["enclave"]["node"]["place"] == 1
    assert told["previous"]["editions"]["enclave"] == {"added": 48, "removed": 0, "waiting": 0, "residual_classes": 0}
    fixed = columns(age=None, stage=None, place={"level": 0})
    with pytest.raises(InfeasibleError, match="edition 'enclave'"):
        made.build("not", come, "one", column=fixed)
    assert not (tmp_path / "not").exists()


def test_a_label_that_is_gone_and_a_label_that_is_new_are_lifted_together(tmp_path):
    """No p1 is left in the source: its members are still found in the group it belonged to."""
    made = Successive(tmp_path, {"profiles": ["enclave"], "column": columns(age=None, stage=None)})
    first = pa.concat_tables([rows_of(0, 50, "p0"), rows_of(50, 50, "p1"), rows_of(100, 50, "p8")])
    made.build("one", first)
    later = pa.concat_tables([rows_of(0, 50, "p0"), rows_of(50, 50, "p2"), rows_of(100, 50, "p8")])
    coarse = columns(age=None, stage=None, place={"level": 1})
    told = made.build("two", later, "one", column=coarse).body["previous"]["editions"]["enclave"]
    assert told == {"added": 0, "removed": 0, "waiting": 0, "residual_classes": 0}


def test_empty_cells_are_a_class_then_and_now(tmp_path):
    made = Successive(tmp_path, {"profiles": ["enclave"], **FEW})
    first = pa.concat_tables([rows_of(0, 50, "p0"), rows_of(50, 20, "")])
    made.build("one", first)
    told = made.build("two", pa.concat_tables([first, rows_of(70, 3, "")]), "one").body["previous"]["editions"][
        "enclave"
    ]
    assert told == {"added": 0, "removed": 0, "waiting": 3, "residual_classes": 0}


def test_a_column_may_be_dropped_and_an_edition_added_that_is_coarser(made):
    made.build("one", people(0, 1500))
    dropped = columns(age={"treatment": "drop"})
    told = made.build("two", people(0, 1500), "one", column=dropped, profiles=["enclave", "controlled"]).body
    assert set(told["previous"]["editions"]) == {"enclave"}
    assert "age" not in told["editions"]["enclave"]["node"]
    made.build("three", people(0, 1500), "two", column=dropped, profiles=["enclave", "controlled"])
    with pytest.raises(PlanError, match=r"column 'age'.*did not publish"):
        made.build("four", people(0, 1500), "two", profiles=["enclave", "controlled"])


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "another dataset": ({"dataset": "other"}, "dataset: is not that of the release before"),
    "a profile less": ({"profiles": ["controlled"]}, "profiles: lack 'enclave'"),
    "another treatment": (
        {"column": columns(age={"treatment": "band", "widths": [5, 10]})},
        "column 'age': has another treatment",
    ),
    "another role": ({"column": columns(stage={"role": "insensitive"})}, "column 'stage': has another role"),
    "another group": (
        {"column": columns(place={"groups": {f"p{n}": f"g{n // 3}" for n in range(12)}})},
        "column 'place': has other groups",
    ),
    "groups where there were none": (
        {"column": columns(sex={"groups": {"1": "x", "2": "x"}})},
        "column 'sex': has other groups",
    ),
    "another unit of keeping": ({"column": columns(serial={"kind": "text"})}, "column 'serial': has another kind"),
    "a finer level": ({"column": columns(age={"level": 0})}, "level 0 in edition 'enclave' is finer than level"),
    "another series": (
        {"series": "s", "series_key": bytes(32), "column": columns(id={"treatment": "token"})},
        "series: is not that of the release before",
    ),
}


@pytest.mark.parametrize("change", sorted(REFUSED))
def test_a_plan_by_other_rules_is_refused_naming_what_differs(tmp_path_factory, change):
    changes, words = REFUSED[change]
    made = first_of(tmp_path_factory)
    with pytest.raises(PlanError, match=words):
        made.build("refused", people(0, 1000), "one", **changes)
    assert not (made.folder / "refused").exists()


_FIRST: list[Successive] = []


def first_of(factory: pytest.TempPathFactory) -> Successive:
    """Build the release that refused plans would follow, once."""
    if not _FIRST:
        _FIRST.append(Successive(factory.mktemp("first"), {"profiles": ["enclave"]}))
        _FIRST[0].build("one", people(0, 1000), column=columns(age={"level": 2}))
    return _FIRST[0]


def test_a_finer_edition_and_a_column_withheld_before_are_refused(made):
    withheld = columns(stage={"withheld": ["open"]})
    made.build("one", people(0, 2000), profiles=["controlled", "open"], column=withheld)
    with pytest.raises(PlanError, match="add 'enclave', which is finer"):
        made.build("two", people(0, 2000), "one", profiles=["enclave", "controlled", "open"], column=withheld)
    with pytest.raises(PlanError, match="column 'stage': was withheld from edition 'open'"):
        made.build("two", people(0, 2000), "one", profiles=["controlled", "open"])


def test_groups_and_mappings_may_gain_values(made):
    made.build("one", people(0, 1000))
    more = {f"p{n}": f"g{n // 4}" for n in range(13)}
    made.build("two", people(0, 1000), "one", column=columns(place={"groups": more}))


def test_a_release_whose_members_were_not_kept_cannot_be_followed(made, tmp_path):
    made.build("one", people(0, 1000))
    other = Successive(tmp_path / "other", made.plan)
    other.folder.mkdir()
    (other.folder / "one").symlink_to(made.folder / "one")
    with pytest.raises(CustodyError, match="were not kept in this folder"):
        other.build("two", people(0, 1000), "one")
    made.custody.prune([])
    with pytest.raises(CustodyError):
        made.build("two", people(0, 1000), "one")


def test_a_folder_that_is_no_release_cannot_be_followed(made):
    (made.folder / "one").mkdir()
    with pytest.raises(EvidenceError, match="cannot be read"):
        made.build("two", people(0, 1000), "one")


def test_without_quasi_identifiers_there_is_no_later_release(made):
    bare = columns(sex=None, age=None, place=None)
    table = people(0, 500).drop_columns(["sex", "age", "place"])
    made.build("one", table, column=bare)
    with pytest.raises(PlanError, match="has no quasi-identifiers"):
        made.build("two", table, "one", column=bare)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda tree: tree | {"levels": 9}, "has 3 levels, and 9 in the release before"),
        (lambda tree: tree | {"parents": {"0": {}, "1": {}}}, "did not publish"),
    ],
)
def test_members_that_do_not_fit_the_hierarchy_are_refused(made, spoil, words):
    first = made.build("one", people(0, 1000), column=columns(place={"level": 0}))
    trees = first.body["trees"] | {"place": spoil(first.body["trees"]["place"])}
    with made.custody.members(first.hash, "enclave") as members, Scratch(made.folder / "scratch") as scratch:
        told = first.body["editions"]["enclave"]
        past = read_past(scratch, members, told, trees, {"place"}, 0)
    hierarchy = from_paths("place", ["p0", "p1"], [("p0", "g0", "*"), ("p1", "g0", "*")])
    rows = Rows(Tuples((hierarchy,), (np.arange(2, dtype=np.int32),), np.ones(2, np.int64)))
    with pytest.raises(CustodyError, match=words):
        Arrivals(past, rows, np.zeros(2, np.int64), 5, False).waiting((1,))
