"""Pulling all files: whole and hashed, priced as quoted, taken up where it was stopped, at one price."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from market.query.pulling import key_in, pull
from tests.common.market_world import ROWS, Market, command, copied, output_of

EVERYTHING = 'FROM "tumor"'


@pytest.fixture
def market(tmp_path: Path) -> Market:
    return copied(tmp_path / "market")


def words(market: Market, folder: Path) -> tuple[str, ...]:
    return ("pull", *market.under(), "-o", str(folder), "--json")


def test_all_files_arrive_as_they_were_published_for_the_price_that_was_quoted(market: Market) -> None:
    quote = output_of(market.sluice("quote", *market.under(), "--json", EVERYTHING, by="licensee"))
    before = market.balance()
    done = output_of(market.sluice(*words(market, market.folder / "out"), by="licensee"))
    assert before - market.balance() == quote["amount_fen"] == done["bill"]["net_fen"]
    assert done["rows"] == sum(pq.read_metadata(path).num_rows for path in done["files"]) <= ROWS
    assert done["receipt"]["status"] == "complete"
    assert market.faults() == []


def test_called_again_it_checks_what_is_there_and_costs_nothing_more(market: Market) -> None:
    out = market.folder / "out"
    first = output_of(market.sluice(*words(market, out), by="licensee"))
    paid = market.balance()
    again = output_of(market.sluice(*words(market, out), by="licensee"))
    assert (again["query"], again["files"]) == (first["query"], first["files"])
    assert market.balance() == paid
    assert sorted(map(str, out.glob("*.parquet"))) == sorted(first["files"])


def test_killed_and_called_again_it_pays_once(market: Market) -> None:
    out = market.folder / "out"
    before = market.balance()
    for delay in (0.6, 0.9, 1.2, 1.5, 1.8):
        process = subprocess.Popen(
            command(*words(market, out)),
            env=market.environment("licensee"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(delay)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    price = output_of(market.sluice(*words(market, out), by="licensee"))["bill"]["net_fen"]
    assert before - market.balance() == price
    assert list(out.glob("*.parquet"))
    assert market.faults() == []


def test_stopped_after_files_came_it_is_paid_and_goes_on_at_no_charge(market: Market) -> None:
    before, out = market.balance(), market.folder / "out"
    with market.open() as home:
        asker = market.asker(home)
    question = market.question(EVERYTHING, key_in(out, market.facts.agreement))

    def stop(done: int, of: int) -> None:
        raise KeyboardInterrupt

    with market.service() as service:
        with pytest.raises(KeyboardInterrupt):
            pull(service, question, asker, out, progress=stop)
        paid = before - market.balance()
        done = pull(service, question, asker, out)
    assert paid == done.bill.net_fen == before - market.balance() > 0
    assert all(path.is_file() for path in done.files)
    assert market.faults() == []


def test_a_folder_that_holds_something_else_is_refused(market: Market) -> None:
    out = market.folder / "out"
    out.mkdir()
    (out / "mine.txt").write_text("x")
    done = market.sluice(*words(market, out), by="licensee")
    assert done.returncode == 1
    assert json.loads(done.stdout)["error"]["fix"]
    assert (out / "mine.txt").read_text() == "x"


def test_a_file_that_was_changed_is_fetched_anew(market: Market) -> None:
    out = market.folder / "out"
    first = output_of(market.sluice(*words(market, out), by="licensee"))
    path = Path(first["files"][0])
    whole = path.read_bytes()
    path.chmod(0o600)
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    paid = market.balance()
    broken = market.sluice(*words(market, out), by="licensee")
    assert broken.returncode == 1
    assert "is not what was published" in broken.stderr
    market.sluice(*words(market, out), by="licensee")
    assert path.read_bytes() == whole
    assert market.balance() == paid
    assert market.faults() == []


def test_what_is_withdrawn_is_not_pulled(market: Market) -> None:
    market.sluice("release", "withdraw", market.facts.release, "--reason", "A test", by="steward")
    done = market.sluice(*words(market, market.folder / "out"), by="licensee")
    assert done.returncode == 1
    assert list((market.folder / "out").glob("*.parquet")) == []
