"""A **generated** tumour registry of any size, streamed to disk: for benches, and about nobody.

Run as `python -m tests.bench.registry 3000000 registry.csv`. Values are drawn evenly and without any relation between
columns; one person in twenty has two tumours.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv

from anonymize.transform.codes import sites
from anonymize.transform.geography import places

BATCH_ROWS = 250_000
FIRST_DAY, DAYS = np.datetime64("2008-01-01"), 5844
MORPHOLOGIES = ("8500/3", "8140/3", "8070/3", "8000/3", "9680/3", "8720/3", "8041/3", "8520/3")
STAGES = ("I", "II", "III", "IV")
POPULATION = 100_000
"""People of each county, and of each city a multiple: enough to be published."""


def generate(path: Path, rows: int, seed: int = 3) -> None:
    """Write *rows* tumours to *path* as CSV."""
    rng = np.random.default_rng(seed)
    counties = np.array([code for code in places() if len(code) == 6 and code[:2] in ("50", "51", "52", "53")])
    topographies = np.array([code for code in sites() if "." in code])
    schema = pa.schema([(name, pa.string()) for name in COLUMNS])
    options = arrow_csv.WriteOptions(quoting_style="none")
    with arrow_csv.CSVWriter(path, schema, write_options=options) as writer:
        for first in range(0, rows, BATCH_ROWS):
            size = min(BATCH_ROWS, rows - first)
            number = first + rng.permutation(size)
            again = rng.random(size) < 0.05
            number[again] = first + (number[again] - first) // 2
            cells: dict[str, Any] = {
                "patient": np.char.add("P", np.char.zfill(number.astype(str), 9)),
                "sex": np.array(["1", "2"])[rng.integers(0, 2, size)],
                "age": np.clip(rng.normal(63, 14, size), 0, 105).astype(int).astype(str),
                "county": counties[rng.integers(0, len(counties), size)],
                "diagnosed": (FIRST_DAY + rng.integers(0, DAYS, size)).astype(str),
                "topography": topographies[rng.integers(0, len(topographies), size)],
                "morphology": np.array(MORPHOLOGIES)[rng.integers(0, len(MORPHOLOGIES), size)],
                "stage": np.array(STAGES)[rng.integers(0, len(STAGES), size)],
                "size_mm": rng.integers(1, 150, size).astype(str),
            }
            writer.write_table(pa.table({name: pa.array(cells[name], pa.string()) for name in COLUMNS}))


COLUMNS = ("patient", "sex", "age", "county", "diagnosed", "topography", "morphology", "stage", "size_mm")


def plan(profile: str = "controlled") -> dict[str, Any]:
    """Give a plan for it: five quasi-identifiers at fixed levels, as somebody would fix them after one search."""
    figures: dict[str, int] = {}
    for code in places():
        if len(code) == 6:
            figures[code] = POPULATION
            figures[code[:4]] = figures.get(code[:4], 0) + POPULATION
    return {
        "dataset": "generated-registry",
        "profiles": [profile],
        "sort_by": ["county", "diagnosed"],
        "population": {"source": "generated", "figures": figures},
        "column": [
            {"name": "patient", "role": "subject", "treatment": "drop"},
            {"name": "sex", "role": "quasi_identifier", "treatment": "group", "level": 0},
            {"name": "age", "role": "quasi_identifier", "treatment": "age", "level": 3},
            {"name": "county", "role": "quasi_identifier", "treatment": "place", "level": 1},
            {"name": "diagnosed", "role": "quasi_identifier", "treatment": "date", "level": 4},
            {"name": "topography", "role": "quasi_identifier", "treatment": "icdo3_topography", "level": 2},
            {"name": "morphology", "role": "insensitive", "treatment": "keep"},
            {"name": "stage", "role": "sensitive_attribute", "treatment": "keep"},
            {"name": "size_mm", "role": "insensitive", "treatment": "keep", "kind": "integer"},
        ],
    }


if __name__ == "__main__":
    generate(Path(sys.argv[2]), int(sys.argv[1]))
