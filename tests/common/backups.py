"""Backups of a market, and the markets that come of them."""

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from market.operations.backup import Made, backup
from market.operations.manifest import BackupError, Manifest
from market.operations.restore import Request, Restored, restore
from tests.common import postgres
from tests.common.market_world import Market, now


def backed_up(market: Market, to: Path, **how: Any) -> Made:
    """Back the market's home up."""
    with market.open() as home:
        return backup(home, to, at=now(), **how)


@contextmanager
def elsewhere(market: Market, folder: Path, *, postgresql: bool | None = None) -> Iterator[Market]:
    """Give the place of another market with the same people: no home yet, and an empty database of the same kind."""
    shutil.copytree(market.folder / "keys", folder / "keys")
    if postgresql is None:
        postgresql = market.database_url is not None
    url = postgres.fresh_url(migrated=False) if postgresql else None
    yield Market(folder, market.facts, url)
    if url is not None:
        postgres.drop(url)


def restored(market: Market, of: Path, **known: Any) -> Restored:
    """Make the market's home of a backup."""
    return restore(Request(backup=of, settings=market.settings(), **known), clock=now)


def blobs_in(backup: Path) -> set[str]:
    """Name the blobs of a backup."""
    return {path.name for path in (backup / "blobs").glob("??/*")}


def killed_backups(market: Market, target: Path, *, again: bool, steps: Iterable[int]) -> None:
    """Kill a backup after so many syncs, and insist each time that it is none, the one before, or whole."""
    before = backed_up(market, target).manifest if again else None
    program = (
        "import os, signal, sys\nfrom datetime import UTC, datetime\nfrom pathlib import Path\n"
        "from market.home import Home\nfrom market.operations.backup import backup\n"
        "from market.settings import Settings\n"
        "left = int(sys.argv[1])\nfsync = os.fsync\n"
        "def counted(handle):\n    global left\n    fsync(handle)\n    left -= 1\n"
        "    if left == 0:\n        os.kill(os.getpid(), signal.SIGKILL)\n"
        "home = Home.open(Settings.read())\nos.fsync = counted\n"
        "backup(home, Path(sys.argv[2]), at=datetime.now(UTC))\nprint(left)\n"
    )
    for step in (*steps, 10**6):
        run = subprocess.run(
            [sys.executable, "-c", program, str(step), str(target)],
            env=market.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if run.returncode == 0:
            break
        assert run.returncode == -signal.SIGKILL, run.stderr
        if before is None and not (target / "manifest.json").exists():
            with pytest.raises(BackupError, match="interrupted"):
                Manifest.read(target)
        else:
            before = Manifest.read(target)  # the one before, or the new one, which is whole by then
            assert before.damage(target) == []
            assert blobs_in(target) >= set(before.blobs)
    assert run.returncode == 0
    made = Manifest.read(target)
    assert made.damage(target) == []
    assert sorted(path.name for path in target.iterdir()) == sorted(["blobs", made.folder, "lock", "manifest.json"])
