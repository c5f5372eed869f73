"""A few blows of each kind in every run of the tests; the hundreds are in `make soak`."""

import json
import random
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from catalog import proposing, releases, withdrawal
from catalog.errors import CatalogError
from tests.common.market_world import Market, copied, now
from tests.soak import promises


@pytest.fixture
def market(tmp_path: Path) -> Market:
    return copied(tmp_path / "market")


@pytest.fixture
def seed() -> int:
    drawn = random.SystemRandom().randrange(10**6)
    print(f"seed {drawn}")
    return drawn


def test_publishing_killed_at_any_moment_publishes_whole_or_not_at_all(market: Market, seed: int) -> None:
    print(promises.kill_publishing(market, 6, seed))
    promises.sweep(market)


def test_a_query_killed_at_any_moment_is_paid_once_and_delivered_once(market: Market, seed: int) -> None:
    print(promises.kill_queries(market, 6, seed))
    promises.sweep(market)


def test_proposing_and_withdrawing_and_building_leave_nothing_half_done(market: Market, seed: int) -> None:
    print(promises.kill_building(market, 1, seed))
    print(promises.kill_withdrawing(market, 2, seed))
    print(promises.kill_proposing(market, 1, seed))
    promises.sweep(market)


def test_a_sweep_finishes_a_withdrawal_that_was_killed_before_it_erased(market: Market) -> None:
    with market.open() as home:
        steward = market.asker(home, "steward")
        with home.database.writing() as session:
            withdrawal.withdraw(session, market.facts.release, reason="A test", by=steward.id, at=now())
    done = market.sluice("release", "sweep", "--json")
    assert json.loads(done.stdout)["erased"] == [market.facts.release]
    promises.assert_erased(market, market.facts.release)
    (entry,) = market.entries("release:erased")
    assert entry["by"] == steward.id


def test_a_sweep_spares_the_bytes_of_a_legal_hold(market: Market) -> None:
    words = ("--reason", "A test", "--legal-hold", "A court asks")
    assert market.sluice("release", "withdraw", market.facts.release, *words, by="steward").returncode == 0
    assert json.loads(market.sluice("release", "sweep", "--json").stdout) == {"removed": 0, "erased": []}
    with market.open() as home, home.database.reading() as session:
        for edition in releases.editions_of(session, market.facts.release):
            for file in releases.files_of(session, edition.id):
                home.store.check(file.sha256)


def test_a_proposal_swept_before_its_rows_are_entered_is_refused(market: Market, tmp_path: Path) -> None:
    """Bytes come before rows, and a sweep may come between: no release may speak of what is gone."""
    fresh = tmp_path / "fresh"
    words = ("--previous", market.built)
    assert market.sluice("build", market.plan, market.source, "-o", fresh, *words, by="steward").returncode == 0
    with market.open() as home:
        steward = market.actor(home, "steward")
        proposal = proposing.store_proposal(home.store, fresh, steward.signer.public)
        with home.database.writing() as session:
            assert withdrawal.sweep(session, home.store, at=now(), older_than=timedelta(0)) == 2
        with pytest.raises(CatalogError, match="swept"), home.database.writing() as session:
            proposing.propose(session, proposal, by=steward, at=now())
    assert market.sluice("release", "propose", fresh, by="steward").returncode == 0


def test_what_a_killed_query_left_beside_its_output_goes_with_the_next(market: Market) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    left, other = market.folder / f"answer.csv.{dead.pid}.partial", market.folder / "answer.csv.mine.partial"
    left.write_text("rows")
    other.write_text("somebody's")
    assert market.ask(promises.SMALL, "-o", market.folder / "answer.csv").returncode == 0
    assert not left.exists()
    assert other.read_text() == "somebody's"


def test_the_mark_of_a_living_process_survives_a_sweep(market: Market) -> None:
    with market.service() as service:
        (market.root / "run" / "0.epoch").touch()
        assert json.loads(market.sluice("release", "sweep", "--json").stdout)["removed"] == 1
        with market.open() as home:
            assert home.is_alive(service.epoch)
