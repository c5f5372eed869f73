"""Who holds every published edition, cut and release, and joins them, finds no class smaller than the finest's k.

The attacker here is plain Python that compares every row with every row; the gate under test is the SQL beside it. The
positive control are two editions searched apart: both keep their k alone, and a column that is no quasi-identifier,
days of follow-up, joins them.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq
import pytest

from anonymize.cut import Parent, make_cut
from anonymize.evidence import Evidence
from anonymize.linkage import Rendering, finest, joined
from anonymize.pipeline import build
from anonymize.risk import measure
from anonymize.signing import Signer
from policies.cut import Condition, CutSpec
from policies.plan import Plan
from tests.common.clock import BEGIN
from tests.common.renderings import Row, reference, rendered

PEOPLE: list[Row] = [{"qa": n % 8, "qb": n // 8 % 8, "days": n} for n in range(320)]
"""Five people in each class of leaves; their days are their own."""
FINE, MIDDLE, OPEN = {"qa": 0, "qb": 1, "days": None}, {"qa": 1, "qb": 2, "days": None}, {"qa": 2, "qb": 2}


def without(rows: list[Row], column: str, value: int) -> Any:
    """Suppress whole classes, as a coarser edition does."""
    return lambda row: row[column] != value


def attacked(view: Rendering, others: list[Rendering]) -> tuple[int, int]:
    """Give k of the gate, and k of the plain attacker over every subset of columns."""
    found, plain = joined(view, others), reference(view, others)
    assert all(found.by_subset[subset] == plain[subset] for subset in found.by_subset)
    return found.minimum, min(plain.values())


def test_nested_editions_cuts_and_releases_keep_the_finest_editions_k(tmp_path: Path) -> None:
    def make(name: str, people: list[Row], levels: Any, keep: Any = lambda row: True) -> Rendering:
        return rendered(tmp_path / f"{name}.parquet", people, levels, keep=keep, k=5)

    later = [*PEOPLE[5:], *({**row, "days": row["days"] + 1000} for row in PEOPLE[:50])]
    enclave = make("enclave", PEOPLE, FINE)
    others = [
        make("controlled", PEOPLE, MIDDLE, lambda row: row["qa"] >= 2),
        make("open", PEOPLE, OPEN, lambda row: row["qa"] >= 4),
        make("cut", PEOPLE, {"qa": 0, "days": None}, lambda row: row["qb"] >= 4),
        make("cut-of-rows", PEOPLE, FINE, lambda row: row["days"] >= 40),
        make("cut-of-controlled", PEOPLE, {"qb": 2, "days": None}, lambda row: row["qa"] >= 2 and row["days"] >= 99),
        make("second-enclave", later, FINE),
        make("second-controlled", later, {"qa": 2, "qb": 2, "days": None}),
    ]
    own = reference(enclave, [])[()]
    assert own == 10
    assert attacked(enclave, others) == (10, 10)
    assert joined(enclave, others).refined == 0


@pytest.mark.parametrize(
    ("one", "two", "k"),
    [
        ({"qa": 0, "qb": 3, "days": None}, {"qa": 3, "qb": 0, "days": None}, 5),
        ({"qa": 0, "qb": 2, "days": None}, {"qa": 2, "qb": 0, "days": None}, 5),
        ({"qa": 1, "qb": 2, "days": None}, {"qa": 2, "qb": 1, "days": None}, 20),
    ],
)
def test_editions_searched_apart_fall_to_the_classes_of_both_nodes_together(
    tmp_path: Path, one: Any, two: Any, k: int
) -> None:
    """The positive control: a unique column joins them, so their classes are those of the finer level of each."""
    first, second = rendered(tmp_path / "a.parquet", PEOPLE, one), rendered(tmp_path / "b.parquet", PEOPLE, two)
    for view, other in ((first, second), (second, first)):
        alone = reference(view, [])[()]
        assert attacked(view, [other]) == (k, k)
        assert k < alone


def test_without_the_column_that_joins_them_they_teach_nothing_of_anybody(tmp_path: Path) -> None:
    first = rendered(tmp_path / "a.parquet", PEOPLE, {"qa": 0, "qb": 3})
    second = rendered(tmp_path / "b.parquet", PEOPLE, {"qa": 3, "qb": 0})
    assert attacked(first, [second]) == (40, 40)


ROWS = 3000
COLUMNS: list[dict[str, Any]] = [
    {"name": "id", "role": "subject", "treatment": "drop"},
    {"name": "sex", "role": "quasi_identifier", "treatment": "group"},
    {"name": "age", "role": "quasi_identifier", "treatment": "age"},
    {
        "name": "place",
        "role": "quasi_identifier",
        "treatment": "group",
        "groups": {f"{n}": f"{n // 4}" for n in range(12)},
    },
    {"name": "size", "role": "quasi_identifier", "treatment": "band", "widths": [5, 10, 20, 40]},
    {"name": "stage", "role": "sensitive_attribute", "treatment": "group"},
    {"name": "days", "role": "insensitive", "treatment": "keep", "kind": "integer"},
]


def registry(*, first: int = 0, rows: int = ROWS) -> pa.Table:
    """Draw people whose days of follow-up are their own; the same number is the same person."""
    drawn = []
    for number in range(first, first + rows):
        rng = np.random.default_rng(number)
        drawn.append(
            {
                "id": f"P{number}",
                "sex": str(rng.choice(["1", "2"])),
                "age": str(int(rng.integers(30, 80))),
                "place": str(int(rng.integers(0, 12))),
                "size": str(int(rng.integers(0, 80))),
                "stage": str(rng.choice(["I", "II", "III"])),
                "days": str(number),
            }
        )
    return pa.Table.from_pylist(drawn)


def built(folder: Path, table: pa.Table, profiles: list[str], **levels: int) -> dict[str, Any]:
    """Build editions with the real pipeline; gives the body of the evidence."""
    folder.mkdir()
    arrow_csv.write_csv(table, folder / "source.csv")
    columns = [
        {**column, **({"level": levels[column["name"]]} if column["name"] in levels else {})} for column in COLUMNS
    ]
    plan = Plan.from_dict({"dataset": "tumours", "profiles": profiles, "column": columns})
    signer = Signer.create(folder / "steward.key")
    return dict(build(plan, folder / "source.csv", folder / "built", signer=signer, at=BEGIN).body)


def renderings(folder: Path, body: dict[str, Any]) -> list[Rendering]:
    """Give the editions of a build."""
    return [
        Rendering(
            name=f"{folder.name} {name}",
            files=tuple(folder / "built" / file["path"] for file in told["files"]),
            published=told["published"],
            trees=body["trees"],
            minimum_class_size=told["profile"]["minimum_class_size"],
        )
        for name, told in body["editions"].items()
    ]


def own_k(rendering: Rendering) -> int:
    """Measure one edition alone, by the code of `sluice risk`."""
    return measure(list(rendering.files), rendering.quasi_identifiers()).k


@pytest.fixture(scope="module")
def nested(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("linkage") / "first"
    return folder, built(folder, registry(), ["enclave", "controlled", "open"])


def test_a_build_of_three_editions_and_their_cuts_keeps_k(nested: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    folder, body = nested
    editions = renderings(folder, body)
    view = finest(editions)
    assert view.name == "first enclave"
    signer, cuts = Signer.load(folder / "steward.key"), []
    parts = {
        "controlled": CutSpec(columns=("sex", "stage", "days"), where=(Condition.parse("stage in II,III"),)),
        "open": CutSpec(columns=("age", "sex", "days")),
        "enclave": CutSpec(columns=("sex", "age", "days"), where=(Condition.parse("days between 100 and 2900"),)),
    }
    for name, spec in parts.items():
        (edition,) = (each for each in editions if each.name.endswith(name))
        made = make_cut(spec, Parent.of(body, name), edition.files, tmp_path / name, signer=signer, at=BEGIN)
        file = tmp_path / name / made.body["files"][0]["path"]
        cuts.append(Rendering(name=name, files=(file,), published=made.body["published"], trees=body["trees"]))
        assert Evidence.read(tmp_path / name) == made
    found = joined(view, [each for each in editions if each is not view] + cuts)
    assert found.minimum == own_k(view) >= 5
    assert (found.refined, found.taught_by) == (0, ())


def test_a_second_release_with_50_added_and_5_removed_keeps_k(
    nested: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    """At the nodes of the first: no row of either says more than the first said."""
    folder, body = nested
    later = pa.concat_tables([registry().slice(5), registry(first=ROWS, rows=50)])
    second = built(tmp_path / "second", later, ["enclave"], **body["editions"]["enclave"]["node"])
    everything = [*renderings(tmp_path / "second", second), *renderings(folder, body)]
    view = finest(everything)
    found = joined(view, [each for each in everything if each is not view])
    assert found.minimum == own_k(view) >= 5
    assert found.refined == 0


def test_two_builds_with_nodes_of_their_own_fall_below(nested: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    """The positive control on real builds: each edition passes its gate alone, the join leaves single people."""
    one = built(tmp_path / "one", registry(), ["controlled"], size=0, age=4, place=2)
    two = built(tmp_path / "two", registry(), ["controlled"], age=1, size=4, place=1)
    (first,), (second,) = renderings(tmp_path / "one", one), renderings(tmp_path / "two", two)
    assert own_k(first) >= 11
    assert own_k(second) >= 11
    found = joined(first, [second])
    assert found.k == found.minimum <= 4
    assert "days" in found.weakest
    assert found.refined > ROWS / 2


def test_rows_of_two_builds_are_told_apart_only_by_what_they_share(
    nested: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    """The same two nodes, but the days not published twice: the join is by classes, and no class is split."""
    one = built(tmp_path / "one", registry(), ["controlled"], size=0, age=4, place=2)
    two = built(tmp_path / "two", registry(), ["controlled"], age=1, size=4, place=1)
    (first,), (second,) = renderings(tmp_path / "one", one), renderings(tmp_path / "two", two)
    kept = [entry for entry in second.published if entry["name"] != "days"]
    path = tmp_path / "without.parquet"
    table = pa.concat_tables([pq.read_table(file, partitioning=None) for file in second.files])
    pq.write_table(table.select([entry["name"] for entry in kept]), path)
    fewer = Rendering(name="fewer", files=(path,), published=kept, trees=second.trees)
    found = joined(first, [fewer])
    assert found.minimum <= own_k(first)
    assert found.minimum > joined(first, [second]).minimum
