"""Kill the sweep that collects cuts, before and within each of its steps; what is in use stays, the rest goes."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import true
from sqlmodel import col, select

from catalog.cuts import cut_files_of, find_cut
from catalog.holdings import proofs, records
from catalog.models import Cut
from market.home import Home
from market.licensing import agreements, parts
from market.licensing.models import Agreement
from market.licensing.unused import KEPT
from market.operations import garbage
from policies.cut import Condition
from tests.common.market_world import Market, now
from tests.common.struck import steps_of, struck
from tests.soak.copies import copies
from tests.soak.crash import Runner
from tests.soak.promises import Tally, assert_needed_bytes

DAY = timedelta(days=1)
LONGEST_STEP_S = 0.002


@dataclass(frozen=True)
class Cuts:
    """Two cuts of one edition: nobody uses the one any more at the moment *at*, the other is under agreement."""

    over: str
    living: str
    agreement: str
    at: datetime


def cut_twice(market: Market) -> Cuts:
    """Make both, each with its agreement."""
    at = now() + DAY + KEPT + DAY
    with market.open() as home:
        over, living = _cut(market, home, "1"), _cut(market, home, "2")
        market.agree(home, cut=over, table="part", ends_at=now() + DAY)
        return Cuts(over, living, market.agree(home, cut=living, table="part"), at)


def kill_collecting(runner: Runner, blows: int, seed: int) -> Tally:
    """Strike before so many steps of a sweep, or a moment into them; all of its steps where there are no more."""
    chance, tally = random.Random(seed), Tally(seed)
    cuts = cut_twice(runner.market)
    with copies(runner) as copy:
        steps = steps_of(partial(_sweep, copy().market, cuts.at))
        for number in sorted(chance.sample(range(steps), min(blows, steps))):
            market = copy().market
            delay_s = chance.choice((0.0, chance.uniform(0, LONGEST_STEP_S)))
            tally.blows += struck(partial(_sweep, market, cuts.at), number, delay_s=delay_s)
            state = _state(market, cuts)
            tally.states[state] += 1
            _finish(market, cuts, remade=state != "not collected" and chance.random() < 0.5)
    return tally


def _sweep(market: Market, at: datetime) -> garbage.Swept:
    with market.open() as home:
        return garbage.sweep(home, at=at, older_than=timedelta(0))


def _cut(market: Market, home: Home, sex: str) -> str:
    steward = market.actor(home, "steward")
    part = parts.prepare(
        home.database,
        home.store,
        market.facts.edition,
        columns=("sex", "size"),
        where=(Condition.parse(f"sex in {sex}"),),
        organisation=market.facts.publisher,
        by=steward,
        at=now(),
    )
    with home.database.writing() as session:
        return parts.enter(session, part, by=steward, at=now()).id


def _state(market: Market, cuts: Cuts) -> str:
    """Say how far the killed sweep came, and insist that nothing which is needed is gone."""
    assert market.faults() == []
    assert_needed_bytes(market)
    with market.open() as home, home.database.reading() as session:
        for cut in session.exec(select(Cut).where(col(Cut.collected_at).is_(None))):
            for sha256 in (cut.manifest, *(file.sha256 for file in cut_files_of(session, cut.id))):
                home.store.check(sha256)
        for row in session.exec(select(Agreement).where(col(Agreement.cut_id).is_not(None))):
            if agreements.terms_of(row).ends_at > cuts.at:
                assert row.cut_id is not None
                assert find_cut(session, row.cut_id).collected_at is None
        collected = find_cut(session, cuts.over).collected_at is not None
        left = [file for file in cut_files_of(session, cuts.over) if home.store.path(file.sha256).exists()]
    assert len(market.entries("cut:collected", subject=cuts.over)) == collected
    return ("collected, bytes left" if left else "collected and erased") if collected else "not collected"


def _finish(market: Market, cuts: Cuts, *, remade: bool) -> None:
    """Sweep on: the unused cut is gone, the other stays; the same part may have been made anew in between."""
    if remade:
        with market.open() as home:
            again = _cut(market, home, "1")
            market.agree(home, cut=again, table="part")
    _sweep(market, cuts.at)
    after = _sweep(market, cuts.at)
    assert (after.removed, after.collected) == (0, [])
    assert _state(market, cuts) in ("collected and erased", *(("collected, bytes left",) if remade else ()))
    with market.open() as home, home.database.reading() as session:
        known = {holding.sha256 for holding in (*records(session, true()), *proofs(session))}
        assert set(home.store.all()) <= known, "an orphan is left"
