"""Large tables over HTTP, beside others who serve them: ``python -m tests.bench.bench_peers [--json FILE]``.

The registry of `bench_query`, 10,000,000 rows in one Parquet file, is asked a point question and an aggregate in turns:
raw DuckDB in this process; Sluice's server, which decides, prices, reserves, charges and logs each question and answers
in Arrow; roapi (Arrow) and Datasette with its Parquet plugin (JSON), which do none of that. Each is a server of its own
on the loopback address and its whole answer is read. T1 and T2 of the same agreement are timed beside it.
"""

import argparse
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import duckdb

from catalog.events import Event, note
from catalog.ids import new_id
from catalog.models import Edition, EditionFile
from market.client import connect
from market.home import Home
from policies.terms import Quota
from tests.bench import peers
from tests.bench.bench_query import CACHE, ROWS, THREADS, measure, registry
from tests.bench.figures import Figure, tell
from tests.bench.ledger_steps import Questions, fsync_ms
from tests.common.market_world import PURPOSE, Market, copied, now
from tests.common.served import served, token_of

QUESTIONS = {
    "point question": "SELECT * FROM registry WHERE id = {}",
    "aggregate": "SELECT city, site, count(*), avg(tumor_mm), max(age) FROM registry WHERE age > {} GROUP BY 1, 2",
}
PLENTY = Quota(bytes=10**15, rows=10**12, queries=10**9)
PAIRS = 100


def enter(market: Market, home: Home, path: Path) -> str:
    """Enter the file as one more edition of the small market's release; gives an agreement on it."""
    blob, edition = home.store.put(path), new_id(now())
    with home.database.reading() as session:
        small = session.get_one(Edition, market.facts.edition)
    with home.database.writing() as session:
        session.add(
            Edition(id=edition, release_id=small.release_id, profile="open", rows=ROWS, manifest=small.manifest)
        )
        session.flush()
        session.add(
            EditionFile(edition_id=edition, position=0, sha256=blob.sha256, size_bytes=blob.size_bytes, rows=ROWS)
        )
        by = market.actor(home, "steward").id
        note(session, Event(action="bench:entered", subject=edition, by=by, at=now()))
    return market.agree(home, edition=edition, table="registry", quota=PLENTY)


def charging(market: Market, agreement: str, folder: Path) -> dict[str, float]:
    """Time T1 with T2 alone, their log entries included, and the disk; milliseconds."""
    with market.open() as home:
        questions = Questions.under(home, market, agreement, "SELECT count(*) FROM registry")
        runs: dict[str, Callable[[int], object]] = {"pair": lambda _: questions.pair()}
        spent = measure(runs, PAIRS)["pair"]["median_ms"]
    return {"pair_ms": spent, "fsync_ms": fsync_ms(folder)}


@contextmanager
def raw(path: Path) -> Iterator[peers.Ask]:
    """Ask DuckDB in this process."""
    connection = duckdb.connect(config={"threads": str(THREADS)})
    connection.execute(f"CREATE VIEW registry AS FROM read_parquet('{path}')")
    yield lambda sql: int(connection.sql(sql).to_arrow_table().num_rows)
    connection.close()


@contextmanager
def sluice(market: Market, agreement: str) -> Iterator[peers.Ask]:
    """Serve the market, and ask under the agreement."""
    token = token_of(market)
    with served(market) as service:
        client = connect(service.url, token)
        yield lambda sql: int(client.query(sql, agreement=agreement, purpose=PURPOSE.value).to_arrow().num_rows)


def sides(stack: ExitStack, market: Market, agreement: str, path: Path, folder: Path) -> dict[str, peers.Ask]:
    """Start everybody; peers that cannot be had are told and left out."""
    asks = {
        "raw DuckDB": stack.enter_context(raw(path)),
        "Sluice": stack.enter_context(sluice(market, agreement)),
    }
    try:
        programs = peers.environment(CACHE)
    except peers.NoPeers as error:
        print(f"NOT MEASURED: roapi and Datasette: {error}")
        return asks
    asks["roapi"] = stack.enter_context(peers.roapi(programs, path, folder))
    asks["Datasette"] = stack.enter_context(peers.datasette(programs, path, folder))
    return asks


def asking(ask: peers.Ask, template: str, literal: Callable[[int], int]) -> Callable[[int], object]:
    """Ask one side the question of a turn."""
    return lambda turn: ask(template.format(literal(turn)))


def figures_of(found: dict[str, Any]) -> list[Figure]:
    """One line for each question, and one for what charging takes of it."""
    lines = []
    for name in QUESTIONS:
        medians = {side: spent["median_ms"] for side, spent in found[name].items()}
        told = ", ".join(f"{side} {spent:.1f} ms" for side, spent in medians.items() if side != "Sluice")
        lines.append(
            Figure(
                bench=f"{name} over HTTP, decided, charged and logged, beside servers that do none of it",
                measured_on=f"{ROWS:,} generated rows, {os.cpu_count()} cores",
                found=f"{medians['Sluice']:.1f} ms; {told}",
                goal="reported",
            )
        )
    charged = found["charging"]
    limit = 3 + 2 * charged["fsync_ms"]
    lines.append(
        Figure(
            bench="T1 + T2 and their entries, of the same agreement",
            measured_on=f"SQLite, {PAIRS} questions one after the other",
            found=f"{charged['pair_ms']:.2f} ms, fsync {charged['fsync_ms']:.2f} ms",
            goal="3 ms + 2 × fsync",
            held=charged["pair_ms"] <= limit,
        )
    )
    return lines


def main() -> None:
    """Measure, and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--rounds", type=int, default=30)
    options = parser.parse_args()
    path, found = registry(), dict[str, Any]()
    with tempfile.TemporaryDirectory(prefix="bench-peers-") as name, ExitStack() as stack:
        folder = Path(name)
        market = copied(folder / "market")
        with market.open() as home:
            agreement = enter(market, home, path)
        found["charging"] = charging(market, agreement, folder)
        asks = sides(stack, market, agreement, path, folder)
        for question, template in QUESTIONS.items():

            def literal(turn: int, question: str = question) -> int:
                return turn * 219_983 % ROWS if question.startswith("point") else turn % 20

            counts = {side: ask(template.format(literal(1))) for side, ask in asks.items()}
            assert len(set(counts.values())) == 1, f"they disagree: {counts}"
            found[question] = measure(
                {side: asking(ask, template, literal) for side, ask in asks.items()}, options.rounds
            )
    tell(figures_of(found), found, options.json)


if __name__ == "__main__":
    main()
