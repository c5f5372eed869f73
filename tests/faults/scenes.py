"""Scenes on a disk of their own, each in a process of its own: `python -m tests.faults.scenes NAME FOLDER ASKED`."""

import io
import json
import shutil
import sys
from pathlib import Path

from catalog import proposing
from catalog.errors import CatalogError
from market.delivery.formats import Format
from market.faults import StorageFault, explained
from market.operations.backup import backup
from market.operations.manifest import NAME
from market.query.answer import QueryService
from market.query.verdicts import Denied
from tests.common.market_world import Facts, Market, now
from tests.faults import disks

SQL = "SELECT sex, age, count(*) AS n FROM tumor GROUP BY ALL"
MEGABYTES = 64


def staged(folder: Path) -> tuple[Path, Market]:
    """Put a copy of the market in *folder* on a disk of its own."""
    disk = folder / "disk"
    disk.mkdir()
    disks.mount(disk, MEGABYTES)
    shutil.copytree(folder / "market", disk / "market")
    return disk, Market(disk / "market", Facts(**json.loads((folder / "facts.json").read_text())))


def full(folder: Path, asked: int) -> None:
    """A disk fills up under a running service, step by step; what was acknowledged is there, and it goes on after."""
    disk, market = staged(folder)
    before, acknowledged, refused = market.balance(), set[str](), set[str]()
    room = (1_000_000, 300_000, 120_000, 60_000, 30_000, 12_000, 4096, 0)
    with market.service() as service:
        for step, but in enumerate(room):
            disks.fill(disk, but=but)
            for number in range(asked):
                key = f"{step}-{number}"
                (acknowledged if answered(market, service, key) else refused).add(key)
        assert "0-0" in acknowledged
        assert f"{len(room) - 1}-{asked - 1}" in refused
        with market.open() as home:
            _refused(lambda: backup(home, disk / "backup", at=now()))
            assert not (disk / "backup" / NAME).exists()
            steward = market.actor(home, "steward")
            _refused(lambda: proposing.store_proposal(home.store, market.folder / "rivals", steward.signer.public))
            home.store.put_bytes(b"")  # a file without content has room
            assert list((home.store.root / "tmp").iterdir()) == []
    disks.empty(disk)
    assert market.faults() == []
    with market.service() as service:
        again = {key for key in refused if answered(market, service, key)}
        assert again == refused
        delivered = {entry["subject"] for entry in market.entries("query:delivered", status="complete")}
        assert len(delivered) == len(acknowledged | refused)
    assert market.faults() == []
    price = before - market.balance()
    assert price % len(delivered) == 0, "each was paid once"
    print(f"{len(acknowledged)} acknowledged, {len(refused)} refused and answered after")


def read_only(folder: Path, asked: int) -> None:
    """A disk that can only be read: every command says so, and all is well when it can be written to again."""
    disk, market = staged(folder)
    disks.turn(disk, read_only=True)
    commands = (
        ("query", *market.under(), SQL, "--json"),
        ("release", "sweep", "--json"),
        ("ledger", "verify", "--json"),
        ("backup", str(folder / "backup"), "--json"),
    )[: asked + 1]
    for words in commands:
        done = market.sluice(*words, by="licensee")
        assert done.returncode == 1, (words, done.stdout)
        assert "Traceback" not in done.stderr
        error = json.loads(done.stdout)["error"]
        assert error["kind"] == "StorageFault", error
        assert "written to" in error["found"] + error["fix"] or "only be read" in error["found"], error
    disks.turn(disk, read_only=False)
    assert market.sluice(*commands[0], by="licensee").returncode == 0


def answered(market: Market, service: QueryService, key: str) -> bool:
    """Ask once; what fails must fail for want of room, and say so."""
    with market.open() as home:
        asker = market.asker(home)
    try:
        service.answer(market.question(SQL, key), asker, io.BytesIO(), Format.JSON)
    except Denied as denied:
        if denied.reason not in ("already-delivered", "in-progress"):
            raise
        return denied.reason == "already-delivered"
    except Exception as error:
        _in_words(error)
        return False
    return True


def _refused(act) -> None:  # type: ignore[no-untyped-def]
    try:
        act()
    except Exception as error:
        _in_words(error)
    else:
        raise AssertionError("a full disk has no room for this")


def _in_words(error: Exception) -> None:
    fault = error if isinstance(error, CatalogError) else explained(error)
    assert isinstance(fault, StorageFault), error
    assert fault.found == "the disk is full", fault


if __name__ == "__main__":
    {"full": full, "read_only": read_only}[sys.argv[1]](Path(sys.argv[2]), int(sys.argv[3]))
