"""The commands between two releases: objections from stdin, builds that follow, the key of a series."""

import json
from pathlib import Path
from typing import Any

import pyarrow.csv as arrow_csv
import pytest
import tomlkit
from click.testing import CliRunner

from anonymize.custody import Custody, CustodyError
from market.cli.main import sluice
from market.cli.objections import folder_of
from tests.common.successive import COLUMNS, columns, people


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SLUICE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("SLUICE_KEY", raising=False)
    return tmp_path / "home"


def types(*words: str | Path, stdin: str | None = None) -> dict[str, Any]:
    done = CliRunner().invoke(sluice, [*map(str, words), "--json"], input=stdin, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    value: dict[str, Any] = json.loads(done.stdout)
    return value


def written(folder: Path, **changes: Any) -> tuple[Path, Path]:
    """Write a source and its plan."""
    plan = {"dataset": "tumours", "profiles": ["enclave"], "column": COLUMNS, **changes}
    (folder / "plan.toml").write_text(tomlkit.dumps(plan), "utf-8")
    arrow_csv.write_csv(people(0, 600), folder / "source.csv")
    return folder / "plan.toml", folder / "source.csv"


def test_objections_come_on_stdin_and_are_omitted_from_the_next_build(tmp_path, home):
    first = types("build", *written(tmp_path), "-o", tmp_path / "one")
    assert types("objection", "count", "--dataset", "tumours")["objections"] == 0
    told = types("objection", "add", "--dataset", "tumours", stdin="\ufeffP7\nP8\r\n\nP7\n")
    assert told == {"dataset": "tumours", "new": 2, "objections": 2}
    assert types("objection", "count", "--dataset", "tumours")["objections"] == 2
    words = ("build", *written(tmp_path), "-o", tmp_path / "two", "--previous", tmp_path / "one" / "evidence.json")
    second = types(*words)
    assert second["body"]["source"]["rows"] == 598
    assert second["body"]["previous"]["evidence"] == first["evidence"]
    kept = Custody.open(home / "custody" / "tumours")
    assert kept.objections() == frozenset(kept.digests(["P7", "P8"]))


def test_a_custody_elsewhere_holds_its_own_members(tmp_path):
    elsewhere = ("--custody", tmp_path / "kept")
    types("build", *written(tmp_path), "-o", tmp_path / "one", *elsewhere)
    with pytest.raises(CustodyError, match="were not kept in this folder"):
        types("build", *written(tmp_path), "-o", tmp_path / "two", "--previous", tmp_path / "one")
    types("build", *written(tmp_path), "-o", tmp_path / "two", "--previous", tmp_path / "one", *elsewhere)
    types("objection", "add", "--dataset", "tumours", *elsewhere, stdin="P1\n")
    assert types("objection", "count", "--dataset", "tumours")["objections"] == 0
    assert types("objection", "count", "--dataset", "tumours", *elsewhere)["objections"] == 1


def test_the_key_of_a_series_is_drawn_once(tmp_path):
    changes = {"profiles": ["controlled"], "series": "cohort", "column": columns(id={"treatment": "token"})}
    plan, source = written(tmp_path, **changes)
    key = tmp_path / "series.key"
    for name in ("one", "two"):
        told = types("build", plan, source, "-o", tmp_path / name, "--series-key", key)
        assert told["body"]["series"]["name"] == "cohort"
    assert (key.stat().st_mode & 0o777, len(key.read_bytes())) == (0o600, 32)


def test_another_file_than_evidence_is_no_previous_release(tmp_path):
    plan, source = written(tmp_path)
    done = CliRunner().invoke(
        sluice, ["build", str(plan), str(source), "-o", str(tmp_path / "x"), "--previous", str(plan)]
    )
    assert done.exit_code == 2
    assert "evidence.json" in done.output


@pytest.mark.parametrize("name", ["tumours", "a/b", "a_b", "..", "城市", "a" * 300])
def test_each_dataset_has_a_folder_of_its_own(home, name):
    folder = folder_of(name)
    assert folder.parent == home / "custody"
    assert len(folder.name) < 120
    others = {folder_of(other) for other in ("a/b", "a_b", "tumours", "..", "城市", "a" * 300, "a" * 299)}
    assert len(others) == 7
