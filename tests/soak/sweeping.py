"""Kill what sweeps: `release sweep`, `ledger sweep` and `housekeep`, in a home that is full of what others left."""

import os
import random
import time
from datetime import timedelta
from functools import partial

from sqlalchemy import select
from sqlmodel import col

from catalog import holdings, withdrawal
from catalog.models import Release
from market.ledger import idempotency, transfers
from market.ledger.idempotency import KEPT, KEYS
from market.ledger.models import Kind, TransferState, Unit
from market.ledger.transfers import TRANSFERS, Move
from market.query.models import RunState
from market.query.runs import RUNS
from tests.common.market_world import CREDIT_FEN, Market, now
from tests.soak.copies import copies
from tests.soak.crash import Pace, Runner, draw
from tests.soak.promises import Tally, assert_erased, assert_needed_bytes, landing, sweep
from tests.soak.questions import COST_FEN, SMALL

COMMANDS = (("release", "sweep"), ("ledger", "sweep"), ("housekeep", "--once"))
OLD_S = 7200
OPEN = 3
"""As many of each kind of leftover."""


def kill_sweeping(runner: Runner, blows: int, seed: int) -> Tally:
    """Kill the sweepers in turn, each time in a littered home; the next sweep finds the rest, and spares the others."""
    chance, tally = random.Random(seed), Tally(seed)
    _litter(runner.market)
    paces: dict[int, Pace] = {}
    with copies(runner) as copy:
        for place, words in enumerate(COMMANDS):
            paces[place] = copy().pace(*words, "--json")
        for number in landing(tally, blows):
            words, trial = COMMANDS[number % 3], copy()
            fate = trial.strike(draw(chance, number, paces[number % 3]), *words, "--json")
            assert trial.market.faults() == []
            assert_needed_bytes(trial.market)
            left = _left(trial.market)
            if fate.said is not None:
                assert left.isdisjoint(("released bytes",) if words[0] == "release" else ("runs", "transfers", "keys"))
            tally.blows += fate.killed
            tally.states[f"{' '.join(words)}: {', '.join(sorted(left)) or 'nothing'} left"] += 1
            _finish(trial, words)
    return tally


def _litter(market: Market) -> None:
    """Leave what killed processes leave, and what is past its time."""
    with market.open() as home:
        steward = market.actor(home, "steward")
        with home.database.writing() as session:
            withdrawal.withdraw(session, market.facts.rival_release, reason="A test", by=steward.id, at=now())
        for number in range(OPEN):
            blob = home.store.path(home.store.put_bytes(b"orphan %d" % number).sha256)
            os.utime(blob, (time.time() - OLD_S,) * 2)
            (market.root / "blobs" / "tmp" / f"left{number}").write_bytes(b"half")
            (market.root / "run" / f"{number}.epoch").touch()
        at = now()
        with home.database.writing() as session:
            account = partial(transfers.open_account, session, unit=Unit.FEN, at=at)
            pair = account(owner=market.facts.firm, kind=Kind.CREDIT), account(owner="nobody", kind=Kind.INCOME)
            for number in range(OPEN):
                late = {"at": at, "expires_at": at - timedelta(minutes=1)}
                transfers.reserve(session, [Move(*pair, 1)], cause=f"late{number}", epoch="dead", **late)
                idempotency.claim(
                    session, tenant="t", route="r", key=str(number), body_hash="h", subject="s", at=at - KEPT * 2
                )
    with market.service() as service, market.open() as home:
        asker = market.asker(home)
        for number in range(2 * OPEN):
            assessed = service.assess(market.question(SMALL, f"open{number}"), asker)
            run, _ = service.steps.reserve(assessed, asker)
            if number % 2:
                service.steps.post(run, assessed, asker)


def _left(market: Market) -> set[str]:
    """Say what of the litter is still there."""
    with market.open() as home, home.database.reading() as session:
        connection, found = session.connection(), set[str]()
        if connection.execute(select(RUNS.c.id).where(RUNS.c.state.in_((RunState.RESERVED, RunState.POSTED)))).first():
            found.add("runs")
        late = TRANSFERS.c.cause.like("late%")
        if connection.execute(select(TRANSFERS.c.id).where(late, TRANSFERS.c.state == TransferState.PENDING)).first():
            found.add("transfers")
        if connection.execute(select(KEYS.c.key).where(KEYS.c.expires_at < now())).first():
            found.add("keys")
        files = holdings.records(session, col(Release.id) == market.facts.rival_release)
        if any(home.store.path(file.sha256).exists() for file in files):
            found.add("released bytes")
    return found


def _finish(trial: Runner, words: tuple[str, ...]) -> None:
    """Sweep on: everything is gone, what was paid waits for its key, the rest is given back."""
    market, done = trial.market, trial.run(*words)
    assert done.code == 0, done.stderr.decode()
    sweep(market)
    assert _left(market) == set()
    assert_erased(market, market.facts.rival_release)
    assert len(market.entries("query:failed")) == len(market.entries("query:delivery-unknown")) == OPEN
    assert market.balance() == CREDIT_FEN - COST_FEN * OPEN
