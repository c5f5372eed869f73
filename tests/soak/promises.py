"""What must hold after a command was killed at any moment, and the trials that show it."""

import json
import random
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq
from sqlmodel import select

from anonymize.evidence import verify as verify_evidence
from anonymize.signing import Signer
from catalog.lifecycle import State
from catalog.models import Release, Tombstone
from catalog.publishing import check_approval
from catalog.releases import editions_of, files_of
from market.query import receipts
from tests.common.market_world import ROWS, Market
from tests.soak.crash import Fate, Pace, draw, pace_of, strike

SMALL = "SELECT sex, age, count(*) AS n FROM tumor GROUP BY ALL"
LARGE = "SELECT t.*, r.range AS n FROM tumor t, range(500) r"
COST_FEN = 15


@dataclass
class Tally:
    """What the blows of one series hit."""

    seed: int
    blows: int = 0
    states: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        found = ", ".join(f"{count} {state}" for state, count in sorted(self.states.items()))
        return f"seed {self.seed}: {self.blows} blows: {found}"


def landing(tally: Tally, blows: int) -> Iterator[int]:
    """Count trials until *blows* have hit a living process; one that comes after the end is no blow."""
    for number in range(3 * blows):
        if tally.blows == blows:
            return
        yield number
    assert tally.blows == blows, "most blows came too late"


def kill_publishing(market: Market, blows: int, seed: int) -> Tally:
    """Kill `release publish`, on and on, in one home."""
    chance, tally = random.Random(seed), Tally(seed)
    with market.open() as home:
        first, _ = market.release(home, market.following(home), publish=False)
    pace = pace_of(market, "release", "publish", first, "--json", by="steward")
    release = None
    for number in landing(tally, blows):
        if release is None:
            with market.open() as home:
                release, _ = market.release(home, market.following(home), publish=False)
        fate = strike(market, draw(chance, number, pace), "release", "publish", release, "--json", by="steward")
        state = check_release(market, release, State.PUBLISHED if fate.said else None)
        tally.blows += fate.killed
        tally.states[f"{state}{' and said so' if fate.said else ''}"] += 1
        if state is State.PUBLISHED:
            release = None
    return tally


def check_release(market: Market, release: str, acknowledged: State | None) -> State:
    """Insist that a release is published whole, with approval and entry, or not at all; gives its state."""
    assert market.faults() == []
    with market.open() as home, home.database.reading() as session:
        row = session.get_one(Release, release)
        state = State(row.state)
        assert acknowledged in (None, state), f"{release} was said to be {acknowledged}, and is {state}"
        current = session.exec(
            select(Release).where(Release.dataset_id == row.dataset_id, Release.state == State.PUBLISHED)
        ).all()
        assert len(current) <= 1
        if state in (State.PUBLISHED, State.SUPERSEDED):
            check_approval(row)
            for edition in editions_of(session, release):
                home.store.check(edition.manifest)
                for file in files_of(session, edition.id):
                    home.store.check(file.sha256)
    entries = market.entries("release:published", subject=release)
    assert len(entries) == (state in (State.PUBLISHED, State.SUPERSEDED, State.WITHDRAWN))
    return state


@dataclass(frozen=True)
class Way:
    """A way in which an answer leaves the command."""

    sql: str
    words: tuple[str, ...]
    rows: int | None
    """How many rows the whole answer has; None: as many as the first time."""
    file: bool = False


WAYS = (
    Way(SMALL, ("--json",), 14),
    Way(LARGE, ("--format", "parquet"), ROWS * 500, file=True),
    Way(LARGE, ("--format", "csv"), ROWS * 500),
    Way(SMALL, ("--format", "csv"), 14, file=True),
)


