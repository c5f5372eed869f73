"""Backups killed after each step, homes moved both ways in both forms, disks filled up question by question."""

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from market.query import receipts
from tests.common.backups import backed_up, elsewhere, killed_backups, restored
from tests.common.market_fixtures import any_market, market, postgres_market
from tests.common.market_world import Market, copied, output_of
from tests.faults.disks import apart

__all__ = ["any_market", "market", "postgres_market"]

pytestmark = pytest.mark.soak

SQL = "SELECT sex, age, count(*) AS n FROM tumor GROUP BY ALL"


@pytest.mark.parametrize("again", [False, True])
def test_a_backup_may_be_killed_after_each_of_its_steps(any_market: Market, tmp_path: Path, again: bool) -> None:
    killed_backups(any_market, tmp_path / "backup", again=again, steps=range(1, 200))


@pytest.mark.parametrize("portable", [False, True])
def test_a_home_moves_from_one_database_to_the_other(any_market: Market, tmp_path: Path, portable: bool) -> None:
    asked = any_market.ask(SQL, "--json")
    backed_up(any_market, tmp_path / "backup", as_portable=portable)
    with elsewhere(any_market, tmp_path / "second", postgresql=any_market.database_url is None) as second:
        restored(second, tmp_path / "backup", replaces=any_market.root)
        assert second.faults() == []
        assert second.balance() == any_market.balance()
        assert second.ask(SQL, "--json").returncode == 0
        again = second.sluice("receipt", "show", output_of(asked)["query"], by="licensee")
        assert receipts.check(json.loads(again.stdout), any_market.facts.log_key) == []
        assert output_of(second.sluice("search", "tumours", "--json"))["total"] == 1


@pytest.mark.parametrize("scene", ["full", "read_only"])
def test_a_disk_that_fails_loses_nothing_however_much_is_asked(tmp_path: Path, scene: str) -> None:
    words = apart()
    if words is None:
        pytest.skip("needs a kernel that lets a process mount for itself")
    facts = copied(tmp_path / "market").facts
    (tmp_path / "facts.json").write_text(json.dumps(asdict(facts)))
    program = [sys.executable, "-m", "tests.faults.scenes", scene, str(tmp_path), "20"]
    done = subprocess.run([*words, *program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    print(done.stdout)
