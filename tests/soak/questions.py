"""Kill `query`, alone and among others that ask at the same time; after each blow ask again with the same key."""

import json
import random
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

from market.query import receipts
from tests.common.market_world import ROWS, Market
from tests.soak.crash import Fate, Pace, Runner, draw
from tests.soak.promises import Tally, landing

SMALL = "SELECT sex, age, count(*) AS n FROM tumor GROUP BY ALL"
LARGE = "SELECT t.*, r.range AS n FROM tumor t, range(500) r"
COST_FEN = 15


@dataclass(frozen=True)
class Way:
    """A way in which an answer leaves the command."""

    sql: str
    words: tuple[str, ...]
    rows: int
    """How many rows the whole answer has."""
    file: bool = False


WAYS = (
    Way(SMALL, ("--json",), 14),
    Way(LARGE, ("--format", "parquet"), ROWS * 500, file=True),
    Way(LARGE, ("--format", "csv"), ROWS * 500),
    Way(SMALL, ("--format", "csv"), 14, file=True),
)


def kill_queries(runner: Runner, blows: int, seed: int) -> Tally:
    """Kill `query`, on and on, in one home: it is paid once and delivered once, whatever happens."""
    market, chance, tally = runner.market, random.Random(seed), Tally(seed)
    before = market.balance()
    paces: dict[int, Pace] = {}
    delivered = 0
    for place, way in enumerate(WAYS[: max(1, min(len(WAYS), blows // 2))]):
        target = market.folder / f"paced{place}"
        paces[place] = runner.pace(*_asking(market, way, f"pace{place}", target), by="licensee")
        delivered += 1
    for number in landing(tally, blows):
        place = number // 2 % len(paces)
        way, key = WAYS[place], f"key{number}"
        target = market.folder / f"answer{number}"
        fate = runner.strike(draw(chance, number, paces[place]), *_asking(market, way, key, target), by="licensee")
        tally.blows += fate.killed
        early = _whole(market, way, fate, target)
        assert early or fate.killed, fate.stderr.decode()
        if target.exists():
            target.rename(target.with_suffix(".first"))
        state = _ask_again(runner, way, key, target, early=early)
        delivered += 1
        _check_totals(market, before, delivered)
        for left in (target, target.with_suffix(".first")):
            left.unlink(missing_ok=True)
        tally.states[state] += 1
    assert list(market.folder.glob("answer*")) == []
    _count_endings(market, tally)
    return tally


def kill_one_of_four(runners: Sequence[Runner], blows: int, seed: int) -> Tally:
    """Let as many clients as there are *runners* ask at once, and kill one: the others are answered as if alone."""
    market, chance, tally = runners[0].market, random.Random(seed), Tally(seed)
    before = market.balance()
    way = WAYS[0]
    pace = runners[0].pace(*_asking(market, way, "pace", market.folder), by="licensee")
    delivered = 1
    for number in landing(tally, blows):
        keys = [f"{number}-{place}" for place in range(len(runners))]
        struck = chance.randrange(len(runners))
        with ExitStack() as stack:
            others = [
                stack.enter_context(runner.started(_asking(market, way, key, market.folder), "licensee"))
                for place, (runner, key) in enumerate(zip(runners, keys, strict=True))
                if place != struck
            ]
            # beside the others everything takes longer
            blow = draw(chance, number, Pace(pace.opened_s * 2, pace.ended_s * len(runners) / 2))
            fate = runners[struck].strike(blow, *_asking(market, way, keys[struck], market.folder), by="licensee")
            for other in others:
                assert other.process.wait() == 0, other.fate().stderr.decode()
                assert _whole(market, way, other.fate(), market.folder)
        tally.blows += fate.killed
        early = _whole(market, way, fate, market.folder)
        tally.states[_ask_again(runners[0], way, keys[struck], market.folder, early=early)] += 1
        delivered += len(runners)
        _check_totals(market, before, delivered)
    _count_endings(market, tally)
    return tally


def _check_totals(market: Market, before: int, delivered: int) -> None:
    """Insist that as many questions are paid as were *delivered*, in the ledger and in the log."""
    assert market.balance() == before - COST_FEN * delivered
    assert len(market.entries("query:answered", agreement=market.facts.agreement)) == delivered
    assert len(market.entries("query:delivered", status="complete")) == delivered
    assert market.faults() == []


def _count_endings(market: Market, tally: Tally) -> None:
    tally.states["(killed while reserved)"] = len(market.entries("query:failed", reason="process died"))
    tally.states["(killed while paid)"] = len(market.entries("query:delivery-unknown"))


def _asking(market: Market, way: Way, key: str, target: Path) -> tuple[str, ...]:
    where = ("-o", str(target)) if way.file else ()
    return ("query", *market.under(), *way.words, *where, "--idempotency-key", key, way.sql)


def _ask_again(runner: Runner, way: Way, key: str, target: Path, *, early: bool) -> str:
    """Ask with the key of a killed command; gives what came of it."""
    market = runner.market
    done = runner.run(*_asking(market, way, key, target), by="licensee")
    said = done.stderr.decode()
    if done.code == 0:
        assert _whole(market, way, done, target)
        return "delivered twice, charged once" if early else "delivered the second time"
    assert "This question was answered and delivered" in said, said
    assert early, "the log says that all was delivered, and it was not"
    run = said.partition("receipt show ")[2].partition(".")[0]
    shown = runner.run("receipt", "show", run, by="licensee")
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
    return fate.stdout.endswith(b"\n") and fate.stdout.count(b"\n") == 1 + way.rows


def _whole_object(market: Market, way: Way, fate: Fate) -> bool:
    """Look for all rows in what was printed; they leave before the log says so, the receipt after."""
    said = fate.said or Fate(0, fate.stdout + b"}", b"").said
    if said is None:
        return False
    assert len(said["rows"]) == way.rows
    assert fate.said is None or receipts.check(said["receipt"], market.facts.log_key) == []
    return True
