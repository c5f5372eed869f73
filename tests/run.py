"""What `make test` runs: format, lint, types, contracts and every test but the soak; at the end, what could not run.

A test that lacks a system package skips with the reason `needs the system package NAME: …`. With `--all` such a skip
is a failure.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

BIN = Path(sys.executable).parent
CHECKS = (
    ("format", [str(BIN / "ruff"), "format", "--check", "."]),
    ("lint", [str(BIN / "ruff"), "check", "."]),
    ("types", [str(BIN / "mypy")]),
    ("import contracts", [str(BIN / "lint-imports"), "--no-logo"]),
)
MOST_PROCESSES = 4
"""How many test files run side by side; each process builds its own market once."""

MISSING = re.compile(r"needs the system package ([\w.+-]+)")


def skipped_packages(report: Path) -> list[str]:
    """List the system packages for want of which tests were skipped, from pytest's JUnit report."""
    skips = ElementTree.parse(report).iter("skipped")  # our own file
    found = (MISSING.search(skip.get("message", "")) for skip in skips)
    return sorted({match[1] for match in found if match})


def main() -> int:
    """Run everything; gives the exit code."""
    failed = []
    for name, command in CHECKS:
        print(f"== {name}", flush=True)
        if subprocess.run(command, check=False).returncode != 0:
            failed.append(name)
    print("== tests", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        side_by_side = ["-n", str(min(os.cpu_count() or 1, MOST_PROCESSES)), "--dist", "loadfile"]
        words = [sys.executable, "-m", "pytest", "-m", "not soak", "-q", *side_by_side, f"--junitxml={report}"]
        if subprocess.run(words, check=False).returncode != 0:
            failed.append("tests")
        packages = skipped_packages(report) if report.exists() else []
    if failed:
        print(f"FAILED: {', '.join(failed)}")
    if packages:
        print(f"NOT RUN: tests that need {', '.join(packages)} (apt-get install them as root)")
    return 1 if failed or (packages and "--all" in sys.argv) else 0


if __name__ == "__main__":
    sys.exit(main())
