"""A served home keeps itself, says when it cannot work, and ends in time."""

import json
import os
import signal
import time

from catalog import withdrawal
from catalog.models import Tombstone
from tests.common.market_fixtures import market
from tests.common.market_world import Market, now
from tests.common.processes import lives
from tests.common.served import served

__all__ = ["market"]

PATIENCE_S = 60.0


def test_a_served_home_erases_what_is_withdrawn_tells_what_it_lost_and_ends_when_told_to(market: Market) -> None:
    with market.open() as home:
        steward = market.asker(home, "steward")
        with home.database.writing() as session:
            withdrawal.withdraw(session, market.facts.release, reason="A test", by=steward.id, at=now())

    with served(market) as place:
        end = time.monotonic() + PATIENCE_S
        while not _erased(market):
            assert time.monotonic() < end, place.log.read_text()
            time.sleep(0.2)
        assert market.sluice("housekeep", "--once").returncode == 1, "one process keeps a home at a time"

        (market.root / "sluice.db").rename(market.root / "moved.db")
        began = time.monotonic()
        status, _, body = place.call("GET", "/readyz")
        assert time.monotonic() - began < 2
        assert (status, json.loads(body)["faults"].keys()) == (503, {"database"})
        assert place.call("GET", "/livez")[0] == 200
        (market.root / "moved.db").rename(market.root / "sluice.db")
        assert place.call("GET", "/readyz")[0] == 200

        began = time.monotonic()
        os.kill(place.pid, signal.SIGTERM)
        while lives(place.pid):
            assert time.monotonic() - began < 30
            time.sleep(0.05)
        print(f"ended after {time.monotonic() - began:.1f} s")
    assert market.sluice("housekeep", "--once").returncode == 0
    assert market.faults() == []


def _erased(market: Market) -> bool:
    with market.open() as home, home.database.reading() as session:
        return session.get_one(Tombstone, market.facts.release).erased_at is not None
