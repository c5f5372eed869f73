"""What pages show is worked out from evidence and previews, small counts and odd shapes included."""

from datetime import UTC, date, datetime

import pytest

from anonymize.previews.statistics import statistics
from market.web import figures
from market.web.views import charts, quality
from market.web.views.changes import changes, moved, why_not
from market.web.views.risk import Gauge, risks
from market.web.words import Words
from tests.unit.anonymize.previews.world import make


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return make(tmp_path_factory.mktemp("release"))


def test_bars_stand_for_their_counts_whatever_the_kind_of_column(made):
    told = statistics(made.body, made.files)["open"]["columns"]
    shown = {column.name: column for column in charts.shown(statistics(made.body, made.files))}
    assert {column.kind for column in shown.values()} == {"labels", "ordered", "numbers", "dates", "hidden"}
    for column in told:
        drawn = shown[column["name"]].chart
        if drawn is None:
            assert not column.get("histogram", {}).get("bins")
            continue
        assert [bar.count for bar in drawn.bars] == [entry["count"] for entry in column["histogram"]["bins"]]
        for bar in drawn.bars:
            assert 0 <= bar.x <= 100
            assert 0 < bar.width <= 100
            assert bar.x + bar.width <= 100.001
        if not drawn.lying:
            assert all(bar.y + bar.height == pytest.approx(drawn.height) for bar in drawn.bars)
            assert max(bar.height for bar in drawn.bars) == drawn.height


def test_the_areas_of_uneven_bins_compare():
    bins = [{"from": 0, "to": 10, "count": 100}, {"from": 10, "to": 110, "count": 100}]
    drawn = charts.chart("numbers", bins)
    assert drawn is not None
    first, second = drawn.bars
    assert second.width == pytest.approx(10 * first.width, rel=0.01)
    assert first.height == pytest.approx(10 * second.height, rel=0.01)
    assert charts.chart("labels", []) is None


def test_many_labels_are_drawn_in_part_and_told_in_full():
    drawn = charts.chart("labels", [{"label": str(number), "count": 40 - number} for number in range(30)])
    assert drawn is not None
    assert len(drawn.drawn) == charts.MOST_LYING
    assert len(drawn.bars) == 30


@pytest.mark.parametrize(
    ("told", "english", "chinese"),
    [
        (0, "0", "0"),
        (1234, "1,234", "1,234"),
        ("fewer than 20", "fewer than 20", "少于20"),
        ("all but fewer than 20", "all but fewer than 20", "除少于20外的全部"),
    ],
)
def test_a_small_count_stays_untold_in_words(told, english, chinese):
    found = quality.counted(told)
    said = [Words(language)(f"quality.{found.how}", n=figures.number(found.rows)) for language in ("en", "zh")]
    assert said == [english, chinese]
    assert found.none == (told == 0)


def test_every_fault_that_the_report_knows_is_named():
    column = {
        "missing": 3,
        "distincts": 5,
        "score": 0.5,
        "valid": {"as": "number", "invalid": "fewer than 11"},
        "range": {"unit": "mm", "minimum": 0, "maximum": 9.5, "below": 20, "above": 30},
        "outliers": 40,
        "order": {"not_before": "birth", "later": 50},
    }
    body = {
        "quality": {
            "rows": 100,
            "scores": {"overall": 0.9},
            "duplicates": {"rows": 0, "subjects": 12},
            "columns": {"x": column},
        }
    }
    found = quality.quality(body)
    assert found is not None
    assert [(fault.kind, fault.what) for fault in found.columns[0].faults] == [
        ("missing", ""),
        ("invalid", "number"),
        ("below", "0 mm"),
        ("above", "9.5 mm"),
        ("outliers", ""),
        ("later", "birth"),
    ]
    assert quality.quality({}) is None


def entry(what, old, new, *, where="open", concern=False):
    return {"where": where, "what": what, "old": old, "new": new, "concern": concern}


def diff(**sections):
    empty = {"risk": [], "schema": [], "plan": [], "counts": [], "distributions": [], "why_no_distributions": None}
    return {**empty, **sections}


