"""Kill `sluice init --upgrade` in a home of an earlier version: it says what to do, and is done when run again."""

import random
from dataclasses import replace

from tests.common.filled import fill
from tests.common.market_world import Market
from tests.soak.copies import copies
from tests.soak.crash import Pace, Runner, draw
from tests.soak.promises import Tally, landing

UPGRADE = ("init", "--upgrade", "--json")


def kill_upgrading(runner: Runner, runs: int, blows: int, seed: int) -> Tally:
    """Kill the upgrade of a home in which as many questions were asked, each time in a copy of it."""
    chance, tally = random.Random(seed), Tally(seed)
    pace: Pace | None = None
    with copies(replace(runner, market=_aged(runner.market, runs, seed))) as copy:
        for number in landing(tally, blows):
            pace = pace or copy().pace(*UPGRADE)
            trial = copy()
            fate = trial.strike(draw(chance, number, pace), *UPGRADE)
            asked = trial.run("member", "list")
            assert asked.code == 0 or b"run: sluice init --upgrade" in asked.stderr, asked.stderr.decode()
            assert fate.said is None or asked.code == 0
            for words in (UPGRADE, ("ledger", "sweep"), ("ledger", "verify"), ("log", "verify")):
                done = trial.run(*words)
                assert done.code == 0, done.stdout + done.stderr
            tally.blows += fate.killed
            tally.states["up to date" if asked.code == 0 else "told to upgrade"] += 1
    return tally


def _aged(market: Market, runs: int, seed: int) -> Market:
    """Give the home a database of an earlier version; the market's PostgreSQL database must be empty for that."""
    local = market.root / "sluice.db"
    for path in market.root.glob("sluice.db*"):
        path.unlink()
    fill(market.database_url or f"sqlite:///{local}", runs=runs, seed=seed)
    return market
