"""Hostile statements on the whole way of a question: nothing leaks, nothing hangs, refusals are free and logged."""

import io
import json
import re
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from catalog.releases import editions_of, files_of
from market.delivery.formats import Format
from market.query.errors import QueryError
from market.query.verdicts import Denied
from tests.attack import test_hostile_sql
from tests.attack.test_hostile_sql import Hostile, some
from tests.common.market_world import PLANTED, Market, command, copied

PROJECT = Path(__file__).parents[2]
OWN = Path(__file__).with_name("hostile_cli.sql")
COST_FEN = 15
TIMEOUT_S = 2
START_S = 4.0
"""A worker that was killed is replaced, and on a busy machine a process takes its time to start."""
SECRETS = (PLANTED, "CANARY-FILE", "CANARY-ENV")
ENGINE = re.compile(
    r"(Binder|Catalog|Parser|IO|Conversion|Permission|Invalid Input|Out of Memory|Internal) (Error|Exception)"
    r"|Traceback|duckdb|LINE \d+:|Candidate|Did you mean|sqlite",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Siege:
    """A market, an agreement whose table is `licensed`, and beside it all that must not be reached."""

    market: Market
    agreement: str
    places: dict[str, Path]

    def fill(self, sql: str) -> str:
        """Name the places in a statement, and columns that there are."""
        return re.sub(r"\bcity\b", "sex", sql.format(**self.places))

    def state(self) -> dict[str, bytes]:
        """Read all bytes at rest that no query may change."""
        kept = [*self.market.root.glob("blobs/*/*"), *self.market.root.glob("keys/*"), self.places["text"]]
        return {str(path): path.read_bytes() for path in kept if path.is_file()} | {
            str(path): b"" for path in self.market.folder.iterdir()
        }


@pytest.fixture(scope="module")
def siege(tmp_path_factory: pytest.TempPathFactory) -> Siege:
    market = copied(tmp_path_factory.mktemp("siege") / "market")
    text = market.folder / "decoy.txt"
    text.write_text("CANARY-FILE")
    with market.open() as home, home.database.reading() as session:
        blobs = {}
        for name, release in (("own", market.facts.release), ("other", market.facts.rival_release)):
            (edition,) = editions_of(session, release)
            blobs[name] = home.store.open_path(files_of(session, edition.id)[0].sha256)
    with market.open() as home:
        agreement = market.agree(home, table="licensed")
    with market.service():
        pass  # what a home draws when it first answers is there: what comes after it would be a statement's doing
    places = {"text": text, "out": market.folder / "out", "home": market.root, "store": market.root / "blobs", **blobs}
    return Siege(market, agreement, places)


def statements() -> list[Hostile]:
    """Read both lists."""
    found = []
    for path in (test_hostile_sql.LIST, OWN):
        for part in re.split(r"^-- @", path.read_text("utf-8"), flags=re.MULTILINE)[1:]:
            head, _, sql = part.partition("\n")
            group, expectation = head.split()
            found.append(Hostile(group, expectation == "refused", sql.rstrip("\n")))
    return found


def assert_tells_nothing(seen: str, sql: str, siege: Siege) -> None:
    """Insist that no secret, no path and no engine text is in what a caller sees, but what the caller wrote."""
    hidden = [secret for secret in (*SECRETS, str(siege.market.folder), str(PROJECT), "/tmp/") if secret in seen]
    assert not [secret for secret in hidden if secret not in sql], (sql, seen[:500])
    found = ENGINE.search(seen)
    assert found is None or found[0].lower() in sql.lower(), (sql, seen[:500])


def test_the_lists_hold_enough_of_every_group() -> None:
    assert set(test_hostile_sql.GROUPS) <= {h.group for h in statements()}
    assert len(statements()) >= 300
    assert OWN.read_text("utf-8").count("-- @") >= 24


@pytest.fixture(scope="module")
def environment() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SLUICE_PLANTED", "CANARY-ENV")
        yield


@pytest.mark.usefixtures("environment")
def test_no_statement_leaks_hangs_or_costs_when_refused(siege: Siege) -> None:
    """A fresh sample; the soak asks every statement, through the command."""
    market, before = siege.market, siege.state()
    settings = {"SLUICE_QUERY_TIMEOUT_S": str(TIMEOUT_S), "SLUICE_QUERY_MEMORY_MB": "256", "SLUICE_QUERY_ROWS": "10000"}
    refused = 0
    with market.open() as home, market.service(**settings) as service:
        asker = market.asker(home)
        for number, statement in enumerate(some(statements(), 100)):
            sql = siege.fill(statement.sql)
            balance, logged = market.balance(), len(market.entries("query:refused"))
            ended = len(market.entries("query:answered")) + len(market.entries("query:failed"))
            sink, began = io.BytesIO(), time.monotonic()
            question = market.question(sql, f"hostile{number}", agreement=siege.agreement)
            try:
                service.answer(question, asker, sink, Format.JSON)
                said = ""
            except Denied as denied:
                said, refused = str(denied), refused + 1
                assert market.balance() == balance, sql
                assert len(market.entries("query:refused")) == logged + 1, sql
            except QueryError as failed:
                said = str(failed)
                assert not statement.refused, sql
            else:
                assert not statement.refused, sql
            assert time.monotonic() - began < TIMEOUT_S + 1 + START_S, sql
            if len(market.entries("query:refused")) == logged:
                entries = len(market.entries("query:answered")) + len(market.entries("query:failed"))
                assert entries == ended + 1, sql
                assert balance - market.balance() in (0, COST_FEN), sql
            assert_tells_nothing(said + sink.getvalue().decode(), sql, siege)
    assert refused >= 50
    assert siege.state() == before
    assert market.faults() == []


COMMANDS = {
    "another firm's table": "SELECT * FROM rivals",
    "another firm's file": "SELECT * FROM read_parquet('{other}')",
    "a secret file": "SELECT content FROM read_text('{text}')",
    "a path as a table": "FROM '{text}'",
    "the log's key": "SELECT content FROM read_text('{home}/keys/log.key')",
    "the environment": "SELECT getenv('SLUICE_PLANTED')",
    "the process": "SELECT * FROM read_text('/proc/self/environ')",
    "the database": "ATTACH '{home}/sluice.db' AS market (TYPE sqlite)",
    "two statements": "SELECT 1; FROM read_text('{text}')",
    "a query in a string": "SELECT * FROM query('FROM read_text(''{text}'')')",
    "a setting": "SET enable_external_access = true",
    "a file to write": "COPY licensed TO '{out}'",
    "a deletion": "WITH d AS (DELETE FROM licensed RETURNING *) FROM d",
    "a function list": "SELECT * FROM duckdb_functions()",
    "no statement": "/* nothing */",
    "half a statement": "SELECT '",
    "a cell in an error": "SELECT remark::INTEGER FROM licensed",
}


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("aim", COMMANDS)
def test_the_command_refuses_it_in_our_own_words_at_no_cost(aim: str, siege: Siege) -> None:
    market, sql = siege.market, siege.fill(COMMANDS[aim])
    balance, logged = market.balance(), len(market.entries("query:refused")) + len(market.entries("query:failed"))
    done = market.sluice("query", *market.under(siege.agreement), sql, "--json", by="licensee")
    assert done.returncode == 1
    error = json.loads(done.stdout)["error"]
    assert error["message"]
    assert error["fix"]
    assert_tells_nothing(done.stdout + done.stderr, sql, siege)
    assert market.balance() == balance
    assert len(market.entries("query:refused")) + len(market.entries("query:failed")) == logged + 1


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a.range * b.range % 7 = 3",
        "SELECT count(DISTINCT a.id || b.id || c.id || d.id) FROM licensed a, licensed b, licensed c, licensed d",
        "SELECT a.id FROM licensed a, licensed b, licensed c, licensed d",
    ],
)
def test_the_command_ends_what_would_not_end(sql: str, siege: Siege) -> None:
    market, usual_s = siege.market, _usual_s(siege)
    began = time.monotonic()
    settings = {"SLUICE_QUERY_TIMEOUT_S": str(TIMEOUT_S), "SLUICE_QUERY_ROWS": "1000000000"}
    answer = market.folder / "endless.csv"
    done = market.sluice("query", *market.under(siege.agreement), sql, "-o", answer, by="licensee", **settings)
    assert time.monotonic() - began < TIMEOUT_S + 1 + START_S + 2 * usual_s
    assert done.returncode == 1
    assert "limit" in done.stderr or "memory" in done.stderr
    assert_tells_nothing(done.stdout + done.stderr, sql, siege)
    assert list(market.folder.glob("endless*")) == []


