"""What `make test` runs: format, lint, types, contracts and every test but the soak; at the end, what could not run.

A test that lacks a system package skips with the reason `needs the system package NAME: …`. With `--all` such a skip
is a failure.
"""

import subprocess
import sys
from pathlib import Path

import pytest

BIN = Path(sys.executable).parent
CHECKS = (
    ("format", [str(BIN / "ruff"), "format", "--check", "."]),
    ("lint", [str(BIN / "ruff"), "check", "."]),
    ("types", [str(BIN / "mypy")]),
    ("import contracts", [str(BIN / "lint-imports"), "--no-cache"]),
)
MISSING = "needs the system package "


class NotRun:
    """Collects what was skipped for want of a system package."""

    def __init__(self) -> None:
        self.packages: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Look at one report."""
        if report.skipped and isinstance(report.longrepr, tuple) and MISSING in report.longrepr[2]:
            self.packages.add(report.longrepr[2].partition(MISSING)[2].partition(":")[0].strip())


def main() -> int:
    """Run everything; gives the exit code."""
    failed = []
    for name, command in CHECKS:
        print(f"== {name}", flush=True)
        if subprocess.run(command, check=False).returncode != 0:
            failed.append(name)
    not_run = NotRun()
    tests = pytest.main(["-m", "not soak", "-q"], plugins=[not_run])
    if tests != pytest.ExitCode.OK:
        failed.append("tests")
    if failed:
        print(f"FAILED: {', '.join(failed)}")
    if not_run.packages:
        print(f"NOT RUN: tests that need {', '.join(sorted(not_run.packages))} (apt-get install them as root)")
    return 1 if failed or (not_run.packages and "--all" in sys.argv) else 0


if __name__ == "__main__":
    sys.exit(main())
