"""Editions and evidence bodies of format 2, written by hand: for tests of what reads them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from anonymize import evidence
from policies import canonical, profile

CREATED_AT = "2026-11-24T08:00:00Z"


def column(name: str, role: str, treatment: str, level: int | None = None, levels: int | None = None) -> dict[str, Any]:
    """Give a published column as evidence names it."""
    return {"name": name, "role": role, "treatment": treatment, "level": level, "levels": levels}


def edition(
    folder: Path, name: str, table: pa.Table, published: Sequence[Mapping[str, Any]], **risk: Any
) -> tuple[dict[str, Any], list[Path]]:
    """Write *table* as the edition *name* in two files; gives its entry in the body, and the files."""
    (folder / name).mkdir(parents=True, exist_ok=True)
    half = (table.num_rows + 1) // 2
    files = []
    for number, part in enumerate((table.slice(0, half), table.slice(half))):
        path = folder / name / f"part-{number:05}.parquet"
        pq.write_table(part.replace_schema_metadata(None), path, compression="zstd", store_schema=False)
        files.append(path)
    figures = {"k": 25, "l": {}, "t": {}, "prosecutor_risk": 0.04, **risk}
    entry = {
        "profile": canonical.plain(profile.load(name)),
        "published": [dict(entry) for entry in published],
        "node": {c["name"]: c["level"] for c in published if c["role"] == "quasi_identifier"},
        "suppression": {"rows": 0, "classes": 0, "classes_kept": 10, "limit": 0.05, "waiting": 0},
        "files": [evidence.describe_file(folder, path) for path in files],
        "risk": {"after": figures, "from_parquet": figures},
    }
    return entry, files


def body(
    editions: Mapping[str, Any],
    *,
    trees: Mapping[str, Any] | None = None,
    plan: Mapping[str, Any] | None = None,
    dataset: str = "road-works",
    rows: int = 1000,
) -> dict[str, Any]:
    """Give the body of the evidence of a release."""
    said = plan or {"dataset": dataset, "profiles": sorted(editions), "column": []}
    return {
        "format": 2,
        "dataset": dataset,
        "created_at": CREATED_AT,
        "plan": said,
        "plan_hash": canonical.digest(said),
        "source": {"sha256": "0" * 64, "rows": rows, "columns": []},
        "editions": dict(editions),
        "trees": dict(trees or {}),
        "previous": None,
    }
