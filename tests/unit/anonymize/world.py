"""A small registry of generated tumours, a plan for it, and a build of it: the world of these tests."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv

from anonymize.evidence import Evidence
from anonymize.pipeline import build
from anonymize.signing import Signer
from anonymize.transform.keys import ReleaseSecret
from policies.plan import Plan

AT = datetime(2026, 11, 24, 8, tzinfo=UTC)
SECRET = ReleaseSecret(bytes(range(32)))

PLAN: dict[str, Any] = {
    "dataset": "tumours",
    "profiles": ["enclave"],
    "sort_by": ["dx", "site"],
    "population": {
        "source": "a test",
        "figures": {"500103": 600_000, "500112": 2_000_000, "5001": 24_000_000, "110101": 700_000},
    },
    "column": [
        {"name": "id", "role": "subject", "treatment": "token", "output": "token"},
        {"name": "name", "role": "direct_identifier", "treatment": "drop"},
        {"name": "born", "role": "direct_identifier", "treatment": "drop"},
        {"name": "sex", "role": "quasi_identifier", "treatment": "group"},
        {"name": "dx", "role": "quasi_identifier", "treatment": "date"},
        {"name": "age", "role": "quasi_identifier", "treatment": "age", "birth_date": "born", "at": "dx"},
        {"name": "place", "role": "quasi_identifier", "treatment": "place"},
        {"name": "site", "role": "quasi_identifier", "treatment": "icdo3_topography"},
        {"name": "morph", "role": "sensitive_attribute", "treatment": "icdo3_morphology", "level": 1},
        {"name": "size", "role": "insensitive", "treatment": "keep", "kind": "number"},
    ],
}


def plan(**changes: Any) -> Plan:
    """Give the plan, with *changes* at its top."""
    return Plan.from_dict({**PLAN, **changes})


def columns(**changes: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the plan's columns with some of them changed."""
    return [{**column, **changes.get(column["name"], {})} for column in PLAN["column"]]


def registry(rows: int = 3000, *, subjects: int | None = None, seed: int = 7) -> pa.Table:
    """Generate *rows* tumours, of as many people, or of up to *subjects*."""
    rng = np.random.default_rng(seed)
    owner = np.arange(rows) if subjects is None else rng.integers(0, subjects, rows)
    born = np.datetime64("1930-01-01") + rng.integers(0, 20_000, rows)
    dx = np.datetime64("2012-01-01") + rng.integers(0, 3000, rows)
    return pa.table(
        {
            "id": [f"P{number:06}" for number in owner],
            "name": [f"Name{number:06}" for number in owner],
            "born": born.astype(str),
            "sex": rng.choice(["1", "2"], rows),
            "dx": dx.astype(str),
            "age": pa.nulls(rows, pa.string()),
            "place": rng.choice(["500103", "500112", "500101", "110101"], rows),
            "site": rng.choice(["C50.9", "C50.1", "C34.1", "C61.9"], rows),
            "morph": rng.choice(["8500/3", "8503/3", "8140/3", "8000/1"], rows),
            "size": np.round(rng.gamma(2, 15, rows), 1).astype(str),
        }
    )


def write(table: pa.Table, folder: Path) -> Path:
    """Write *table* as the source CSV in *folder*."""
    path = folder / "source.csv"
    arrow_csv.write_csv(table, path)
    return path


def signer(folder: Path) -> Signer:
    """Give the steward's key in *folder*, made when first asked for."""
    path = folder / "steward.key"
    return Signer.load(path) if path.exists() else Signer.create(path)


def built(folder: Path, table: pa.Table | None = None, **changes: Any) -> Evidence:
    """Build the registry (or *table*) into *folder*/out, with the plan changed at its top."""
    source = write(registry() if table is None else table, folder)
    return build(plan(**changes), source, folder / "out", signer=signer(folder), at=AT, secret=SECRET)
