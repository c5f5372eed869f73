"""The quality report counts every fault, tells no cell and no small count."""

import json
from dataclasses import replace

import duckdb
import pyarrow as pa
import pytest

from anonymize.quality import EXACT, report, values
from policies.plan import Plan

ROWS = 200
COLUMNS = [
    {"name": "id", "role": "subject", "treatment": "token"},
    {"name": "site", "role": "quasi_identifier", "treatment": "icdo3_topography"},
    {"name": "morphology", "role": "quasi_identifier", "treatment": "icdo3_morphology"},
    {"name": "behaviour", "role": "sensitive_attribute", "treatment": "keep", "standard": "icdo3_behaviour"},
    {"name": "cause", "role": "sensitive_attribute", "treatment": "keep", "standard": "icd10"},
    {"name": "place", "role": "quasi_identifier", "treatment": "place"},
    {
        "name": "sex",
        "role": "quasi_identifier",
        "treatment": "group",
        "standard": "gbt2261_sex",
        "mapping": {"乾": "1"},
    },
    {"name": "born", "role": "direct_identifier", "treatment": "drop", "standard": "iso_date"},
    {"name": "found", "role": "quasi_identifier", "treatment": "date", "not_before": "born"},
    {
        "name": "dose",
        "role": "sensitive_attribute",
        "treatment": "band",
        "widths": [5],
        "unit": "Gy",
        "minimum": 0,
        "maximum": 80,
    },
    {"name": "note", "role": "free_text", "treatment": "redact"},
]
GOOD = {
    "site": "C509",
    "morphology": "8500/3",
    "behaviour": "3",
    "cause": "C50.900x001",
    "place": "500103",
    "sex": "女",
    "born": "1950年3月31日",
    "found": "2010-05-06",
    "note": "-",
}


def plan(*columns: dict, profiles: tuple[str, ...] = ("controlled",)) -> Plan:
    return Plan.from_dict({"dataset": "d", "profiles": list(profiles), "column": list(columns or COLUMNS)})


def measured(rows: list[dict], *columns: dict, **more) -> dict:
    chosen = plan(*columns, **more)
    with duckdb.connect() as connection:
        names = [column.name for column in chosen.columns]
        raw = pa.table({name: pa.array([row.get(name) for row in rows], pa.string()) for name in names})
        connection.register("raw", raw)
        return report(connection, "raw", chosen)


def people(**faults: tuple[str | None, int]) -> list[dict]:
    """Make good rows; each fault is a value and in how many of the first rows it stands."""
    rows = [{"id": f"P{row}", **GOOD, "dose": str(40 + row % 10)} for row in range(ROWS)]
    for name, (value, count) in faults.items():
        for row in rows[:count]:
            row[name] = value
    return rows


def test_a_source_without_fault_scores_one():
    found = measured(people())
    assert set(found["scores"].values()) == {1.0}
    assert {column["score"] for column in found["columns"].values()} == {1.0}
    assert found["rows"] == ROWS


@pytest.mark.parametrize(
    ("name", "value", "system"),
    [
        ("site", "C999", "icdo3_topography"),
        ("morphology", "8500/4", "icdo3_morphology"),
        ("behaviour", "5", "icdo3_behaviour"),
        ("cause", "cancer", "icd10"),
        ("place", "999999", "gbt2260"),
        ("sex", "坤", "gbt2261_sex"),
        ("born", "31/03/1950", "iso_date"),
        ("found", "2010-02-30", "iso_date"),
        ("dose", "much", "number"),
    ],
)
def test_what_is_no_code_date_or_number_is_counted(name, value, system):
    found = measured(people(**{name: (value, 50)}))
    assert found["columns"][name]["valid"] == {"as": system, "invalid": 50}
    assert found["columns"][name]["score"] == 0.75
    assert found["scores"]["validity"] < 1
    assert measured(people())["columns"][name]["valid"]["invalid"] == 0


def test_a_value_the_plan_maps_is_valid():
    assert measured(people(sex=("乾", 50)))["columns"]["sex"]["valid"]["invalid"] == 0


def test_empty_cells_are_missing_and_not_invalid():
    found = measured(people(site=(None, 40)))["columns"]["site"]
    assert (found["missing"], found["valid"]["invalid"], found["score"]) == (40, 0, 0.8)


def test_dates_in_the_wrong_order_are_counted_across_their_forms():
    found = measured(people(born=("2011/1/1", 30), found=("2010-05-06", 30)))
    assert found["columns"]["found"]["order"] == {"not_before": "born", "later": 30}
    assert found["scores"]["consistency"] == 0.85


def test_equal_dates_are_in_order_and_a_missing_one_has_none():
    rows = people(born=("20100506", 30), found=("2010-05-06", 30))
    rows.append({"id": "Q", **GOOD, "found": None, "dose": "1"})
    assert measured(rows)["columns"]["found"]["order"]["later"] == 0


def test_numbers_out_of_range_and_far_out_are_counted():
    found = measured(people(dose=("-1", 20)))["columns"]["dose"]
    assert found["range"] == {"unit": "Gy", "minimum": 0, "maximum": 80, "below": 20, "above": 0}
    assert found["outliers"] == 20
    assert measured(people(dose=("81", 20)))["columns"]["dose"]["range"]["above"] == 20


