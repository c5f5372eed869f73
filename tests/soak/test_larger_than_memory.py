"""A source ten times larger than the memory its build uses goes in, whole, and comes out gated."""

import json
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

MEMORY_MB = 192
ROWS_PER_BLOCK = 100_000
NOTE = 600
"""Characters of the note in each row: text makes a source large."""
PLAN = """\
dataset = "large"
profiles = ["controlled"]

[[column]]
name = "id"
role = "subject"
treatment = "drop"

[[column]]
name = "sex"
role = "quasi_identifier"
treatment = "group"
level = 0

[[column]]
name = "age"
role = "quasi_identifier"
treatment = "age"
level = 2

[[column]]
name = "stage"
role = "sensitive_attribute"
treatment = "group"

[[column]]
name = "note"
role = "free_text"
treatment = "drop"
"""


def write_source(path: Path, size_bytes: int) -> int:
    """Write generated rows to *path* until it is that large; gives how many."""
    rng, rows = np.random.default_rng(7), 0
    with path.open("wb") as file:
        file.write(b"id,sex,age,stage,note\n")
        while file.tell() < size_bytes:
            sexes, ages, stages = (rng.integers(low, high, ROWS_PER_BLOCK) for low, high in ((1, 3), (0, 90), (1, 5)))
            letters = rng.integers(97, 123, (ROWS_PER_BLOCK, NOTE), dtype=np.uint8).tobytes().decode()
            file.writelines(
                f"P{rows + n:09},{sexes[n]},{ages[n]},{stages[n]},{letters[n * NOTE : (n + 1) * NOTE]}\n".encode()
                for n in range(ROWS_PER_BLOCK)
            )
            rows += ROWS_PER_BLOCK
    return rows


@pytest.mark.soak
@pytest.mark.parametrize("size_gb", [8])
def test_a_source_ten_times_larger_than_memory_is_built(tmp_path: Path, size_gb: float) -> None:
    source, plan = tmp_path / "large.csv", tmp_path / "plan.toml"
    plan.write_text(PLAN, encoding="utf-8")
    rows = write_source(source, int(size_gb * 1e9))
    done = subprocess.run(
        [
            *(sys.executable, "-m", "market.cli", "build", plan, source, "-o", tmp_path / "built", "--json"),
            *("--memory-mb", str(MEMORY_MB), "--custody", tmp_path / "custody", "--key", tmp_path / "build.key"),
        ],
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    assert json.loads(done.stdout)["editions"]["controlled"]["rows"] >= 0.95 * rows
    assert source.stat().st_size >= 10 * used, f"{used / 1e6:,.0f} MB for {source.stat().st_size / 1e6:,.0f} MB"
