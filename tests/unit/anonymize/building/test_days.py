"""True days are published under no other treatment where a profile allows none."""

import pyarrow as pa
import pytest

from policies.errors import PlanError
from tests.unit.anonymize.world import built, columns, registry

KEPT = {"role": "insensitive", "treatment": "keep"}
NAMED = r"column 'seen': publishes days, and profile 'open' allows month\. Use treatment = \"date\", or generalise it"


def seen(write):
    """Give 4,000 tumours with a day of 2012 to 2020 each, written as *write* does."""
    table = registry(4000)
    days = [write(*map(int, day.split("-"))) for day in table["dx"].to_pylist()]
    return table.append_column("seen", pa.array(days, pa.string()))


def planned(column):
    return [*columns(id={"treatment": "drop"}), {"name": "seen", **column}]


def iso(year, month, day):
    return f"{year:04}-{month:02}-{day:02}"


def compact(year, month, day):
    return iso(year, month, day).replace("-", "")


@pytest.mark.parametrize(
    "column",
    [
        KEPT,
        {**KEPT, "kind": "text"},
        {**KEPT, "role": "sensitive_attribute"},
        {**KEPT, "treatment": "group", "level": 0},
        {"role": "sensitive_attribute", "treatment": "group", "level": 0},
        {"role": "quasi_identifier", "treatment": "group", "level": 0},
    ],
)
def test_days_are_refused_and_the_column_is_named(tmp_path, column):
    dropped = {name: {"role": "direct_identifier", "treatment": "drop"} for name in ("sex", "age", "place", "site")}
    rows = seen(lambda year, month, day: iso(year, month, 1))
    with pytest.raises(PlanError, match=NAMED):
        built(
            tmp_path,
            rows,
            profiles=["open"],
            column=[*columns(id={"treatment": "drop"}, **dropped), {"name": "seen", **column}],
            sort_by=[],
        )
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("write", "column"),
    [
        (lambda y, m, d: f"{y}/{m}/{d}", KEPT),
        (lambda y, m, d: f"{iso(y, m, d)} 08:30:00", KEPT),
        (lambda y, m, d: f"{iso(y, m, d)}T08:30:00Z", KEPT),
        (compact, KEPT),
        (compact, {**KEPT, "kind": "integer"}),
        (compact, {**KEPT, "kind": "number"}),
        (lambda y, m, d: iso(y, m, d) if m > 3 else f"unknown {m}{d}{y % 2}", KEPT),
        (lambda y, m, d: "99999999" if d == 31 else compact(y, m, d), KEPT),
    ],
)
def test_however_they_are_written(tmp_path, write, column):
    with pytest.raises(PlanError, match=NAMED):
        built(tmp_path, seen(write), profiles=["open"], column=planned(column))


@pytest.mark.parametrize(
    ("write", "column"),
    [
        (lambda y, m, d: f"{y}-{m:02}", KEPT),
        (lambda y, m, d: f"{y}", {**KEPT, "kind": "integer"}),
        (lambda y, m, d: f"{y * 10_000 + m * 731 + d}", KEPT),  # eight digits that are no days
        (lambda y, m, d: f"{y * 10_000 + m * 731 + d}", {**KEPT, "kind": "integer"}),
        (lambda y, m, d: f"{m}.{d}", {**KEPT, "kind": "number"}),
        (lambda y, m, d: f"{y * 10_000 + m * 100 + d}.5", {**KEPT, "kind": "number"}),
        (lambda y, m, d: iso(y, m, d) if m == 1 else f"{m} mm {d}{y}", KEPT),  # a few days among other text
        (lambda y, m, d: None, KEPT),
    ],
)
def test_other_values_pass(tmp_path, write, column):
    built(tmp_path, seen(write), profiles=["open"], column=planned(column))


def test_what_counts_is_the_value_as_published(tmp_path):
    groups = {day: day[:4] for day in seen(iso)["seen"].to_pylist()}
    built(tmp_path, seen(iso), profiles=["open"], column=planned({**KEPT, "treatment": "group", "groups": groups}))


def test_the_enclave_may_keep_days_and_others_withhold_them(tmp_path):
    column = columns(id={"withheld": ["open"]})
    built(
        tmp_path,
        seen(iso),
        profiles=["enclave", "open"],
        column=[*column, {"name": "seen", **KEPT, "withheld": ["open"]}],
    )