def test_rows_that_repeat_and_subjects_with_more_rows_are_counted_apart():
    rows = people()
    assert measured(rows + rows[:30])["duplicates"] == {"rows": 30, "subjects": 30}
    again = [{**row, "note": "+"} for row in rows[:30]]
    assert measured(rows + again)["duplicates"] == {"rows": 0, "subjects": 30}


def test_a_small_count_is_not_told_and_neither_is_its_complement():
    few = measured(people(site=(None, 3), place=("999999", ROWS - 3)))["columns"]
    assert few["site"]["missing"] == "fewer than 11"
    assert few["place"]["valid"]["invalid"] == "all but fewer than 11"
    assert few["place"]["score"] == 0.0


@pytest.mark.parametrize("count", range(1, 11))
def test_counts_below_the_smallest_class_look_all_the_same(count):
    shown = measured(people(site=("C999", count), born=(None, count)))
    assert shown == measured(people(site=("C999", 1), born=(None, 1)))


def test_the_strictest_edition_says_what_is_small():
    assert (
        measured(people(site=(None, 15)), profiles=("enclave", "open"))["columns"]["site"]["missing"] == "fewer than 20"
    )
    assert measured(people(site=(None, 15)), profiles=("enclave",))["columns"]["site"]["missing"] == 15


def test_no_cell_leaves():
    shown = json.dumps(measured(people(note=("planted 13800138000", 100), site=("secret", 100))), ensure_ascii=False)
    for cell in ("planted", "13800138000", "secret", "C509", "500103", "P0", "1950"):
        assert cell not in shown


def test_many_distinct_values_are_given_to_two_digits():
    rows = [{"id": str(row)} for row in range(EXACT + 2345)]
    distincts = measured(rows, COLUMNS[0])["columns"]["id"]["distincts"]
    assert distincts % 1000 == 0
    assert abs(distincts - len(rows)) < 0.15 * len(rows)


def test_a_source_without_rows_or_values_has_a_report():
    assert measured([])["rows"] == 0
    assert measured([{"id": f"P{row}"} for row in range(30)])["columns"]["site"]["missing"] == 30


def test_odd_names_of_columns_are_quoted():
    odd = {"name": 'a "b"; DROP TABLE raw', "role": "subject", "treatment": "token"}
    assert measured([{odd["name"]: "1"}], odd)["rows"] == 1


def test_what_repeats_and_what_hardly_does_are_counted_alike(monkeypatch):
    """A column of few values is collapsed first; one of many is counted row by row."""
    rows = [
        {"id": f"P{row}", **GOOD, "dose": value}
        for row, value in enumerate([None, "x", "nan", "1e999", "07", "7", "7.0", "-300", *map(str, range(190)), "900"])
    ]
    collapsed = measured(rows)
    monkeypatch.setattr(values, "FEW", -1)
    monkeypatch.setattr(values, "EXACT", -1)
    found = measured(rows)
    for column in (*found["columns"].values(), *collapsed["columns"].values()):
        del column["distincts"]
    assert found == collapsed


@pytest.mark.parametrize("count", range(1, 40))
def test_quartiles_of_repeated_numbers_are_those_of_the_rows(count):
    numbers = [(7 * row * row) % 11 for row in range(count)]
    with duckdb.connect() as connection:
        connection.register("raw", pa.table({"v": pa.array([str(number) for number in numbers])}))
        once, by_row = values.values_of(connection, "raw", "v", few=True), '(SELECT v AS value, 1 AS n FROM "raw")'
        plain = replace(once, source=by_row, collapsed=False)
        assert once.collapsed
        for low, high in ((2, 8), (None, 3), (4, None)):
            assert once.spread(low, high) == plain.spread(low, high)
        middle = "(SELECT value::DOUBLE AS v, n FROM {})"
        assert once._quartiles(middle.format(once.source)) == plain._quartiles(middle.format(by_row))


def test_subjects_with_more_rows_that_were_counted_already_are_not_counted_again():
    rows = [*people(), *people()[:30], {"id": None, **GOOD}, {"id": None, **GOOD}]
    chosen = plan()
    with duckdb.connect() as connection:
        names = [column.name for column in chosen.columns]
        raw = pa.table({name: pa.array([row.get(name) for row in rows], pa.string()) for name in names})
        connection.register("raw", raw)
        connection.execute("CREATE TABLE known AS SELECT id AS subject FROM raw GROUP BY id HAVING count(id) > 1")
        found = report(connection, "raw", chosen, several="known")
        assert found == report(connection, "raw", chosen)
    assert found["duplicates"] == {"rows": 31, "subjects": 30}


def test_names_that_the_report_uses_itself_do_no_harm():
    odd = [{"name": name, "role": "insensitive", "treatment": "keep"} for name in ("value", "n", "h", "who", "a{}b")]
    rows = [{"id": f"P{row}", **{each["name"]: str(row % 20) for each in odd}} for row in range(60)]
    found = measured(rows, COLUMNS[0], *odd)["columns"]
    assert {found[each["name"]]["distincts"] for each in odd} == {20}
