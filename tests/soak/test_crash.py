"""A thousand `kill -9` on SQLite and two hundred on PostgreSQL, of all that changes anything; each prints its seed.

What is killed runs as a fork of a warm process, so that a blow falls in milliseconds; a tenth are real commands, each
in an interpreter of its own.
"""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.common import postgres
from tests.common.filled import fill
from tests.common.market_world import Market, copied
from tests.soak.collecting import kill_collecting
from tests.soak.crash import Runner
from tests.soak.fixtures import any_market, four, market, postgres_market, seed, warm
from tests.soak.http_serving import kill_served
from tests.soak.migrating import kill_migrations
from tests.soak.promises import Tally, sweep
from tests.soak.questions import kill_one_of_four, kill_queries
from tests.soak.releases import kill_building, kill_proposing, kill_publishing, kill_withdrawing
from tests.soak.serving import kill_services, kill_the_database, kill_workers
from tests.soak.sweeping import kill_sweeping
from tests.soak.upgrading import kill_upgrading
from tests.soak.warm import Warm

__all__ = ["any_market", "four", "market", "postgres_market", "seed", "warm"]

pytestmark = [pytest.mark.soak, pytest.mark.timeout(7200)]

Loop = Callable[[Runner, int, int], Tally]

COMMANDS: tuple[tuple[Loop, int, int, int], ...] = (
    # what is killed; blows on SQLite: of real commands, of warm ones; blows on PostgreSQL
    (kill_publishing, 30, 120, 20),
    (kill_queries, 30, 120, 24),
    (kill_proposing, 10, 40, 8),
    (kill_withdrawing, 10, 40, 8),
    (kill_building, 10, 20, 0),
    (kill_sweeping, 10, 90, 18),
)
SERVICES, SERVICES_POSTGRESQL = 100, 30
FOUR_SERVICES, FOUR_SERVICES_POSTGRESQL = 60, 16
HTTP, HTTP_POSTGRESQL = 60, 12
WORKERS, WORKERS_POSTGRESQL = 120, 20
FOUR_COMMANDS, FOUR_COMMANDS_POSTGRESQL = 40, 8
MIGRATIONS, MIGRATIONS_POSTGRESQL = 80, 32
UPGRADES, UPGRADES_POSTGRESQL = 30, 6
SERVERS = 30
EVERY = 1_000
"""More than a sweep has steps."""
RUNS = 3000
"""In the database that is migrated."""


@pytest.mark.parametrize(("loop", "blows"), [(loop, real) for loop, real, _, _ in COMMANDS])
def test_real_commands(market: Market, seed: int, loop: Loop, blows: int) -> None:
    _tell(market, loop(Runner(market), blows, seed))


@pytest.mark.parametrize(("loop", "blows"), [(loop, warm) for loop, _, warm, _ in COMMANDS])
def test_warm_commands(market: Market, warm: Warm, seed: int, loop: Loop, blows: int) -> None:
    _tell(market, loop(Runner(market, warm), blows, seed))


@pytest.mark.parametrize(("loop", "blows"), [(loop, blows) for loop, _, _, blows in COMMANDS if blows])
def test_warm_commands_on_postgresql(postgres_market: Market, warm: Warm, seed: int, loop: Loop, blows: int) -> None:
    _tell(postgres_market, loop(Runner(postgres_market, warm), blows, seed))


def test_services(any_market: Market, warm: Warm, seed: int) -> None:
    blows = SERVICES_POSTGRESQL if any_market.database_url else SERVICES
    _tell(any_market, kill_services([Runner(any_market, warm)], blows, seed))


def test_services_over_http(any_market: Market, warm: Warm, seed: int) -> None:
    blows = HTTP_POSTGRESQL if any_market.database_url else HTTP
    _tell(any_market, kill_served(Runner(any_market, warm), blows, seed))


def test_workers_and_zygotes(any_market: Market, warm: Warm, seed: int) -> None:
    blows = WORKERS_POSTGRESQL if any_market.database_url else WORKERS
    _tell(any_market, kill_workers(Runner(any_market, warm), blows, seed))


def test_one_of_four_services(any_market: Market, four: list[Warm], seed: int) -> None:
    blows = FOUR_SERVICES_POSTGRESQL if any_market.database_url else FOUR_SERVICES
    _tell(any_market, kill_services([Runner(any_market, warm) for warm in four], blows, seed))


def test_one_of_four_commands(any_market: Market, four: list[Warm], seed: int) -> None:
    blows = FOUR_COMMANDS_POSTGRESQL if any_market.database_url else FOUR_COMMANDS
    _tell(any_market, kill_one_of_four([Runner(any_market, warm) for warm in four], blows, seed))


def test_the_database_server(tmp_path: Path, four: list[Warm], seed: int) -> None:
    with postgres.private() as server:
        market = copied(tmp_path / "market", server.fresh_url())
        _tell(market, kill_the_database([Runner(market, warm) for warm in four[:2]], server, SERVERS, seed))


@pytest.mark.parametrize("journal", ["delete", "wal"])
def test_migrations(tmp_path: Path, warm: Warm, seed: int, journal: str) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    fill(url, runs=RUNS, seed=seed)
    with closing(sqlite3.connect(tmp_path / "old.db")) as connection:
        connection.execute(f"PRAGMA journal_mode={journal}")
    print(kill_migrations(url, tmp_path, warm, MIGRATIONS, seed))


def test_migrations_on_postgresql(tmp_path: Path, warm: Warm, seed: int) -> None:
    url = postgres.fresh_url(migrated=False)
    fill(url, runs=RUNS, seed=seed)
    print(kill_migrations(url, tmp_path, warm, MIGRATIONS_POSTGRESQL, seed))
    postgres.drop(url)


def test_the_upgrade_of_a_home(market: Market, warm: Warm, seed: int) -> None:
    print(kill_upgrading(Runner(market, warm), RUNS, UPGRADES, seed))


def test_the_upgrade_of_a_home_on_postgresql(market: Market, warm: Warm, seed: int) -> None:
    url = postgres.fresh_url(migrated=False)
    print(kill_upgrading(Runner(replace(market, database_url=url), warm), RUNS, UPGRADES_POSTGRESQL, seed))
    postgres.drop(url)


def test_collecting_cuts_killed_at_each_step(any_market: Market, seed: int) -> None:
    _tell(any_market, kill_collecting(Runner(any_market), EVERY, seed))


def _tell(market: Market, tally: Tally) -> None:
    """Print what was hit, and insist that one sweep leaves nothing behind."""
    print(tally)
    sweep(market)
