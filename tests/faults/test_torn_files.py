"""A torn or damaged database fails closed: in words, with nothing served and nothing written over what is left."""

import contextlib
import json
import os
import random
import shutil
import sqlite3
from pathlib import Path

import pytest

from catalog.errors import CatalogError
from market.audit.reached import EntriesLost
from market.audit.verify import verify as verify_log
from market.faults import explained
from market.home import HomeError
from tests.common.backups import backed_up
from tests.common.market_fixtures import market
from tests.common.market_world import Market, now

__all__ = ["market"]

PAGE = 4096
SQL = "SELECT count(*) AS n FROM tumor"


def in_words(error: Exception) -> CatalogError:
    """Give what the door would say; a fault that nobody put into words fails the test."""
    fault = error if isinstance(error, CatalogError) else explained(error)
    assert fault is not None, error
    assert fault.fix
    return fault


def noted(market: Market) -> None:
    """Write one entry."""
    with market.open() as home, home.database.writing() as session:
        from catalog.events import Event, note
        from catalog.ids import OPERATOR

        note(session, Event(action="test:tried", subject="x", by=OPERATOR, at=now()))


def tried(market: Market) -> CatalogError | None:
    """Use the home as a command would: open it, read, verify, write; gives what was refused, or None."""
    try:
        with market.open() as home:
            with home.database.reading() as session:
                faults = verify_log(session, *home.notary.publics())
            if faults:
                raise CatalogError("log", faults[0].found, fix="Restore.")
        noted(market)
    except Exception as error:
        return in_words(error)
    return None


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.9])
def test_a_truncated_database_is_refused(market: Market, share: float) -> None:
    database = market.root / "sluice.db"
    os.truncate(database, int(database.stat().st_size * share))
    left = database.read_bytes()
    refused = tried(market)
    assert refused is not None
    assert database.read_bytes()[: len(left)] == left, "what is left of it stays for whoever looks into it"


def test_a_database_that_is_gone_is_not_made_anew(market: Market) -> None:
    (market.root / "sluice.db").unlink()
    for _ in range(2):
        assert isinstance(tried(market), HomeError)
    assert not (market.root / "sluice.db").exists()


def test_the_command_says_what_is_wrong_and_what_to_do(market: Market) -> None:
    database = market.root / "sluice.db"
    database.write_bytes(b"\0" * PAGE + database.read_bytes()[PAGE:])
    done = market.sluice("ledger", "verify", "--json")
    assert done.returncode == 1
    error = json.loads(done.stdout)["error"]
    assert (error["kind"], error["place"]) == ("StorageFault", "database")
    assert "damaged" in error["found"]
    assert "sluice restore" in error["fix"]
    assert "Traceback" not in done.stderr


def test_a_text_that_is_none_is_told_without_its_letters() -> None:
    with contextlib.closing(sqlite3.connect(":memory:")) as torn, pytest.raises(sqlite3.OperationalError) as failed:
        torn.execute("SELECT CAST(x'736563726574ff' AS TEXT)").fetchone()
    fault = in_words(failed.value)
    assert "the file is damaged" in str(fault)
    assert "secret" not in str(fault)


def test_pages_that_were_overwritten_serve_nothing_wrong(market: Market, tmp_path: Path) -> None:
    """Wherever a page is lost: refused in words, or it was a page that nobody missed."""
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")
    chance = random.Random(seed)
    database = market.root / "sluice.db"
    whole = database.read_bytes()
    for number in chance.sample(range(len(whole) // PAGE), 12):
        torn = bytearray(whole)
        torn[number * PAGE : (number + 1) * PAGE] = chance.randbytes(PAGE)
        database.write_bytes(torn)
        refused = tried(market)
        try:
            backed_up(market, tmp_path / "backup")
        except Exception as error:
            in_words(error)  # the whole file is checked before it is taken for a backup
        else:
            assert refused is None, "a page that nobody misses"
        for name in ("sluice.db-wal", "sluice.db-shm"):
            (market.root / name).unlink(missing_ok=True)


@contextlib.contextmanager
def logged(market: Market, folder: Path) -> "contextlib.AbstractContextManager[Market]":
    """Give a copy of the market as a crash leaves it: its newest entries are in the write-ahead log alone."""
    reader = sqlite3.connect(market.root / "sluice.db")
    reader.execute("SELECT count(*) FROM log_entry").fetchone()  # whoever has it open last would empty the log
    try:
        for _ in range(3):
            noted(market)
        shutil.copytree(market.folder, folder)
    finally:
        reader.close()
    copy = Market(folder, market.facts)
    assert (copy.root / "sluice.db-wal").stat().st_size > PAGE
    yield copy


def test_a_write_ahead_log_that_is_whole_is_taken_up(market: Market, tmp_path: Path) -> None:
    with logged(market, tmp_path / "copy") as copy:
        assert tried(copy) is None
        assert len(copy.entries("test:tried")) == 4


@pytest.mark.parametrize("how", ["gone", "half", "last", "flipped", "header"])
def test_a_torn_write_ahead_log_is_noticed_and_nothing_is_written_over_what_it_lost(
    market: Market, tmp_path: Path, how: str
) -> None:
    """The database itself takes it for one that ends earlier, and would go on from there."""
    with logged(market, tmp_path / "copy") as copy:
        wal = copy.root / "sluice.db-wal"
        content = bytearray(wal.read_bytes())
        if how == "flipped":
            content[-PAGE // 2] ^= 1
        elif how == "header":
            content[0] ^= 1
        else:
            del content[{"gone": 0, "half": len(content) // 2, "last": len(content) - 1}[how] :]
        wal.write_bytes(content)
        (copy.root / "sluice.db-shm").unlink(missing_ok=True)
        refused = tried(copy)
        assert isinstance(refused, EntriesLost), refused
        assert "sluice restore" in refused.fix
        assert tried(copy) is not None


def test_who_accepts_the_loss_says_so_by_removing_the_mark(market: Market, tmp_path: Path) -> None:
    with logged(market, tmp_path / "copy") as copy:
        (copy.root / "sluice.db-wal").write_bytes(b"")
        assert isinstance(tried(copy), EntriesLost)
        (copy.root / "reached").unlink()
        assert tried(copy) is None
