"""Rows collapsed by the engine give the search what rows in arrays give it."""

import numpy as np
import pyarrow as pa
import pytest

from anonymize.building import classes as module
from anonymize.building.classes import Classes
from anonymize.building.scratch import Scratch
from anonymize.building.treating import Treated
from anonymize.errors import InfeasibleError
from anonymize.kanonymity.hierarchies import from_paths
from anonymize.kanonymity.lattice import Lattice
from anonymize.kanonymity.search import allowed, best, search
from anonymize.kanonymity.sensitive import Sensitive, accept, judge_cells
from anonymize.transform.outcome import Generalised
from policies.columns import Column, Role, Treatment

LEAVES = 8


def tree(name: str):
    paths = [(str(leaf), f"{leaf // 2}x", f"{leaf // 4}y", "*") for leaf in range(LEAVES)]
    return from_paths(name, [path[0] for path in paths], paths)


COLUMNS = [Column(name=n, role=Role.QUASI_IDENTIFIER, treatment=Treatment.GROUP) for n in ("a", "b")]
SENSITIVE = Column(name="s", role=Role.SENSITIVE_ATTRIBUTE, treatment=Treatment.KEEP)


@pytest.mark.parametrize("linked", [False, True])
@pytest.mark.parametrize("people", [60, 200, None])
@pytest.mark.parametrize("lowest", [(0, 0), (1, 0)])
@pytest.mark.parametrize("room", [module.ROOM, 4])
def test_the_optimum_is_that_of_the_rows_in_arrays(tmp_path, monkeypatch, linked, people, lowest, room):
    """Also where tuples are too many for one number, and are numbered by the engine."""
    monkeypatch.setattr(module, "ROOM", room)
    trees = [tree("a"), tree("b")]
    for seed in range(4):
        rng = np.random.default_rng(seed)
        rows = 240
        columns = [rng.integers(0, LEAVES, rows).astype(np.int32) for _ in trees]
        owner = np.arange(rows) if people is None else rng.integers(0, people, rows)
        values = rng.integers(0, 3, rows)
        lattice = Lattice(lowest, (3, 3))
        limits = {"minimum_l": 2, "maximum_t": 0.4}
        treated = Treated(
            {"a": 0, "b": 1, "s": 2},
            {column.name: Generalised(t, np.zeros(0, np.int32)) for column, t in zip(COLUMNS, trees, strict=True)},
            {},
            {},
        )
        with Scratch(tmp_path / str(seed)) as scratch:
            number = owner if people is None else -1 - owner
            work = {"v0": columns[0], "v1": columns[1], "v2": values, "owner": number, "n": np.arange(rows)}
            scratch.put("work", pa.table(work))
            made = Classes(scratch, "work", treated, COLUMNS, lowest, linked, people is not None, "e")
            units = made.units()
            judge = judge_cells([made.cells(SENSITIVE, None)], **limits)
            predicate = accept([Sensitive.of(pa.array(values))], **limits)
            try:
                expected = search(
                    columns, trees, k=5, suppression=0.2, subjects=owner, linked=linked, lattice=lattice,
                    accept=predicate,
                )  # fmt: skip
            except InfeasibleError:
                with pytest.raises(InfeasibleError):
                    best(units, k=5, limit=allowed(rows, 0.2), judge=judge, lattice=lattice, linked=linked)
                continue
            found = best(units, k=5, limit=allowed(rows, 0.2), judge=judge, lattice=lattice, linked=linked)
            for name in ("node", "suppressed", "suppressed_classes", "classes", "loss", "checks"):
                assert getattr(found, name) == getattr(expected, name)
            kept = scratch.rows(f"SELECT n FROM {made.leave_out(found.kept)} ORDER BY n")
            assert [row[0] for row in kept] == np.flatnonzero(expected.kept).tolist()
