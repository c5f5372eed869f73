"""Kill the commands that build, propose, publish and withdraw releases."""

import random
import shutil
from pathlib import Path

from sqlmodel import select

from anonymize.evidence import verify as verify_evidence
from anonymize.signing import Signer
from catalog.lifecycle import State
from catalog.models import Release
from tests.common.market_world import Market
from tests.soak.copies import copies
from tests.soak.crash import Pace, Runner, draw
from tests.soak.promises import Tally, assert_erased, check_release, landing
from tests.soak.questions import SMALL


def kill_publishing(runner: Runner, blows: int, seed: int) -> Tally:
    """Kill `release publish`, on and on, in one home."""
    market, chance, tally = runner.market, random.Random(seed), Tally(seed)
    pace = runner.pace("release", "publish", _approved(market), "--json", by="steward")
    release = None
    for number in landing(tally, blows):
        if release is None:
            release = _approved(market)
        fate = runner.strike(draw(chance, number, pace), "release", "publish", release, "--json", by="steward")
        state = check_release(market, release, State.PUBLISHED if fate.said else None)
        tally.blows += fate.killed
        tally.states[f"{state}{' and said so' if fate.said else ''}"] += 1
        if state is State.PUBLISHED:
            release = None
    return tally


def kill_proposing(runner: Runner, blows: int, seed: int) -> Tally:
    """Kill `release propose`: a release is there whole and assessed, or not at all."""
    market, chance, tally = runner.market, random.Random(seed), Tally(seed)
    with market.open() as home:
        words = ("release", "propose", str(market.following(home)), "--json")
    pace = runner.pace(*words, by="steward")
    known = _releases(market)
    for number in landing(tally, blows):
        fate = runner.strike(draw(chance, number, pace), *words, by="steward")
        fresh = {id: state for id, state in _releases(market).items() if id not in known}
        assert len(fresh) <= 1
        if fate.said is not None:
            assert list(fresh) == [fate.said["release"]]
        for release, state in fresh.items():
            assert state == State.ASSESSED
            check_release(market, release, None)
            known[release] = state
        tally.blows += fate.killed
        tally.states["assessed" if fresh else "nothing"] += 1
    assert market.faults() == []
    return tally


def kill_withdrawing(runner: Runner, blows: int, seed: int) -> Tally:
    """Kill `release withdraw`: unreachable or as before, and the bytes go in the end."""
    chance, tally = random.Random(seed), Tally(seed)
    release, words = runner.market.facts.release, ("--reason", "A test", "--json")
    pace: Pace | None = None
    with copies(runner) as copy:
        for number in landing(tally, blows):
            trial = copy()
            if pace is None:
                rival = trial.market.facts.rival_release
                pace = trial.pace("release", "withdraw", rival, *words, by="steward")
            fate = trial.strike(draw(chance, number, pace), "release", "withdraw", release, *words, by="steward")
            state = check_release(trial.market, release, State.WITHDRAWN if fate.said else None)
            asked = trial.run("query", *trial.market.under(), SMALL, by="licensee")
            assert asked.code == (1 if state is State.WITHDRAWN else 0), asked.stderr
            if state is State.WITHDRAWN:
                assert trial.run("release", "sweep").code == 0
                assert_erased(trial.market, release)
            tally.blows += fate.killed
            tally.states[state] += 1
    return tally


def kill_building(runner: Runner, blows: int, seed: int) -> Tally:
    """Kill `build`: the folder is there, whole and signed, or not at all; the next build sweeps up."""
    market, chance, tally = runner.market, random.Random(seed), Tally(seed)
    target = market.folder / "made"
    words: tuple[str | Path, ...] = ("build", market.plan, market.source, "-o", target, "--json")
    pace = runner.pace(*words, by="steward", opens="tumours.csv")
    public = Signer.load(market.key("steward")).public
    shutil.rmtree(target)
    for number in landing(tally, blows):
        fate = runner.strike(draw(chance, number, pace), *words, by="steward", opens="tumours.csv")
        if target.exists():
            assert verify_evidence(target, frozenset({public})).ok
            shutil.rmtree(target)
            tally.states["built"] += 1
        else:
            assert fate.said is None
            tally.states["nothing"] += 1
        tally.blows += fate.killed
    done = runner.run(*words, by="steward")
    assert done.code == 0, done.stderr
    assert list(market.folder.glob(".made.building-*")) == []
    shutil.rmtree(target)
    return tally


def _approved(market: Market) -> str:
    """Build, propose and approve the next release; gives its identifier."""
    with market.open() as home:
        return market.release(home, market.following(home), publish=False)[0]


def _releases(market: Market) -> dict[str, str]:
    with market.open() as home, home.database.reading() as session:
        return {row.id: row.state for row in session.exec(select(Release))}
