"""Whoever holds two cuts of an edition, or a cut and the edition, cannot lay them side by side by the places of rows.

To see whether places tell anything, each row carries its number in the edition, `days`, which the attacker would not
have. The positive control is a cut that keeps the edition's order.
"""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from anonymize.cut import make_cut
from anonymize.signing import Signer
from policies.cut import Condition, CutSpec
from tests.common import cuts
from tests.common.clock import BEGIN

ROWS = 8000
BOUND = 4 / np.sqrt(ROWS / 2)
"""Four standard errors of the correlation of two independent orders of the rows of one sex."""
SECRETS = {"quasi": b"q" * 32, "rest": b"r" * 32, "filtered": b"f" * 32}
PARTS = {
    "quasi": CutSpec(columns=("sex", "age", "days")),
    "rest": CutSpec(columns=("sex", "stage", "grade", "days")),
    "filtered": CutSpec(columns=("sex", "days"), where=(Condition.parse("sex in 1,2"),)),
}


@pytest.fixture(scope="module", params=[(), ("sex",)], ids=["unsorted", "sorted"])
def held(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, pa.Table]:
    """Give an edition whose rows are numbered by `days`, and three cuts of it."""
    folder: Path = tmp_path_factory.mktemp("cuts")
    rows = cuts.table(ROWS)
    if request.param:
        rows = rows.take(pa.array(np.argsort(rows["sex"].to_numpy(), kind="stable")))
    rows = rows.set_column(rows.column_names.index("days"), "days", pa.array(np.arange(ROWS)))
    parent, files = cuts.edition(folder, rows, parts=2, sort_by=request.param)
    signer, out = Signer.create(folder / "key"), {"edition": rows}
    for name, spec in PARTS.items():
        made = make_cut(spec, parent, files, folder / name, signer=signer, at=BEGIN, secret=SECRETS[name])
        assert made.body["suppression"]["rows"] == 0
        out[name] = pq.read_table(folder / name / "part-00000.parquet", partitioning=None)
    return out


def correlations(one: pa.Table, two: pa.Table) -> list[float]:
    """Correlate the places of the same rows in two files, over all rows of each sex: among them nothing is sorted."""
    places = []
    for table in (one, two):
        frame = table.select(["sex", "days"]).append_column("place", pa.array(np.arange(table.num_rows)))
        places.append(frame.sort_by("days"))
    first, second = (table["place"].to_numpy() for table in places)
    sex = np.array(places[0]["sex"].to_pylist())
    return [float(np.corrcoef(first[sex == value], second[sex == value])[0, 1]) for value in np.unique(sex)]


def right(one: pa.Table, two: pa.Table) -> int:
    """Count the rows that stand beside themselves when two files are laid side by side."""
    return int((one["days"].to_numpy() == two["days"].to_numpy()).sum())


def test_a_cut_in_the_editions_order_would_be_joined_with_it(held: dict[str, pa.Table]) -> None:
    """The positive control: the attack works on two cuts that keep the order, whole or filtered."""
    stable = held["edition"].select(["sex", "stage", "days"])
    assert min(correlations(stable, held["edition"].select(["sex", "age", "days"]))) > 0.99
    assert right(stable, held["edition"]) == ROWS


@pytest.mark.parametrize(("one", "two"), [("quasi", "rest"), ("quasi", "filtered"), ("rest", "filtered")])
def test_the_places_of_a_row_in_two_cuts_do_not_follow_each_other(
    held: dict[str, pa.Table], one: str, two: str
) -> None:
    assert max(map(abs, correlations(held[one], held[two]))) < BOUND
    assert right(held[one], held[two]) < 12


@pytest.mark.parametrize("cut", PARTS)
def test_the_place_of_a_row_in_a_cut_does_not_follow_the_edition(held: dict[str, pa.Table], cut: str) -> None:
    assert max(map(abs, correlations(held[cut], held["edition"]))) < BOUND
    assert right(held[cut], held["edition"]) < 12


def test_neighbours_in_the_edition_are_no_neighbours_in_a_cut(held: dict[str, pa.Table]) -> None:
    for name in PARTS:
        assert (np.abs(np.diff(held[name]["days"].to_numpy())) == 1).sum() < 12
