"""Whoever holds the source order, or another edition, learns nothing from where a row stands in an edition."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq
import pytest

from anonymize.pipeline import build
from anonymize.signing import Signer
from anonymize.transform.keys import ReleaseSecret
from policies.plan import Plan

ROWS = 8000
SITES = ("C34.1", "C50.9", "C61.9")
BOUND = 4 / np.sqrt(ROWS)
"""Four standard errors of the correlation of two independent orders: exceeded once in 16,000 runs."""


def plan(profile: str, *sort_by: str) -> Plan:
    return Plan.from_dict(
        {
            "dataset": "order",
            "profiles": [profile],
            "sort_by": list(sort_by),
            "column": [
                {"name": "id", "role": "subject", "treatment": "token"},
                {"name": "site", "role": "quasi_identifier", "treatment": "icdo3_topography"},
                {"name": "serial", "role": "insensitive", "treatment": "keep", "kind": "integer"},
            ],
        }
    )


@pytest.fixture(scope="module")
def editions(tmp_path_factory) -> dict[str, pa.Table]:
    """Three editions of one release, with the source's row number planted in each row as the attacker's knowledge."""
    folder: Path = tmp_path_factory.mktemp("order")
    rng = np.random.default_rng(11)
    source = pa.table(
        {"id": [f"P{n}" for n in range(ROWS)], "site": rng.choice(SITES, ROWS), "serial": np.arange(ROWS)}
    )
    arrow_csv.write_csv(source, folder / "source.csv")
    signer, secret, at = (
        Signer.create(folder / "key"),
        ReleaseSecret(bytes(range(32))),
        datetime(2026, 1, 1, tzinfo=UTC),
    )
    out = {"source": source}
    for name, made in {
        "sorted": plan("open", "site"),
        "unsorted": plan("open"),
        "other": plan("controlled", "site"),
    }.items():
        build(made, folder / "source.csv", folder / name, signer=signer, at=at, secret=secret)
        out[name] = pq.read_table(folder / name / made.profiles[0] / "part-00000.parquet", partitioning=None)
    return out


def correlation(edition: pa.Table) -> float:
    """Correlate, within each run of equal sort keys, the place in the edition with the place in the source."""
    serial, site = edition["serial"].to_numpy(), np.array(edition["site"].to_pylist())
    places, serials = [], []
    for value in np.unique(site):
        inside = serial[site == value]
        places.append(np.arange(len(inside)) / len(inside))
        serials.append(np.argsort(np.argsort(inside)) / len(inside))
    return float(np.corrcoef(np.concatenate(places), np.concatenate(serials))[0, 1])


def test_a_stable_sort_would_tell_the_source_order(editions):
    """The positive control: the attack works where ties keep the order of the source."""
    stable = editions["source"].take(
        pa.array(np.argsort(np.array(editions["source"]["site"].to_pylist()), kind="stable"))
    )
    assert correlation(stable) > 0.99


def test_ties_of_a_sorted_edition_do_not_follow_the_source(editions):
    assert editions["sorted"]["site"].to_pylist() == sorted(editions["sorted"]["site"].to_pylist())
    assert abs(correlation(editions["sorted"])) < BOUND


def test_an_unsorted_edition_does_not_follow_the_source(editions):
    serial = editions["unsorted"]["serial"].to_numpy()
    assert abs(np.corrcoef(serial, np.arange(len(serial)))[0, 1]) < BOUND


def test_the_places_of_a_row_in_two_editions_do_not_follow_each_other(editions):
    place = [np.argsort(editions[name]["serial"].to_numpy()) for name in ("sorted", "other")]
    site = np.array(editions["source"]["site"].to_pylist())
    ranks = [
        np.concatenate([np.argsort(np.argsort(p[site == value])) / (site == value).sum() for value in SITES])
        for p in place
    ]
    assert abs(np.corrcoef(*ranks)[0, 1]) < BOUND


def test_neighbours_in_the_source_are_no_neighbours_in_the_edition(editions):
    serial = editions["unsorted"]["serial"].to_numpy()
    beside = (np.abs(np.diff(serial)) == 1).sum()
    assert beside < 12
