"""PostgreSQL is killed and comes back: refused in words meanwhile, not ready within two seconds, nothing lost."""

import io
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from market.delivery.formats import Format
from market.faults import StorageFault, explained
from market.operations.readiness import Readiness
from market.query.verdicts import Denied
from tests.common import postgres
from tests.common.market_world import Market, copied, now
from tests.common.postgres import Server

SQL = "SELECT sex, age, count(*) AS n FROM tumor GROUP BY ALL"


@pytest.fixture
def server() -> Iterator[Server]:
    with postgres.private() as server:
        yield server


@pytest.fixture
def market(server: Server, tmp_path: Path) -> Market:
    return copied(tmp_path / "market", server.fresh_url())


def test_what_was_acknowledged_before_the_kill_is_there_after_and_the_same_process_goes_on(
    server: Server, market: Market
) -> None:
    acknowledged, refused, done = set[str](), list[Exception](), threading.Event()
    before = market.balance()
    with market.service() as service, market.open() as home:
        asker, looks = market.asker(home), Readiness(home)
        assert looks.faults(now()) == {}

        def ask(key: str) -> None:
            try:
                service.answer(market.question(SQL, key), asker, io.BytesIO(), Format.CSV)
                acknowledged.add(key)
            except Exception as error:
                refused.append(error)

        def go_on() -> None:
            number = 0
            while not done.is_set() and len(refused) < 3:
                ask(f"k{number}")
                number += 1

        asking = threading.Thread(target=go_on)
        asking.start()
        while len(acknowledged) < 5:
            assert not refused, refused[0]
            time.sleep(0.01)
        server.kill()
        began = time.monotonic()
        assert looks.faults(now()).keys() == {"database"}
        assert time.monotonic() - began < 2
        while not refused:
            time.sleep(0.01)
        done.set()
        asking.join()
        told = market.sluice("ledger", "verify", "--json")
        assert told.returncode == 1
        assert "Traceback" not in told.stderr
        error = json.loads(told.stdout)["error"]
        assert (error["kind"], error["place"]) == ("StorageFault", "database")
        assert "cannot be reached" in error["found"]
        server.start()
        assert looks.faults(now()) == {}
        after = set(acknowledged)
        ask("after")
        assert acknowledged - after == {"after"}, refused[-1]
    for fault in refused:
        assert isinstance(explained(fault), StorageFault) or isinstance(fault, Denied), fault
    with market.service():  # takes up what the kill left open
        pass
    assert market.faults() == []
    delivered = {entry["subject"] for entry in market.entries("query:delivered", status="complete")}
    assert len(delivered) >= len(acknowledged)
    assert (before - market.balance()) % len(market.entries("query:answered")) == 0


def test_a_home_is_made_on_an_empty_postgresql_that_came_back(server: Server, tmp_path: Path) -> None:
    url = server.fresh_url(migrated=False)
    server.kill()
    place = Market(tmp_path, copied(tmp_path / "other").facts, url)
    done = place.sluice("init", "--json")
    assert done.returncode == 1
    assert "cannot be reached" in done.stderr
    assert "Traceback" not in done.stderr
    server.start()
    assert place.sluice("init", "--key", tmp_path / "admin.key").returncode == 0
    assert place.sluice("member", "list").returncode == 0
