"""Statistics come from the open edition alone, and no count of them is small."""

import json
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest

from anonymize.errors import SourceError
from anonymize.previews.statistics import statistics
from policies.canonical import canonical_json
from tests.common.format2 import body, column, edition
from tests.unit.anonymize.previews.world import DISTRICTS, OUTLIER, RARE, ROWS, make, rows

LEAST = 20


def column_of(shown, name):
    return next(column for column in shown["open"]["columns"] if column["name"] == name)


def one_column(folder, values, kind, *, role="insensitive", treatment="keep", tokens=None):
    """Describe an open edition of one column."""
    table = pa.table({"x": pa.array(values, kind)})
    published = [column("x", role, treatment)]
    if tokens is not None:
        table = table.append_column("token", pa.array(tokens, pa.string()))
        published.append(column("token", "subject", "token"))
    entry, files = edition(folder, "open", table, published)
    return column_of(statistics(body({"open": entry}), {"open": files}), "x")


def counts_in(value):
    """Find every count anywhere in the statistics of a column."""
    match value:
        case dict():
            for key, item in value.items():
                if key in ("count", "nulls", "other", "rarer") and item is not None:
                    yield item
                elif key not in ("quantiles", "minimum", "maximum"):
                    yield from counts_in(item)
        case list():
            for item in value:
                yield from counts_in(item)


def test_every_count_is_nothing_or_at_least_a_class(shown):
    found = list(counts_in(shown["open"]["columns"]))
    assert len(found) > 50
    assert all(count == 0 or count >= LEAST for count in found)


def test_shown_counts_are_true_and_add_up(made, shown):
    table = made.tables["open"]
    for name in ("district", "month", "age", "years", "flag"):
        true, described = Counter(table[name].to_pylist()), column_of(shown, name)
        for entry in described["histogram"]["bins"]:
            label = {"true": True, "false": False}.get(entry["label"], entry["label"])
            assert entry["count"] == true[label]
    for described in shown["open"]["columns"]:
        if "histogram" in described:
            found = described["histogram"]
            shown_rows = sum(entry["count"] for entry in found["bins"])
            assert shown_rows + (described["nulls"] or 0) + found["other"] == ROWS


def test_bins_count_what_lies_in_them(made, shown):
    for name, read in (("metres", float), ("stage", float), ("day", np.datetime64)):
        values = np.array([read(value) for value in made.tables["open"][name].to_pylist() if value is not None])
        bins = column_of(shown, name)["histogram"]["bins"]
        assert bins
        for entry in bins:
            assert ((values >= read(entry["from"])) & (values < read(entry["to"]))).sum() == entry["count"]


def test_a_value_of_few_rows_is_in_the_pool_and_nowhere_else(shown):
    described = column_of(shown, "district")
    assert {entry["label"] for entry in described["histogram"]["bins"]} < set(DISTRICTS)
    assert described["histogram"]["other"] >= LEAST
    assert (described["distinct"], described["rarer"]) == (4, 0)
    assert RARE not in canonical_json(shown).decode()


def test_where_no_value_is_rare_none_is_counted(shown):
    described = column_of(shown, "years")
    assert (described["distinct"], described["rarer"], described["histogram"]["other"]) == (3, None, 0)


def test_an_outlier_moves_no_edge_no_mean_and_no_range(tmp_path, shown):
    tame = rows()
    values = tame["metres"].to_pylist()
    values[:2] = 1e7, -1e7
    tame = tame.set_column(tame.column_names.index("metres"), "metres", pa.array(values, pa.float64()))
    other = statistics(make(tmp_path, tame).body, make(tmp_path, tame).files)
    described = column_of(shown, "metres")
    assert described == column_of(other, "metres")
    assert described["maximum"] < 2_000
    assert str(int(OUTLIER)) not in canonical_json(shown).decode()


