"""A disk fills up, or turns read-only: everything that cannot be kept is refused in words, and nothing kept is lost."""

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.common.market_world import copied
from tests.faults.disks import apart


@pytest.mark.parametrize("scene", ["full", "read_only"])
def test_a_disk_that_fails_is_told_in_words_and_loses_nothing(tmp_path: Path, scene: str) -> None:
    words = apart()
    if words is None:
        pytest.skip("needs a kernel that lets a process mount for itself")
    facts = copied(tmp_path / "market").facts
    (tmp_path / "facts.json").write_text(json.dumps(asdict(facts)))
    program = [sys.executable, "-m", "tests.faults.scenes", scene, str(tmp_path), "1"]
    done = subprocess.run([*words, *program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    print(done.stdout)
