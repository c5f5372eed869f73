"""A few blows of each kind in every run of the tests; the hundreds are in `make soak`."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from catalog import proposing, releases, withdrawal
from catalog.errors import CatalogError
from tests.common import postgres
from tests.common.market_world import Market, copied, now
from tests.soak.collecting import kill_collecting
from tests.soak.crash import Runner
from tests.soak.fixtures import any_market, market, postgres_market, seed, warm
from tests.soak.promises import Tally, assert_erased, sweep
from tests.soak.questions import SMALL, kill_queries
from tests.soak.releases import kill_building, kill_proposing, kill_publishing, kill_withdrawing
from tests.soak.serving import kill_services, kill_the_database, kill_workers
from tests.soak.sweeping import kill_sweeping
from tests.soak.warm import Warm

__all__ = ["any_market", "market", "postgres_market", "seed", "warm"]


SAMPLE = ((kill_publishing, 2), (kill_queries, 2), (kill_sweeping, 2), (kill_withdrawing, 1), (kill_building, 1))


@pytest.mark.parametrize(("loop", "blows"), SAMPLE)
def test_a_command_killed_at_any_moment_has_done_all_or_nothing(
    market: Market, warm: Warm, seed: int, loop: Callable[[Runner, int, int], Tally], blows: int
) -> None:
    print(loop(Runner(market, warm), blows, seed))
    sweep(market)


def test_a_command_killed_on_postgresql_has_done_all_or_nothing(postgres_market: Market, warm: Warm, seed: int) -> None:
    print(kill_publishing(Runner(postgres_market, warm), 1, seed))
    print(kill_queries(Runner(postgres_market, warm), 2, seed))
    sweep(postgres_market)


def test_a_sweep_killed_at_any_step_collects_a_cut_wholly_or_not_at_all(any_market: Market, seed: int) -> None:
    print(kill_collecting(Runner(any_market), 2 if any_market.database_url is None else 1, seed))
    sweep(any_market)


def test_a_real_command_is_killed_as_a_warm_one_is(market: Market, seed: int) -> None:
    print(kill_proposing(Runner(market), 1, seed))


def test_a_service_killed_at_any_moment_charges_once_and_delivers_once(
    any_market: Market, warm: Warm, seed: int
) -> None:
    print(kill_services([Runner(any_market, warm)], 2, seed))
    sweep(any_market)


def test_a_service_lives_on_without_its_workers_and_their_zygote(market: Market, warm: Warm, seed: int) -> None:
    print(kill_workers(Runner(market, warm), 3, seed))
    sweep(market)


def test_a_service_lives_on_when_its_database_server_is_killed_and_comes_back(
    tmp_path: Path, warm: Warm, seed: int
) -> None:
    with postgres.private() as server:
        market = copied(tmp_path / "market", server.fresh_url())
        print(kill_the_database([Runner(market, warm)], server, 1, seed))
        sweep(market)


def test_a_sweep_finishes_a_withdrawal_that_was_killed_before_it_erased(market: Market) -> None:
    with market.open() as home:
        steward = market.asker(home, "steward")
        with home.database.writing() as session:
            withdrawal.withdraw(session, market.facts.release, reason="A test", by=steward.id, at=now())
    done = market.sluice("release", "sweep", "--json")
    assert json.loads(done.stdout)["erased"] == [market.facts.release]
    assert_erased(market, market.facts.release)
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
    assert market.ask(SMALL, "-o", market.folder / "answer.csv").returncode == 0
    assert not left.exists()
    assert other.read_text() == "somebody's"


def test_the_mark_of_a_living_process_survives_a_sweep(market: Market) -> None:
    with market.service() as service:
        (market.root / "run" / "0.epoch").touch()
        assert json.loads(market.sluice("release", "sweep", "--json").stdout)["removed"] == 1
        with market.open() as home:
            assert home.is_alive(service.epoch)