def test_figures_of_numbers_are_near_the_truth_and_come_from_the_bins(made, shown):
    described = column_of(shown, "metres")
    values = np.array([v for v in made.tables["open"]["metres"].to_pylist() if v is not None and abs(v) < 1e6])
    assert described["mean"] == pytest.approx(values.mean(), abs=10)
    for share, found in described["quantiles"].items():
        assert found == pytest.approx(np.percentile(values, int(share)), abs=40)
    assert described["minimum"] == described["histogram"]["bins"][0]["from"]
    assert described["maximum"] == described["histogram"]["bins"][-1]["to"]
    whole = column_of(shown, "stage")
    assert whole["mean"] == pytest.approx(np.mean(made.tables["open"]["stage"].to_pylist()), abs=1e-5)


def test_bands_ages_and_dates_stand_in_their_natural_order(shown):
    labels = {name: [e["label"] for e in column_of(shown, name)["histogram"]["bins"]] for name in ("years", "age")}
    assert labels == {"years": ["<5", "[5,10)", ">=10"], "age": ["00-04", "05-09", "85-89", "90+"]}
    assert [entry["label"] for entry in column_of(shown, "month")["histogram"]["bins"]] == ["2019", "2020"]
    days = [entry["from"] for entry in column_of(shown, "day")["histogram"]["bins"]]
    assert days == sorted(days)
    assert all(day.endswith("-01") for day in days)


def test_values_without_an_order_stand_by_their_count(shown):
    found = [entry["count"] for entry in column_of(shown, "twin")["histogram"]["bins"]]
    assert found == sorted(found, reverse=True)


def test_free_text_and_tokens_show_nothing_but_how_many_are_empty(tmp_path, shown):
    assert column_of(shown, "remark") == {"name": "remark", "kind": "hidden", "nulls": 0}
    texts = ["same text"] * 500 + [None] * 100
    assert one_column(tmp_path, texts, pa.string(), role="free_text", treatment="redact") == {
        "name": "x",
        "kind": "hidden",
        "nulls": 100,
    }


@pytest.mark.parametrize("empty", [1, 19])
def test_too_few_nulls_are_not_told(tmp_path, empty):
    described = one_column(tmp_path, ["a"] * 100 + ["b"] * 40 + [None] * empty, pa.string())
    assert described["nulls"] is None
    assert described["histogram"] == {"kind": "labels", "bins": [{"label": "a", "count": 100}], "other": 40 + empty}


def test_too_few_values_among_nulls_are_not_told(tmp_path):
    described = one_column(tmp_path, [1.5] * 3 + [None] * 100, pa.float64())
    assert described["nulls"] is None
    assert described["histogram"] == {"kind": "numbers", "bins": [], "other": 103}


def test_an_empty_column_says_so(shown):
    described = column_of(shown, "empty")
    assert (described["nulls"], described["histogram"]) == (ROWS, {"kind": "numbers", "bins": [], "other": 0})
    assert (described["minimum"], described["mean"], described["quantiles"]) == (None, None, {})


def test_many_rows_of_few_people_are_pooled_where_the_edition_tells_people(tmp_path):
    tokens = [f"{n % 3:032x}" for n in range(200)] + [f"{n:032x}" for n in range(200)]
    described = one_column(tmp_path, ["loud"] * 200 + ["quiet"] * 200, pa.string(), tokens=tokens)
    assert described["histogram"] == {"kind": "labels", "bins": [], "other": 400}
    described = one_column(tmp_path / "n", [9e9] * 200 + [5.0] * 200, pa.float64(), tokens=tokens)
    assert described["maximum"] is None or described["maximum"] < 1e6


def test_long_and_unique_texts_are_pooled(tmp_path):
    described = one_column(tmp_path, ["长" * 300] * 50 + [f"row {n}" for n in range(47)] + ["a"] * 30, pa.string())
    assert described["histogram"]["bins"] == [{"label": "a", "count": 30}]
    assert (described["histogram"]["other"], described["distinct"], described["rarer"]) == (97, 1, 40)


def test_of_very_many_values_the_most_frequent_are_shown(tmp_path):
    values = [f"v{n:03}" for n in range(100) for _ in range(LEAST + n)]
    described = one_column(tmp_path, values, pa.string())
    assert [entry["label"] for entry in described["histogram"]["bins"]][:2] == ["v099", "v098"]
    assert (len(described["histogram"]["bins"]), described["distinct"]) == (50, 100)


