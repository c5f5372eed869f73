"""A diff says what changed between two releases, and what of it asks for a look."""

import copy

import numpy as np
import pyarrow as pa
import pytest

from anonymize.previews.differences import Version, differences
from anonymize.previews.render import render
from anonymize.previews.statistics import statistics
from policies.canonical import plain
from tests.unit.anonymize.previews.world import make, rows


@pytest.fixture
def old(made, shown):
    return Version(copy.deepcopy(made.body), copy.deepcopy(shown))


@pytest.fixture
def new(old):
    return copy.deepcopy(old)


def only(entries, what):
    return next(entry for entry in entries if entry["what"] == what)


def changed(folder, **columns):
    """Make a release in which columns hold other values."""
    table = rows()
    for name, values in columns.items():
        table = table.set_column(table.column_names.index(name), name, values)
    made = make(folder, table)
    return Version(made.body, statistics(made.body, made.files))


def test_a_release_does_not_differ_from_itself(old, new):
    found = differences(old, new)
    assert found["same"]
    assert not any(found[key] for key in ("schema", "counts", "risk", "plan", "distributions", "uncompared"))
    assert render(found) == "The two releases do not differ in schema, counts, distributions, risk or plan."


def test_a_build_at_another_moment_is_no_difference(old, new):
    new.body["created_at"] = "2027-01-01T00:00:00Z"
    assert differences(old, new)["same"]


def test_columns_that_come_and_go_and_levels_that_change_are_told_per_edition(old, new):
    published = new.body["editions"]["controlled"]["published"]
    published[:] = [entry for entry in published if entry["name"] != "flag"]
    published.append({"name": "weather", "role": "insensitive", "treatment": "keep", "level": None, "levels": None})
    only_month = next(entry for entry in published if entry["name"] == "month")
    only_month["level"] = 2
    next(entry for entry in new.body["editions"]["open"]["published"] if entry["name"] == "month")["level"] = 2
    found = differences(old, new)["schema"]
    assert only(found, "column weather") == {
        "where": "controlled",
        "what": "column weather",
        "old": None,
        "new": "added",
        "concern": True,
    }
    assert only(found, "column flag")["new"] == "removed"
    levels = {
        entry["where"]: (entry["old"], entry["new"], entry["concern"]) for entry in found if "level" in entry["what"]
    }
    assert levels == {"controlled": (1, 2, False), "open": (3, 2, True)}


def test_an_edition_that_comes_or_goes_is_told(old, new):
    del new.body["editions"]["controlled"]
    assert only(differences(old, new)["schema"], "edition")["new"] == "removed"
    assert only(differences(new, old)["schema"], "edition")["new"] == "added"


def test_rows_and_suppression_are_counted(old, new):
    edition = new.body["editions"]["open"]
    edition["files"][0]["rows"] -= 45
    edition["suppression"]["rows"] = 45
    new.body["source"]["rows"] += 50
    found = differences(old, new)["counts"]
    assert [(e["where"], e["what"], e["old"], e["new"], e["concern"]) for e in found] == [
        ("source", "rows", 2000, 2050, False),
        ("open", "rows", 2000, 1955, True),
        ("open", "suppressed rows", 0, 45, False),
    ]


@pytest.mark.parametrize(
    ("key", "value", "what", "concern"),
    [
        ("k", 21, "k", True),
        ("k", 40, "k", False),
        ("prosecutor_risk", 0.05, "prosecutor risk", True),
        ("l", {"stage": {"distinct": 2, "entropy": 1.9}}, "l of stage", True),
        ("l", {"stage": {"distinct": 4, "entropy": 1.9}}, "l of stage", False),
        ("t", {"stage": {"equal": 0.1, "ordered": 0.15}}, "t of stage", True),
        ("t", {"stage": {"equal": 0.2, "ordered": None}}, "t of stage", True),
        ("t", {"stage": {"equal": 0.2, "ordered": 0.05}}, "t of stage", False),
    ],
)
def test_risk_that_grew_asks_for_a_look(old, new, key, value, what, concern):
    for version in (old, new):
        version.body["editions"]["open"]["risk"]["after"] |= {
            "l": {"stage": {"distinct": 3, "entropy": 1.9}},
            "t": {"stage": {"equal": 0.3, "ordered": 0.1}},
        }
    new.body["editions"]["open"]["risk"]["after"][key] = value
    (entry,) = differences(old, new)["risk"]
    assert (entry["where"], entry["what"], entry["concern"]) == ("open", what, concern)


def test_thresholds_that_became_weaker_ask_for_a_look(old, new):
    limits = new.body["editions"]["open"]["profile"]
    limits |= {"minimum_class_size": 11, "maximum_t": 0.1, "finest_date": "day", "modes": ["records"], "source": {}}
    limits["maximum_residual"] = {"CN_ID": 5, "MOBILE": 0}
    found = {e["what"].removeprefix("threshold "): e["concern"] for e in differences(old, new)["plan"]}
    weaker = {"minimum_class_size": True, "finest_date": True, "modes": True, "maximum_residual of CN_ID": True}
    assert found == {**weaker, "maximum_t": False}