@pytest.mark.parametrize(
    ("what", "old", "new", "english", "chinese"),
    [
        ("k", 20, 21, "smallest class (k): 20 → 21", "最小等价类（k）: 20 → 21"),
        ("prosecutor risk", 0.05, 0.1, "highest risk: 5% → 10%", "最高风险: 5% → 10%"),
        ("t of stage", 0.123456, None, "t of stage: 0.1235 → –", "stage的t: 0.1235 → –"),
        ("threshold minimum_l", 2, 3, "threshold: least l: 2 → 3", "门槛：最小l: 2 → 3"),
        (
            "threshold maximum_residual of CN_ID",
            0,
            5,
            "threshold: most left in texts, per million characters: CN_ID: 0 → 5",
            "门槛：文本中每百万字符的最大残留： CN_ID: 0 → 5",
        ),
        ("column a: b", None, "added", "column a: b: – → added", "列a：b: – → 新增"),
        ("column age: level", 1, 2, "column age: level: 1 → 2", "列age：层级: 1 → 2"),
        ("column x: role", "subject", "free_text", "column x: role: subject → free text", "列x：角色: 主体 → 自由文本"),
        ("column x: groups", "3 entries", "4 entries, 1 changed", None, "列x：归组: 3项 → 4项，1项有变"),
        ("column x: withheld", [], ["open"], "column x: withheld from: – → open edition", None),
        ("column x: scrub", "name", None, "column x: scrub: name → –", None),
        ("edition", "there", "removed", "edition: there → removed", "版式: 有 → 去除"),
        ("some new figure", True, False, "some new figure: yes → no", "some new figure: 是 → 否"),
    ],
)
def test_a_change_is_said_in_both_languages(what, old, new, english, chinese):
    for language, wanted in (("en", english), ("zh", chinese)):
        (change,) = changes(diff(risk=[entry(what, old, new)]), Words(language))
        if wanted is not None:
            assert f"{change.what}: {change.old} → {change.new}" == wanted


def test_what_asks_for_a_look_comes_first_and_names_its_place():
    found = changes(
        diff(
            risk=[entry("k", 1, 2)],
            counts=[entry("rows", 1, 2, where="source"), entry("rows", 2, 1, where="enclave", concern=True)],
        ),
        Words("en"),
    )
    assert [(change.concern, change.where) for change in found] == [
        (True, "enclave edition"),
        (False, "open edition"),
        (False, "source"),
    ]


def test_a_moved_distribution_names_its_movers():
    spread = {"column": "age", "distance": 0.12, "movers": [{"value": "(null)", "old": 0.1, "new": 0.22}]}
    (found,) = moved(diff(distributions=[spread]), Words("en"))
    assert found.notable
    assert found.movers == (("(empty)", "10%", "22%"),)


@pytest.mark.parametrize(
    ("why", "which"),
    [
        (None, None),
        ("Neither release shows statistics of an open edition.", "neither"),
        ("The old release shows no statistics of an open edition.", "old"),
        ("The new release shows no statistics of an open edition.", "new"),
    ],
)
def test_why_there_are_no_distributions_is_understood(why, which):
    assert why_not(diff(why_no_distributions=why)) == which


def test_the_gauge_is_logarithmic_and_shows_when_a_limit_is_passed(made):
    assert Gauge(60, 50).over
    assert not Gauge(50, 50).over
    shown = risks({**made.body, "plan": {}})
    assert [risk.profile for risk in shown] == ["enclave", "controlled", "open"]
    assert shown[2].gauge.limit == pytest.approx(56.6, abs=0.1)
    assert [risk.gauge.measured for risk in shown] == [shown[0].gauge.measured] * 3


def test_figures_are_written_alike_everywhere():
    assert figures.number(1234567) == "1,234,567"
    assert figures.number(None) == "–"
    assert figures.number(25.80973) == "25.8097"
    assert [figures.percent(share) for share in (0, 0.05, 0.0909, 0.0012, 1, None)] == [
        "0%",
        "5%",
        "9.1%",
        "0.12%",
        "100%",
        "–",
    ]
    assert [figures.size(count) for count in (999, 21_900, 214_000_000)] == ["999 B", "21.9 kB", "214 MB"]
    assert figures.yuan(123_456_789) == "1,234,567.89"
    midnight = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)
    assert figures.day(midnight) == "2026-11-24"
    assert figures.moment(midnight) == "2026-11-24 00:30"
    assert figures.day(date(2026, 1, 2)) == "2026-01-02"
