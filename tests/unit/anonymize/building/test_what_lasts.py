"""What lasts from release to release: objections, the shift of a subject's dates, and the tokens of a series."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from anonymize.building.body import objections_of
from anonymize.evidence import Evidence
from policies.errors import PlanError
from tests.common.successive import ALL, Successive, columns, people, without


@pytest.mark.parametrize("several", [False, True])
def test_who_objected_is_in_no_edition_of_the_next_release(tmp_path, several):
    made = Successive(tmp_path)
    table = people(0, 2000, several=several)
    first = made.build("one", table).body
    gone = [f"P{n}" for n in range(0, 60, 2)]
    assert made.custody.note_objections([*gone, "nobody-in-it"]) == 31
    body = made.build("two", table, "one").body
    for profile in ALL:
        assert not set(gone) & made.subjects("two", profile)
        assert set(gone) & made.subjects("one", profile)
    assert first["objections"] == "0 to 19 subjects"
    assert body["objections"] == "20 to 39 subjects"
    assert body["source"]["rows"] == without(table, *gone).num_rows < first["source"]["rows"]
    assert body["quality"]["rows"] == body["source"]["rows"]
    assert body["previous"]["editions"]["enclave"]["removed"] >= 25


def test_objections_are_told_in_whole_groups():
    assert [objections_of(n, 20) for n in (0, 19, 20, 41)] == [
        "0 to 19 subjects",
        "0 to 19 subjects",
        "20 to 39 subjects",
        "40 to 59 subjects",
    ]


SERIES: dict[str, Any] = {
    "profiles": ["controlled"],
    "series": "cohort",
    "column": columns(id={"treatment": "token", "output": "token"}),
}


def test_tokens_of_a_series_join_its_datasets_and_no_others(tmp_path):
    made, seed = Successive(tmp_path), bytes(range(32))
    table = people(0, 1000)

    def tokens(name: str, **changes: Any) -> dict[int, str]:
        made.build(name, table, **{**SERIES, "dataset": name, **changes})
        return {row["serial"]: row["token"] for row in made.rows(name, "controlled")}

    one, two = tokens("imaging", series_key=seed), tokens("registry", series_key=seed)
    both = one.keys() & two.keys()
    assert len(both) > 900
    assert all(one[row] == two[row] for row in both)
    for other in (
        tokens("elsewhere", series_key=bytes(32)),
        tokens("named", series_key=seed, series="other"),
        tokens("alone", series=None),
    ):
        assert not set(one.values()) & set(other.values())
    body = Evidence.read(tmp_path / "imaging").body
    assert body["series"] == {"name": "cohort", "grade": "pseudonymised", "key": "held by the steward"}
    assert "series" in body["keys"]
    assert "series" not in Evidence.read(tmp_path / "alone").body["keys"]


def test_a_series_is_never_open_and_needs_its_key(tmp_path):
    made, table = Successive(tmp_path), people(0, 100)
    with pytest.raises(PlanError, match="never open"):
        made.build("one", table, **{**SERIES, "profiles": ["controlled", "open"], "series_key": bytes(32)})
    with pytest.raises(PlanError, match="has no key"):
        made.build("one", table, **SERIES)
    with pytest.raises(PlanError, match="is not named"):
        made.build("one", table, **{**SERIES, "series": None, "series_key": bytes(32)})


DATED = columns(age={"treatment": "date", "level": 0}, place={"level": 2}, sex={"level": 1})


def dated(count: int) -> pa.Table:
    days = np.datetime64("2020-06-15") + np.zeros(count, int)
    return people(0, count).set_column(2, "age", pa.array(days.astype(str)))


def test_a_subjects_dates_shift_alike_in_all_releases_of_one_custody(tmp_path):
    """Else the releases would close in on the true day, and subjects would change class for no reason."""
    made, other = (
        Successive(tmp_path / "a", {"profiles": ["enclave"]}),
        Successive(tmp_path / "b", {"profiles": ["enclave"]}),
    )
    for each in (made, other):
        each.folder.mkdir()
        each.build("one", dated(4000), column=DATED)
    told = made.build("two", dated(4000), "one", column=DATED).body
    assert told["previous"]["editions"]["enclave"] == {"added": 0, "removed": 0, "waiting": 0, "residual_classes": 0}
    one, two, apart = (
        {row["serial"]: row["age"] for row in each.rows(name, "enclave")}
        for each, name in ((made, "one"), (made, "two"), (other, "one"))
    )
    assert len(one.keys() & two.keys()) > 3500
    assert all(one[row] == two[row] for row in one.keys() & two.keys())
    both = one.keys() & apart.keys()
    assert sum(one[row] != apart[row] for row in both) > 0.9 * len(both)
    assert "custody" in told["keys"]
    undated = made.build("three", people(0, 1000), column=columns()).body
    assert "custody" not in undated["keys"]