def test_the_plan_is_compared_column_by_column_and_tables_of_values_are_only_counted(old, new):
    old.body["plan"]["column"] = [
        {"name": "stage", "role": "sensitive_attribute", "treatment": "group", "groups": {"甲": "x", "乙": "x"}},
        {"name": "gone", "role": "insensitive", "treatment": "keep"},
    ]
    new.body["plan"]["column"] = [
        {"name": "stage", "role": "sensitive_attribute", "treatment": "keep", "groups": {"甲": "y"}},
        {"name": "came", "role": "insensitive", "treatment": "keep"},
    ]
    new.body["plan"]["sort_by"] = ["month"]
    old.body["plan"]["source"], new.body["plan"]["source"] = {"sha256": "1" * 64}, {"sha256": "2" * 64}
    found = {e["what"]: (e["old"], e["new"]) for e in differences(old, new)["plan"]}
    assert found == {
        "sort_by": (None, ["month"]),
        "source": ("1 entries", "1 entries, 1 changed"),
        "column stage: treatment": ("group", "keep"),
        "column stage: groups": ("2 entries", "1 entries, 2 changed"),
        "column gone": ("there", "removed"),
        "column came": (None, "added"),
    }


def test_the_column_that_moved_most_stands_first_with_its_biggest_movers(old, tmp_path):
    count = rows().num_rows
    moved = changed(
        tmp_path,
        twin=pa.array(np.where(np.arange(count) < count // 2, "渝中区", "巴南区"), pa.string()),
        metres=pa.array(np.random.default_rng(3).normal(520, 100, count)),
    )
    found = differences(old, moved)["distributions"]
    assert [entry["column"] for entry in found] == ["twin", "metres"]
    first = found[0]
    assert first["distance"] == pytest.approx(0.5, abs=0.03)
    assert first["movers"][0] == {"value": "巴南区", "old": 0.0, "new": 0.5}
    assert 0.02 < found[1]["distance"] < 0.2


def test_a_shift_of_dates_and_numbers_is_measured_over_other_bins(old, tmp_path):
    count = rows().num_rows
    days = pa.array(np.full(count, 25_000, np.int32), pa.int32()).cast(pa.date32())
    far = changed(tmp_path, day=days, metres=pa.array(np.random.default_rng(3).normal(9e6, 1, count)))
    found = {entry["column"]: entry["distance"] for entry in differences(old, far)["distributions"]}
    assert found["day"] == pytest.approx(1.0, abs=0.01)
    assert found["metres"] == pytest.approx(1.0, abs=0.05)


def test_columns_of_another_level_are_compared_at_the_coarser_one(old, new):
    """The same rows by quarter in the open edition of the one, by year in the other."""
    for version, counts in ((new, {"2019-Q1": 300, "2019-Q2": 200, "2020-Q4": 500}), (old, {"2019": 500, "2020": 500})):
        shown = next(c for c in version.statistics["open"]["columns"] if c["name"] == "month")
        shown["histogram"] = {
            "kind": "ordered",
            "bins": [{"label": label, "count": count} for label, count in counts.items()],
            "other": 0,
        }
    next(c for c in new.body["editions"]["open"]["published"] if c["name"] == "month")["level"] = 2
    assert differences(old, new)["distributions"] == differences(new, old)["distributions"] == []
    new.body["trees"] = {}
    assert [entry["column"] for entry in differences(old, new)["distributions"]] == ["month"]
    new.body["trees"] = {"month": {"levels": 6, "finest": 1, "parents": {"2": {}}}}
    assert differences(old, new)["uncompared"] == ["month"]


def test_a_column_that_became_a_number_cannot_be_compared(old, tmp_path):
    numbers = pa.array(np.arange(rows().num_rows) % 7, pa.int64())
    assert differences(old, changed(tmp_path, district=numbers))["uncompared"] == ["district"]


def test_without_statistics_the_rest_is_compared_and_the_diff_says_so(old, new):
    bare = Version(new.body, None)
    bare.body["editions"]["open"]["risk"]["after"]["k"] = 30
    found = differences(old, bare)
    assert found["why_no_distributions"] == "The new release shows no statistics of an open edition."
    assert len(found["risk"]) == 1
    assert "Distributions are not compared: The new release" in render(found)
    assert "Neither release" in differences(Version(old.body), bare)["why_no_distributions"]


def test_the_worst_stands_first_and_columns_are_aligned_whatever_the_script(old, new):
    new.body["editions"]["open"]["risk"]["after"]["k"] = 20
    new.body["editions"]["enclave"]["risk"]["after"]["k"] = 50
    new.body["source"]["rows"] = 2_500
    new.body["plan"]["column"] = [{"name": "区县"}]
    bins = next(c for c in new.statistics["open"]["columns"] if c["name"] == "district")["histogram"]["bins"]
    bins[0]["count"], bins[1]["count"] = bins[1]["count"], bins[0]["count"]
    lines = render(differences(old, new)).splitlines()
    assert [line[0] for line in lines[:5]] == ["!", "!", "~", " ", " "]
    assert "risk" in lines[0]
    assert lines[0].endswith("25 → 20")
    assert "column 区县" in lines[1]
    assert "district" in lines[2]
    assert "渝中区" in lines[2]
    place = lines[0].index("25 → 20")
    assert lines[1].index("– → added") == place - len("区县")  # two characters that take four columns
    assert lines[4].index("2,000 → 2,500") == place


def test_a_diff_can_be_stored(old, tmp_path):
    found = differences(old, changed(tmp_path, stage=pa.array([3] * rows().num_rows)))
    assert plain(found) == found
