"""Hostile statements to the log: whoever may ask it in SQL reaches the log, and no other file, secret or table."""

import os
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import pytest

from catalog.releases import editions_of, files_of
from market.auditing.asking import LogDesk
from market.auditing.filters import Filter
from market.query.errors import QueryError
from market.query.verdicts import Denied
from tests.attack.test_hostile_cli import ENGINE
from tests.attack.test_hostile_sql import READS, Hostile, hostile, some
from tests.common.market_world import PLANTED, Market, copied, now

SECRETS = (PLANTED, "CANARY-FILE", "CANARY-ENV")
SAMPLE = 40
"""So many statements are drawn anew each time; `make soak` asks all of them."""


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    market = copied(tmp_path_factory.mktemp("siege") / "market")
    (market.folder / "decoy.txt").write_text("CANARY-FILE")
    os.environ["SLUICE_PLANTED"] = "CANARY-ENV"
    yield market
    del os.environ["SLUICE_PLANTED"]


def places(market: Market) -> dict[str, Path]:
    """Name what must not be reached: another firm's edition, a text file, and where a file could be written."""
    with market.open() as home, home.database.reading() as session:
        (edition,) = editions_of(session, market.facts.rival_release)
        other = home.store.open_path(files_of(session, edition.id)[0].sha256)
    return {"other": other, "own": other, "text": market.folder / "decoy.txt", "out": market.folder / "out"}


def filled(market: Market, statements: Sequence[Hostile]) -> list[tuple[Hostile, str]]:
    """Fill in places: the licensed table is the log, and its columns others."""
    found, where = [], places(market)
    for one in statements:
        sql = re.sub(r"\bcity\b", "subject", re.sub(r"\blicensed\b", "log", one.sql))
        found.append((one, re.sub(r"\bid\b", "seq", sql).format(**where)))
    return found


def at_rest(market: Market) -> dict[str, bytes]:
    """Read all bytes that no statement may change, and name what lies beside them."""
    kept = [*market.root.glob("blobs/*/*"), *market.root.glob("keys/*"), market.folder / "decoy.txt"]
    return {str(path): path.read_bytes() for path in kept if path.is_file()} | {
        str(path): b"" for path in market.folder.iterdir()
    }


def test_no_hostile_statement_reaches_beyond_the_log(market: Market) -> None:
    besiege(market, some([one for one in hostile() if one.group in READS], SAMPLE))


def besiege(market: Market, statements: Sequence[Hostile]) -> None:
    """Ask hostile statements of the log."""
    refused = 0
    with market.service(SLUICE_QUERY_TIMEOUT_S="2", SLUICE_QUERY_MEMORY_MB="256") as service, market.open() as home:
        desk, by = LogDesk(home.database, home.store, service.pool), market.asker(home, "auditor").id
        before = at_rest(market)
        for statement, sql in filled(market, statements):
            try:
                with desk.ask(sql, within=Filter(), by=by, at=now()) as answer:
                    seen = str(answer.names) + str(list(islice(answer, 1000)))
                assert not statement.refused, sql
            except (Denied, QueryError) as error:
                seen, refused = str(error), refused + 1
            hidden = [secret for secret in (*SECRETS, str(market.folder)) if secret in seen and secret not in sql]
            assert hidden == [], (sql, seen[:500])
            said = ENGINE.search(seen)
            assert said is None or said[0].lower() in sql.lower(), (sql, seen[:500])
    assert refused >= sum(statement.refused for statement in statements)
    assert at_rest(market) == before
    assert len(market.entries("log:queried")) == len(statements)
    assert market.faults() == []
