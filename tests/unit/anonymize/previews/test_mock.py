"""A mock has the true schema, and says nothing that the published statistics do not say."""

import io
from collections import Counter

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from anonymize.errors import SourceError
from anonymize.previews.mock import LABEL, mock, to_parquet
from anonymize.previews.statistics import statistics
from tests.unit.anonymize.previews.world import DISTRICTS, RARE, TREES, make

PROFILES = ("enclave", "controlled", "open")


def drawn(shown, profile="open", rows=1_000):
    return mock(shown, TREES, profile, rows=rows)


def same_share(table):
    """Say how many rows agree in two columns that are equal in every row of the edition."""
    return pc.mean(pc.cast(pc.equal(table["district"], table["twin"]), pa.float64())).as_py()


@pytest.mark.parametrize("profile", PROFILES)
def test_a_mock_has_the_names_and_types_of_its_edition(made, shown, profile):
    read = pq.read_table(io.BytesIO(to_parquet(drawn(shown, profile), "e")))
    assert read.schema.remove_metadata() == pq.read_schema(made.files[profile][0]).remove_metadata()
    assert read.num_rows == 1_000


@pytest.mark.parametrize("profile", PROFILES)
def test_sql_tried_on_the_mock_runs_on_the_edition(made, shown, profile):
    question = (
        "SELECT district, month, avg(metres), max(day), count(*) FILTER (flag) FROM {} WHERE stage > 1 GROUP BY ALL"
    )
    tried, real = drawn(shown, profile), made.tables[profile]  # found by DuckDB by their names
    with duckdb.connect() as connection:
        connection.register("tried", tried)
        connection.register("real", real)
        one, two = (connection.execute(question.format(name)).description for name in ("tried", "real"))
    assert [entry[:2] for entry in one] == [entry[:2] for entry in two]


def test_what_two_columns_say_together_is_lost(made, shown):
    assert same_share(made.tables["open"]) == 1.0
    shares = np.array([0.5, 0.3, 0.15]) / 0.95  # the fourth district is pooled with the one of three rows
    assert same_share(drawn(shown, rows=20_000)) == pytest.approx((shares**2).sum(), abs=0.02)


def test_no_value_lies_outside_the_published_margins(shown):
    table = drawn(shown, rows=5_000)
    for described in shown["open"]["columns"]:
        values = [value for value in table[described["name"]].to_pylist() if value is not None]
        bins = described.get("histogram", {}).get("bins", [])
        match described["kind"]:
            case "labels" | "ordered":
                allowed = {entry["label"] for entry in bins}
                assert {str(v).lower() if isinstance(v, bool) else v for v in values} <= allowed
            case "numbers":
                assert all(any(entry["from"] <= v < entry["to"] for entry in bins) for v in values)
            case "dates":
                assert all(any(entry["from"] <= v.isoformat() < entry["to"] for entry in bins) for v in values)


def test_margins_are_followed(made, shown):
    table = drawn(shown, rows=20_000)
    found, true = (Counter(t["district"].to_pylist()) for t in (table, made.tables["open"]))
    assert set(found) == set(DISTRICTS[:3])
    shown_rows = sum(true[name] for name in DISTRICTS[:3])
    for name in DISTRICTS[:3]:
        assert found[name] / 20_000 == pytest.approx(true[name] / shown_rows, abs=0.02)
    assert table["age"].null_count / 20_000 == pytest.approx(0.15, abs=0.02)
    assert table["empty"].null_count == 20_000


def test_one_release_has_one_mock_and_another_release_another(shown):
    assert to_parquet(drawn(shown), "e") == to_parquet(drawn(shown), "e")
    assert drawn(shown) != drawn({**shown, "evidence": "0" * 64})


def test_a_mock_depends_on_nothing_but_what_is_published(tmp_path, made, shown):
    """Rows of the open edition are paired anew: the margins stay, and so does the mock."""
    table = made.tables["open"]
    turned = table.set_column(
        table.column_names.index("district"), "district", pa.chunked_array([table["district"].to_pylist()[::-1]])
    )
    path = tmp_path / "turned.parquet"
    pq.write_table(turned, path, store_schema=False)
    again = statistics(made.body, {**made.files, "open": [path]})
    assert all(drawn(again, profile) == drawn(shown, profile) for profile in PROFILES)


def test_a_finer_column_is_drawn_from_the_published_tree(shown):
    months = Counter(drawn(shown, "enclave", rows=5_000)["month"].to_pylist())
    assert set(months) == set(TREES["month"]["parents"]["1"])
    years = [entry["count"] for entry in shown["open"]["columns"][1]["histogram"]["bins"]]
    drawn_2019 = sum(count for month, count in months.items() if month.startswith("2019"))
    assert drawn_2019 / 5_000 == pytest.approx(years[0] / sum(years), abs=0.03)


def test_what_is_not_in_the_open_edition_is_a_placeholder(made, shown):
    table = drawn(shown, "enclave")
    assert set(table["code"].to_pylist()) == {f"synthetic-{n}" for n in range(1, 6)}
    assert set(table["remark"].to_pylist()) == {"[SYNTHETIC TEXT]"}
    tokens = set(table["token"].to_pylist())
    assert 500 < len(tokens) < 1_000
    assert all(len(token) == 32 for token in tokens)
    assert not tokens & set(made.tables["enclave"]["token"].to_pylist())


def test_without_an_open_edition_values_come_from_the_tree_or_are_placeholders(tmp_path):
    made = make(tmp_path, with_open=False)
    table = drawn(statistics(made.body, made.files), "enclave")
    assert set(table["month"].to_pylist()) == set(TREES["month"]["parents"]["1"])
    assert set(table["stage"].to_pylist()) == {1, 2, 3, 4, 5}
    assert set(table["flag"].to_pylist()) == {True, False}
    assert {day.isoformat() for day in table["day"].to_pylist()} == {f"2000-01-0{n}" for n in range(1, 6)}
    assert table["district"][0].as_py().startswith("synthetic-")


def test_a_broken_tree_gives_placeholders(shown):
    table = mock(shown, {"month": {"levels": 6, "finest": 1, "parents": {"1": {}}}}, "enclave")
    assert table["month"][0].as_py().startswith("synthetic-")


def test_what_is_hidden_in_the_statistics_is_in_no_mock(made, shown):
    for profile in PROFILES:
        content = to_parquet(drawn(shown, profile), "e")
        values = {str(v) for column in pq.read_table(io.BytesIO(content)).columns for v in column.to_pylist()}
        assert RARE not in values
        assert not any(value.startswith(("note", "secret")) for value in values)


def test_a_mock_says_that_it_is_one(shown):
    told = pq.read_metadata(io.BytesIO(to_parquet(drawn(shown), shown["evidence"]))).metadata
    assert told[b"sluice:synthetic"].decode() == LABEL
    assert told[b"sluice:evidence"].decode() == shown["evidence"]


def test_a_type_that_editions_do_not_have_is_refused(shown):
    odd = {**shown, "editions": [{"profile": "open", "columns": [{"name": "x", "type": "list<element: int64>"}]}]}
    with pytest.raises(SourceError, match="has the type"):
        mock(odd, {}, "open")