def test_numbers_that_are_none_are_pooled(tmp_path):
    odd = [float("nan")] * 30 + [float("inf")] * 30 + [1.7e308, -1.7e308] * 30
    described = one_column(tmp_path, odd + [1.0] * 40 + [2.0] * 40, pa.float64())
    assert described["histogram"]["other"] == 120
    assert sum(entry["count"] for entry in described["histogram"]["bins"]) == 80
    assert json.loads(canonical_json(described)) == described


@pytest.mark.parametrize("count", [20, 25, 39])
def test_a_tiny_edition_shows_no_bin_of_fewer_than_a_class(tmp_path, count):
    described = one_column(tmp_path, [float(n) for n in range(count)], pa.float64())
    found = described["histogram"]
    assert all(entry["count"] >= LEAST for entry in found["bins"])
    assert sum(entry["count"] for entry in found["bins"]) + found["other"] == count


def test_without_an_open_edition_only_the_schema_is_shown_and_the_page_says_why(tmp_path):
    made = make(tmp_path, with_open=False)
    shown = statistics(made.body, made.files)
    assert shown["open"] is None
    assert "no open edition" in shown["why"]
    assert [entry["profile"] for entry in shown["editions"]] == ["enclave", "controlled"]


def test_fewer_rows_than_a_class_show_only_the_schema(tmp_path):
    made = make(tmp_path, rows(count=19))
    assert statistics(made.body, made.files)["open"] is None
    assert "fewer than 20" in statistics(made.body, made.files)["why"]


def test_the_schema_of_each_edition_is_told_with_what_it_withholds(shown):
    finest, middle, coarsest = shown["editions"]
    assert [entry["profile"] for entry in shown["editions"]] == ["enclave", "controlled", "open"]
    assert (finest["withheld"], middle["withheld"], coarsest["withheld"]) == ([], ["code", "token"], ["code", "token"])
    month = {entry["profile"]: next(c for c in entry["columns"] if c["name"] == "month") for entry in shown["editions"]}
    assert month["open"] == {
        "name": "month",
        "type": "string",
        "role": "quasi_identifier",
        "treatment": "date",
        "level": 3,
        "levels": 6,
    }
    assert month["enclave"]["level"] == 1
    assert next(c["type"] for c in finest["columns"] if c["name"] == "day") == "date32[day]"


def test_no_cell_of_another_edition_counts(made, shown, tmp_path):
    other = make(tmp_path, rows(seed=2))
    files = {**other.files, "open": made.files["open"]}
    assert statistics(made.body, files) == shown


def test_an_edition_without_rows_is_refused(tmp_path):
    made = make(tmp_path, rows().slice(0, 0))
    with pytest.raises(SourceError, match="has no rows"):
        statistics(made.body, made.files)


def test_files_with_other_columns_than_the_evidence_names_are_refused(made):
    with pytest.raises(SourceError, match="other columns"):
        statistics(made.body, {**made.files, "open": made.files["enclave"]})


def test_a_damaged_file_is_refused_without_a_word_from_it(made, tmp_path):
    whole = made.files["open"][1].read_bytes()
    damaged = tmp_path / "part-00001.parquet"
    damaged.write_bytes(whole[:50] + bytes(len(whole) // 2) + whole[50 + len(whole) // 2 :])
    with pytest.raises(SourceError, match=r"cannot be read \(\w+\)") as refused:
        statistics(made.body, {**made.files, "open": [made.files["open"][0], damaged]})
    assert str(tmp_path) not in str(refused.value)


def test_a_file_may_be_named_like_a_pattern(made, shown, tmp_path):
    odd = tmp_path / "it's [a] *b=c?.parquet"
    odd.write_bytes(made.files["open"][0].read_bytes())
    assert statistics(made.body, {**made.files, "open": [odd, made.files["open"][1]]}) == shown


def test_statistics_have_a_canonical_form(shown):
    assert json.loads(canonical_json(shown)) == shown
