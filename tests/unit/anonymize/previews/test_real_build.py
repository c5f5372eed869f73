"""What `build` writes can be previewed and compared: three nested editions of generated road works."""

import csv
import io

import numpy as np
import pyarrow.parquet as pq
import pytest

from anonymize.pipeline import build
from anonymize.previews.differences import Version, differences
from anonymize.previews.first_rows import first_rows
from anonymize.previews.mock import mock, to_parquet
from anonymize.previews.render import render
from anonymize.previews.statistics import statistics
from anonymize.signing import Signer
from anonymize.transform.keys import ReleaseSecret
from policies.plan import Plan
from tests.common.clock import BEGIN

PLAN = {
    "dataset": "road-works",
    "profiles": ["enclave", "controlled", "open"],
    "column": [
        {"name": "worker", "role": "subject", "treatment": "drop"},
        {"name": "sex", "role": "quasi_identifier", "treatment": "group"},
        {"name": "hired", "role": "quasi_identifier", "treatment": "date", "levels": {"enclave": 1, "open": 3}},
        {"name": "injury", "role": "sensitive_attribute", "treatment": "group"},
        {"name": "metres", "role": "insensitive", "treatment": "keep", "kind": "number", "withheld": ["open"]},
        {"name": "tool", "role": "insensitive", "treatment": "keep"},
    ],
}


def built(folder, seed):
    """Build editions from rows drawn by *seed*."""
    rng = np.random.default_rng(seed)
    names = [column["name"] for column in PLAN["column"]]
    with (folder / f"{seed}.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(names)
        for number in range(3_000):
            tool = "铲" if seed == 1 and number % 3 else "钻" if number % 50 else "只此一把"
            hired = f"{2018 + int(rng.integers(2))}-{int(rng.integers(1, 13)):02}-15"
            injury = rng.choice(["无", "割伤", "跌落"])
            out.writerow([f"W{number}", rng.choice(["男", "女"]), hired, injury, f"{rng.normal(50, 9):.1f}", tool])
    key = folder / f"{seed}.key"
    evidence = build(
        Plan.from_dict(PLAN),
        folder / f"{seed}.csv",
        folder / f"built-{seed}",
        signer=Signer.create(key),
        at=BEGIN,
        secret=ReleaseSecret(bytes([seed]) * 32),
    )
    files = {
        name: [folder / f"built-{seed}" / file["path"] for file in edition["files"]]
        for name, edition in evidence.body["editions"].items()
    }
    return evidence.body, files


@pytest.fixture(scope="module")
def releases(tmp_path_factory):
    folder = tmp_path_factory.mktemp("builds")
    return [built(folder, seed) for seed in (1, 2)]


def test_every_edition_of_a_build_has_statistics_rows_and_a_mock_that_fits(releases):
    body, files = releases[0]
    shown = statistics(body, files)
    assert [entry["profile"] for entry in shown["editions"]] == ["enclave", "controlled", "open"]
    assert shown["editions"][2]["withheld"] == ["metres"]
    described = {column["name"]: column for column in shown["open"]["columns"]}
    assert described["tool"]["histogram"]["bins"][0]["label"] == "铲"
    assert described["hired"]["kind"] == "ordered"
    assert len(first_rows(files, shown)) == 20
    for profile, paths in files.items():
        drawn = pq.read_table(io.BytesIO(to_parquet(mock(shown, body["trees"], profile), shown["evidence"])))
        assert drawn.schema.remove_metadata() == pq.read_schema(paths[0]).remove_metadata()
        real, drawn_sexes = (set(table["sex"].to_pylist()) for table in (pq.read_table(paths), drawn))
        assert drawn_sexes == real
    months = set(mock(shown, body["trees"], "enclave")["hired"].to_pylist())
    assert months <= set(body["trees"]["hired"]["parents"]["1"])
    assert len(months) > 12


def test_two_builds_are_compared(releases):
    old, new = (Version(body, statistics(body, files)) for body, files in releases)
    assert differences(old, old)["same"]
    found = differences(old, new)
    assert found["distributions"][0]["column"] == "tool"
    assert found["distributions"][0]["distance"] > 0.5
    assert "tool" in render(found)
