"""An edition written by hand, with the evidence that a cut needs of it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from anonymize.cut import Parent
from anonymize.risk import measure
from policies import canonical, profile

PUBLISHED = [
    {"name": "who", "role": "subject", "treatment": "token", "level": None, "levels": None},
    {"name": "sex", "role": "quasi_identifier", "treatment": "group", "level": 0, "levels": 2},
    {"name": "age", "role": "quasi_identifier", "treatment": "age", "level": 2, "levels": 5},
    {"name": "stage", "role": "sensitive_attribute", "treatment": "group", "level": 0, "levels": 2},
    {"name": "grade", "role": "sensitive_attribute", "treatment": "keep", "level": None, "levels": None},
    {"name": "days", "role": "insensitive", "treatment": "keep", "level": None, "levels": None},
]
AGES = ["20-29", "30-39", "40-49", "50-59", "60-69", "70-79"]


def table(rows: int = 1200, *, seed: int = 5, owners: int | None = None) -> pa.Table:
    """Draw *rows* rows, of a subject each or of *owners*."""
    rng = np.random.default_rng(seed)
    owner = np.arange(rows) if owners is None else rng.integers(0, owners, rows)
    stage = [None if n % 40 == 0 else ["I", "II", "III", "IV"][n % 4] for n in rng.permutation(rows)]
    return pa.table(
        {
            "who": [f"T{number:06}" for number in owner],
            "sex": rng.choice(["1", "2"], rows),
            "age": rng.choice(AGES, rows),
            "stage": stage,
            "grade": pa.array(rng.integers(1, 4, rows), pa.int64()),
            "days": pa.array(rng.permutation(rows), pa.int64()),
        }
    )


def edition(
    folder: Path,
    rows: pa.Table,
    *,
    name: str = "controlled",
    parts: int = 1,
    columns: Sequence[str] = tuple(entry["name"] for entry in PUBLISHED),
    thresholds: Mapping[str, Any] | None = None,
    sort_by: Sequence[str] = (),
) -> tuple[Parent, list[Path]]:
    """Write *rows*, in their order, as an edition in *parts* files; give it as a parent, and its files."""
    shown = rows.select(list(columns))
    step = -(-shown.num_rows // parts)
    paths = [folder / f"part-{part}.parquet" for part in range(parts)]
    for part, path in enumerate(paths):
        pq.write_table(shown.slice(part * step, step), path, row_group_size=100)
    published = [entry for entry in PUBLISHED if entry["name"] in columns]
    named = {
        role: [e["name"] for e in published if e["role"] == role]
        for role in ("quasi_identifier", "sensitive_attribute")
    }
    told = measure(rows, named["quasi_identifier"], named["sensitive_attribute"], "who", whole_sets="who" in columns)
    limits = {**canonical.plain(profile.load(name)), **(thresholds or {})}
    body = {
        "dataset": "tumours",
        "plan": {"sort_by": list(sort_by)},
        "editions": {
            name: {
                "profile": limits,
                "published": published,
                "risk": {"after": told.to_dict(), "from_parquet": told.to_dict()},
            }
        },
    }
    return Parent.of(body, name), paths
