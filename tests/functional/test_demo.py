"""The demo does the main job on real records, by itself, in bounded memory, and lets no planted value through."""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

GIB = 1 << 30


def test_the_demo_ends_well_and_leaks_nothing(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SLUICE_")}
    done = subprocess.run(
        [sys.executable, "-m", "market.cli", "demo", "--json", "--keep", str(tmp_path / "demo")],
        env={**environment, "TMPDIR": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    summary = json.loads(done.stdout)
    leaked, _, planted = summary["canaries leaked"].partition(" of ")
    assert leaked == "0"
    assert int(planted) >= 50
    assert f"positive control: {planted} of {planted} found in the raw table; elsewhere: 0" in done.stderr
    assert summary["rows released"] > 2800
    assert int(summary["smallest class before, after"].split(", ")[1]) >= 11
    assert summary["refusals shown"] >= 6
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 <= 2 * GIB


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
