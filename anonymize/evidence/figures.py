"""What can be measured again from the Parquet of an edition: its files, and its risk from the published columns."""

import hashlib
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from anonymize.risk import Risk, measure
from policies.profile import Mode, Profile


def describe_file(root: Path, path: Path) -> dict[str, Any]:
    """Give the relative path, hash, size, rows and row groups of a Parquet file."""
    meta = pq.read_metadata(path)
    return {
        "path": path.relative_to(root).as_posix(),
        "sha256": sha256(path),
        "bytes": path.stat().st_size,
        "rows": meta.num_rows,
        "row_groups": meta.num_row_groups,
    }


def sha256(path: Path) -> str:
    """Hash a file, hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def from_parquet(files: Sequence[Path], edition: Mapping[str, Any]) -> Risk:
    """Measure risk from the published columns alone: by token where one is published, else by rows.

    *edition* is the edition's part of a body.
    """
    subject = next(iter(named(edition, "subject")), None)
    sets = Mode.RECORDS.value in edition["profile"]["modes"]
    return measure(
        files, named(edition, "quasi_identifier"), named(edition, "sensitive_attribute"), subject, whole_sets=sets
    )


def named(edition: Mapping[str, Any], role: str) -> list[str]:
    """Name the columns that an edition carries in *role*."""
    return [column["name"] for column in edition["published"] if column["role"] == role]


def read_profile(raw: Mapping[str, Any]) -> Profile:
    """Read the thresholds that a body cites."""
    return Profile(**{**raw, "modes": tuple(Mode(mode) for mode in raw["modes"])})


def differences(told: Any, found: Any, place: str = "") -> list[str]:
    """List where two JSON values differ; numbers may differ by 1e-9 of their size, as sums in another order do."""
    if isinstance(told, Mapping) and isinstance(found, Mapping):
        return [
            where
            for key in sorted({*told, *found})
            for where in (
                differences(told[key], found[key], f"{place}.{key}".strip("."))
                if key in told and key in found
                else [f"{place}.{key}".strip(".")]
            )
        ]
    if isinstance(told, float | int) and isinstance(found, float | int):
        return [] if math.isclose(told, found, rel_tol=1e-9, abs_tol=1e-12) else [place]
    return [] if told == found else [place]