def _usual_s(siege: Siege) -> float:
    """Give what a harmless question takes through the command at this moment, on a machine that others use as well."""
    began = time.monotonic()
    done = siege.market.sluice("query", *siege.market.under(siege.agreement), "FROM licensed LIMIT 1", by="licensee")
    assert done.returncode == 0, done.stderr
    return time.monotonic() - began


def test_another_firms_agreement_does_not_exist(siege: Siege) -> None:
    market = siege.market
    theirs, nobodys = market.facts.rival_agreement, "0" * 26
    said = []
    for agreement in (theirs, nobodys):
        done = market.sluice("query", *market.under(agreement), "SELECT 1", "--json", by="licensee")
        assert done.returncode == 1
        said.append(json.loads(done.stdout)["error"]["message"].replace(agreement, "…"))
    assert said[0] == said[1]


@pytest.mark.parametrize(
    "words",
    [
        ("--agreement", "' OR '1'='1", "--purpose", "DUO:0000006", "SELECT 1"),
        ("--agreement", "A" * 5000, "--purpose", "DUO:0000006", "SELECT 1"),
        ("--agreement", "{agreement}", "--purpose", "DUO:0000006' OR ''='", "SELECT 1"),
        ("--agreement", "{agreement}", "--purpose", "DUO:0000006", "SELECT '" + "x" * 120_000 + "'"),
    ],
)
def test_hostile_words_around_the_statement_are_refused_as_well(words: tuple[str, ...], siege: Siege) -> None:
    market, balance = siege.market, siege.market.balance()
    done = market.sluice("query", *(word.format(agreement=siege.agreement) for word in words), "--json", by="licensee")
    assert done.returncode == 1
    assert "error" in json.loads(done.stdout)
    assert_tells_nothing(done.stdout + done.stderr, " ".join(words), siege)
    assert market.balance() == balance


def test_bytes_that_are_no_text_are_bad_usage(siege: Siege) -> None:
    done = subprocess.run(
        [*command("query", *siege.market.under(siege.agreement)), b"SELECT '\xff'"],
        env=siege.market.environment("licensee"),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
