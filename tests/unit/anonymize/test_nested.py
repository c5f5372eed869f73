"""Several editions of one build: a coarser one says less of fewer rows, and all of it follows from the finer one."""

from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from anonymize.errors import GateFailed, InfeasibleError
from anonymize.evidence import Evidence, verify
from policies.errors import PlanError

from .world import built, columns, registry, signer

ORDER = ("enclave", "controlled", "open")
ALL = ["open", "enclave", "controlled"]
UNLINKED = {"withheld": ["controlled", "open"]}


def source(rows: int = 4000, **more: Any) -> pa.Table:
    """Give the registry with a number that names each row to the test: `size`, which is kept."""
    table = registry(rows, **more)
    return table.set_column(table.column_names.index("size"), "size", pa.array(np.arange(rows).astype(str)))


def planned(**changes: Any) -> list[dict[str, Any]]:
    return columns(**{"id": UNLINKED, "size": {"kind": "integer"}, **changes})


def rows_of(folder: Path, profile: str) -> dict[int, dict[str, Any]]:
    table = pa.concat_tables([pq.read_table(path) for path in sorted((folder / "out" / profile).glob("*.parquet"))])
    return {row["size"]: row for row in table.to_pylist()}


@pytest.fixture(scope="module", params=["one row a subject", "several rows a subject"])
def three(request, tmp_path_factory) -> tuple[Path, Evidence]:
    folder = tmp_path_factory.mktemp("nested")
    more = {} if request.param.startswith("one") else {"subjects": 2500}
    return folder, built(folder, source(**more), profiles=ALL, column=planned())


def test_a_coarser_edition_publishes_levels_at_least_as_coarse_in_every_column(three):
    _, evidence = three
    editions = evidence.body["editions"]
    for finer, coarser in pairwise(ORDER):
        below = {column["name"]: column["level"] for column in editions[finer]["published"]}
        for column in editions[coarser]["published"]:
            if column["level"] is not None:
                assert column["level"] >= below[column["name"]]


def test_a_coarser_edition_has_no_row_that_the_finer_one_suppressed(three):
    folder, evidence = three
    enclave, controlled, opened = (rows_of(folder, name) for name in ORDER)
    assert set(opened) <= set(controlled) <= set(enclave)
    for name, rows in zip(ORDER, (enclave, controlled, opened), strict=True):
        told = evidence.body["editions"][name]
        assert told["suppression"]["rows"] == evidence.body["source"]["rows"] - len(rows)
        assert told["suppression"]["rows"] <= 0.05 * evidence.body["source"]["rows"]
        assert told["risk"]["after"]["k"] >= told["profile"]["minimum_class_size"]


def test_every_label_of_a_coarser_edition_follows_from_that_of_the_finer_one(three):
    folder, evidence = three
    trees = evidence.body["trees"]
    rows = {name: rows_of(folder, name) for name in ORDER}
    levels = {
        name: {c["name"]: c["level"] for c in evidence.body["editions"][name]["published"] if c["level"] is not None}
        for name in ORDER
    }
    lifted = 0
    for finer, coarser in pairwise(ORDER):
        for number, row in rows[coarser].items():
            for name, level in levels[coarser].items():
                label = rows[finer][number][name]
                for step in range(levels[finer][name], level):
                    label = trees[name]["parents"][str(step)][str(label)]
                    lifted += 1
                assert row[name] == label
    assert lifted > 0


def test_a_coarser_edition_suppresses_whole_classes(three):
    """What it lacks of the finer one's rows, it lacks for all rows that it would publish alike."""
    folder, evidence = three
    enclave, controlled = rows_of(folder, "enclave"), rows_of(folder, "controlled")
    quasi = list(evidence.body["editions"]["controlled"]["node"])
    trees, editions = evidence.body["trees"], evidence.body["editions"]
    seen: dict[tuple[Any, ...], set[bool]] = defaultdict(set)
    for number, row in enclave.items():
        shown = []
        for name in quasi:
            label = row[name]
            for step in range(editions["enclave"]["node"][name], editions["controlled"]["node"][name]):
                label = trees[name]["parents"][str(step)][str(label)]
            shown.append(label)
        seen[tuple(shown)].add(number in controlled)
    assert all(len(there) == 1 for there in seen.values())