def kill_queries(market: Market, blows: int, seed: int) -> Tally:
    """Kill `query`, on and on, in one home; after each blow ask again with the same key."""
    chance, tally = random.Random(seed), Tally(seed)
    before = market.balance()
    paces: dict[int, Pace] = {}
    delivered = 0
    for place, way in enumerate(WAYS[: max(1, min(len(WAYS), blows // 2))]):
        target = market.folder / f"paced{place}"
        paces[place] = pace_of(market, *_asking(market, way, f"pace{place}", target), by="licensee")
        delivered += 1
    for number in landing(tally, blows):
        place = number // 2 % len(paces)
        way, key = WAYS[place], f"key{number}"
        target = market.folder / f"answer{number}"
        fate = strike(market, draw(chance, number, paces[place]), *_asking(market, way, key, target), by="licensee")
        tally.blows += fate.killed
        early = _whole(market, way, fate, target)
        assert early or fate.killed, fate.stderr.decode()
        if target.exists():
            target.rename(target.with_suffix(".first"))
        state = _ask_again(market, way, key, target, early=early)
        delivered += 1
        assert market.balance() == before - COST_FEN * delivered
        assert len(market.entries("query:answered", agreement=market.facts.agreement)) == delivered
        assert market.faults() == []
        for left in (target, target.with_suffix(".first")):
            left.unlink(missing_ok=True)
        tally.states[state] += 1
    assert len(market.entries("query:delivered", status="complete")) == delivered
    assert list(market.folder.glob("answer*")) == []
    tally.states["(killed while reserved)"] = len(market.entries("query:failed", reason="process died"))
    tally.states["(killed while paid)"] = len(market.entries("query:delivery-unknown"))
    return tally


def _asking(market: Market, way: Way, key: str, target: Path) -> tuple[str, ...]:
    where = ("-o", str(target)) if way.file else ()
    return ("query", *market.under(), *way.words, *where, "--idempotency-key", key, way.sql)


def _ask_again(market: Market, way: Way, key: str, target: Path, *, early: bool) -> str:
    """Ask with the key of a killed command; gives what came of it."""
    done = market.sluice(*_asking(market, way, key, target), by="licensee")
    fate = Fate(done.returncode, done.stdout.encode(), done.stderr.encode())
    if done.returncode == 0:
        assert _whole(market, way, fate, target)
        return "delivered twice, charged once" if early else "delivered the second time"
    assert "This question was answered and delivered" in done.stderr, done.stderr
    assert early, "the log says that all was delivered, and it was not"
    run = done.stderr.partition("receipt show ")[2].partition(".")[0]
    shown = market.sluice("receipt", "show", run, by="licensee")
    assert receipts.check(json.loads(shown.stdout), market.facts.log_key) == []
    return "delivered the first time"


def _whole(market: Market, way: Way, fate: Fate, target: Path) -> bool:
    """Say whether the whole answer has left the command."""
    if way.file:
        if not target.exists():
            return False
        table = pq.read_table(target) if "parquet" in way.words else arrow_csv.read_csv(target)
        assert table.num_rows == way.rows, "a file under its name is whole"
        return True
    if "--json" in way.words:
        return _whole_object(market, way, fate)
    return fate.stdout.endswith(b"\n") and fate.stdout.count(b"\n") == 1 + (way.rows or 0)


def _whole_object(market: Market, way: Way, fate: Fate) -> bool:
    """Look for all rows in what was printed; they leave before the log says so, the receipt after."""
    said = fate.said or Fate(0, fate.stdout + b"}", b"").said
    if said is None:
        return False
    assert len(said["rows"]) == way.rows
    assert fate.said is None or receipts.check(said["receipt"], market.facts.log_key) == []
    return True


def kill_proposing(market: Market, blows: int, seed: int) -> Tally:
    """Kill `release propose`: a release is there whole and assessed, or not at all."""
    chance, tally = random.Random(seed), Tally(seed)
    with market.open() as home:
        words = ("release", "propose", str(market.following(home)), "--json")
    pace = pace_of(market, *words, by="steward")
    known = _releases(market)
    for number in landing(tally, blows):
        fate = strike(market, draw(chance, number, pace), *words, by="steward")
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


def kill_withdrawing(market: Market, blows: int, seed: int) -> Tally:
    """Kill `release withdraw`: unreachable or as before, and the bytes go in the end."""
    chance, tally = random.Random(seed), Tally(seed)
    words = ("--reason", "A test", "--json")
    pace: Pace | None = None
    for number in landing(tally, blows):
        trial = Market(market.folder.with_name(f"{market.folder.name}-withdraw{number}"), market.facts)
        shutil.copytree(market.folder, trial.folder)
        release = trial.facts.release
        if pace is None:
            pace = pace_of(trial, "release", "withdraw", trial.facts.rival_release, *words, by="steward")
        fate = strike(trial, draw(chance, number, pace), "release", "withdraw", release, *words, by="steward")
        state = check_release(trial, release, State.WITHDRAWN if fate.said else None)
        asked = trial.ask(SMALL)
        assert asked.returncode == (1 if state is State.WITHDRAWN else 0), asked.stderr
        if state is State.WITHDRAWN:
            assert trial.sluice("release", "sweep").returncode == 0
            assert_erased(trial, release)
        tally.blows += fate.killed
        tally.states[state] += 1
        shutil.rmtree(trial.folder)
    return tally


def assert_erased(market: Market, release: str) -> None:
    """Insist that nothing but the tombstone is left of a release."""
    with market.open() as home, home.database.reading() as session:
        assert session.get_one(Tombstone, release).erased_at is not None
        for edition in editions_of(session, release):
            assert not [file for file in files_of(session, edition.id) if home.store.path(file.sha256).exists()]
    assert market.faults() == []


def kill_building(market: Market, blows: int, seed: int) -> Tally:
    """Kill `build`: the folder is there, whole and signed, or not at all; the next build sweeps up."""
    chance, tally = random.Random(seed), Tally(seed)
    target = market.folder / "made"
    words = ("build", str(market.plan), str(market.source), "-o", str(target), "--json")
    pace = pace_of(market, *words, by="steward", opens="tumours.csv")
    public = _public(market)
    shutil.rmtree(target)
    for number in landing(tally, blows):
        fate = strike(market, draw(chance, number, pace), *words, by="steward", opens="tumours.csv")
        if target.exists():
            assert verify_evidence(target, frozenset({public})).ok
            shutil.rmtree(target)
            tally.states["built"] += 1
        else:
            assert fate.said is None
            tally.states["nothing"] += 1
        tally.blows += fate.killed
    done = market.sluice(*words, by="steward")
    assert done.returncode == 0, done.stderr
    assert list(market.folder.glob(".made.building-*")) == []
    return tally


def sweep(market: Market) -> None:
    """Insist that one sweep removes every leftover, and that nothing needed goes with it."""
    done = market.sluice("release", "sweep", "--json")
    assert done.returncode == 0, done.stderr
    with market.open() as home, home.database.reading() as session:
        wanted = set()
        for row in session.exec(select(Release).where(Release.state != State.WITHDRAWN)):
            for edition in editions_of(session, row.id):
                wanted |= {edition.manifest, *(file.sha256 for file in files_of(session, edition.id))}
        assert set(home.store.all()) >= wanted
    assert list((market.root / "blobs" / "tmp").glob("*")) == []
    assert list((market.root / "run").glob("*.epoch")) == []
    again: dict[str, Any] = json.loads(market.sluice("release", "sweep", "--json").stdout)
    assert again["removed"] == 0


def _public(market: Market) -> str:
    return Signer.load(market.key("steward")).public


def _releases(market: Market) -> dict[str, str]:
    with market.open() as home, home.database.reading() as session:
        return {row.id: row.state for row in session.exec(select(Release))}
