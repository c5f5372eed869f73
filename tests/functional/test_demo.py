"""The demo does the main job on real records, by itself, in bounded memory, and lets no planted value through."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

GIB = 1 << 30
EDITIONS = {
    "breast-cancer-registry, enclave": (2_800, 5),
    "breast-cancer-registry, controlled": (2_800, 11),
    "breast-cancer-registry, open": (2_800, 20),
    "street-stops, controlled": (49_300, 11),
    "street-stops, open": (49_300, 20),
    "imaging-index, controlled": (959_000, 11),
    "imaging-index, open": (959_000, 20),
}
"""Edition → at least so many rows, in classes of at least so many people."""
WITH_PEAK = """
import resource, subprocess, sys
status = subprocess.call([sys.executable, *sys.argv[1:]])
print("peak KiB:", resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
sys.exit(status)
"""
"""Run a command and tell the most memory that it or a process of it held; other tests' children do not count."""


@pytest.mark.timeout(700)
def test_the_demo_ends_well_and_leaks_nothing(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SLUICE_")}
    done = subprocess.run(
        [sys.executable, "-c", WITH_PEAK, "-m", "market.cli", "demo", "--json", "--keep", str(tmp_path / "demo")],
        env={**environment, "TMPDIR": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=680,  # it ends in minutes; a busy machine is no fault of its
    )
    assert done.returncode == 0, done.stderr[-2000:]
    summary = json.loads(done.stdout)
    leaked, _, planted = summary["canaries leaked"].partition(" of ")
    assert leaked == "0"
    controls = re.findall(r"positive control, (\S+): (\d+) of (\d+) found", done.stderr)
    assert [name for name, *_ in controls] == ["registry.csv", "stops.csv.gz", "series.parquet"]
    assert all(found == there for _, found, there in controls)
    assert int(planted) == sum(int(there) for *_, there in controls) >= 150
    assert done.stderr.count("refused: ") >= 7
    for edition, (rows, k) in EDITIONS.items():
        released, _, smallest = str(summary[edition]).partition(" rows, smallest class 1 → ")
        assert int(released.replace(",", "")) >= rows
        assert int(smallest) >= k
    peak = int(done.stderr.rsplit("peak KiB: ", 1)[1])
    assert 0 < peak * 1024 <= 2 * GIB


def test_the_demo_needs_a_new_folder(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "market.cli", "demo", "--json", "--keep", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert "error" in json.loads(done.stdout)
    assert list(tmp_path.iterdir()) == []