def test_what_was_built_verifies_and_a_moved_label_of_any_edition_does_not(three):
    folder, evidence = three
    assert verify(folder / "out", frozenset({signer(folder).public})).ok
    assert evidence.body["join"]["k"] >= 5
    assert sorted(evidence.body["editions"]) == sorted(ALL)


def test_places_of_a_row_in_two_editions_do_not_follow_each_other(three):
    folder, _ = three
    first, second = (list(rows_of(folder, name)) for name in ("controlled", "open"))
    place = {number: position for position, number in enumerate(first)}
    shared = [place[number] for number in second]
    beside = (np.abs(np.diff(shared)) == 1).sum()
    assert beside < len(shared) / 20


def test_a_withheld_column_is_in_the_finer_editions_alone(tmp_path):
    evidence = built(
        tmp_path, source(), profiles=["enclave", "open"],
        column=columns(id={"withheld": ["open"]}, dx={"withheld": ["open"]}, size={"kind": "integer"}),
    )  # fmt: skip
    names = {name: [c["name"] for c in told["published"]] for name, told in evidence.body["editions"].items()}
    assert "dx" in names["enclave"]
    assert "dx" not in names["open"]
    assert "token" not in names["open"]
    assert "dx" not in next(iter(rows_of(tmp_path, "open").values()))
    assert "dx" not in evidence.body["editions"]["open"]["node"]
    assert evidence.body["editions"]["enclave"]["published"][2]["withheld"] == ["open"]
    assert verify(tmp_path / "out").findings == ()


def test_a_level_fixed_for_a_coarser_edition_bounds_the_finer_one(tmp_path):
    """Left free, the search of the enclave takes months of five years; the open edition wants years."""
    evidence = built(tmp_path, source(), profiles=["enclave", "open"], column=planned(
        id={"withheld": ["open"]}, dx={"levels": {"open": 3}}, age={"levels": {"open": 4}})
    )  # fmt: skip
    assert evidence.body["editions"]["open"]["node"]["dx"] == 3
    assert evidence.body["editions"]["enclave"]["node"]["dx"] <= 3


def test_fixed_levels_that_are_not_nested_are_refused_by_both_names(tmp_path):
    with pytest.raises(PlanError, match=r"'dx'.*'open' is finer than level 3 in edition 'enclave'"):
        built(tmp_path, source(), profiles=["enclave", "open"], column=planned(
            id={"withheld": ["open"]}, dx={"levels": {"enclave": 3, "open": 1}})
        )  # fmt: skip
    assert not (tmp_path / "out").exists()


def test_an_infeasible_edition_is_named_and_nothing_is_built(tmp_path):
    with pytest.raises(InfeasibleError, match="edition 'open'"):
        built(tmp_path, source(140), profiles=["enclave", "open"], column=planned(
            id={"withheld": ["open"]}, **{name: {"levels": {"open": 0}} for name in ("sex", "site")},
            dx={"level": 5}, age={"level": 4}, place={"level": 3})
        )  # fmt: skip
    assert not (tmp_path / "out").exists()


def test_a_gate_that_fails_names_its_edition(tmp_path):
    dropped = {
        name: {"role": "direct_identifier", "treatment": "drop"} for name in ("sex", "dx", "age", "place", "site")
    }
    rows = source().set_column(8, "morph", pa.array(["8500/3"] * 4000))
    with pytest.raises(GateFailed, match="gate of edition 'controlled'"):
        built(tmp_path, rows, profiles=["controlled"], column=planned(id={}, **dropped), sort_by=[])


def test_editions_that_link_rows_suppress_subjects_with_all_their_rows(tmp_path):
    """The controlled edition publishes tokens with rows: a subject is there with all its rows, or not at all."""
    table = source(3000, subjects=2700)
    evidence = built(tmp_path, table, profiles=["enclave", "controlled"], column=planned(id={"withheld": []}))
    owner = dict(zip(range(3000), table["id"].to_pylist(), strict=True))
    kept = rows_of(tmp_path, "controlled")
    enclave = rows_of(tmp_path, "enclave")
    by_owner: dict[str, set[bool]] = defaultdict(set)
    for number in enclave:
        by_owner[owner[number]].add(number in kept)
    assert all(len(there) == 1 for there in by_owner.values())
    after = evidence.body["editions"]["controlled"]["risk"]["after"]
    assert after["k"] >= 11
    assert after == evidence.body["editions"]["controlled"]["risk"]["from_parquet"]
