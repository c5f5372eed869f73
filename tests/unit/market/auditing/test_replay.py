"""A replay says whether the same comes again, of the same bytes, without a row shown or a fen charged."""

import contextlib
import io
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import pyarrow as pa
import pytest
from sqlalchemy import text

from catalog import withdrawal
from catalog.errors import CatalogError, NotFound
from catalog.events import note
from catalog.ids import MemberId
from catalog.releases import files_of
from market.auditing.replay import Replayed, Verdict, replay
from market.delivery.formats import Format, Outlet, write
from market.delivery.rows import RowsDigest
from market.licensing import agreements, parts
from market.operations.garbage import erase_withdrawn
from market.query.answer import QueryService
from market.query.asker import Asker
from market.query.errors import QueryFailed
from tests.common.market_world import Market, now
from tests.unit.market.auditing.writing import event

GROUPS = "SELECT sex, stage, avg(size) AS size, count(*) AS n FROM tumor GROUP BY ALL ORDER BY ALL"
ROWS = "SELECT * FROM tumor"


@dataclass
class Desk:
    """A market, its service, and who asks and audits."""

    market: Market
    service: QueryService
    asker: Asker
    auditor: MemberId

    def asked(self, sql: str, format: Format = Format.CSV, *, agreement: str | None = None) -> str:
        """Ask as the licensee does; gives the question's number."""
        question = self.market.question(sql, f"{sql}{format}", agreement=agreement)
        with contextlib.suppress(QueryFailed):
            self.service.answer(question, self.asker, io.BytesIO(), format)
        return str(self.market.entries("query:answered")[-1]["subject"])

    def again(self, query: str) -> Replayed:
        """Replay as the auditor does."""
        return replay(self.service, query, by=self.auditor)

    def charged(self, key: str) -> str:
        """Have a question charged, and nothing delivered for it; gives its number."""
        assessed = self.service.assess(self.market.question(GROUPS, key), self.asker)
        run, _ = self.service.steps.reserve(assessed, self.asker)
        self.service.steps.post(run, assessed, self.asker)
        return run

    def told_otherwise(self, table: pa.Table, key: str, *, hashed: bool = True) -> str:
        """Have another result than the engine's delivered for a question; gives its number."""
        run, outlet, content = self.charged(key), Outlet(io.BytesIO()), RowsDigest()
        write(table.schema, content.watch(table.to_batches(), table.schema), outlet, Format.CSV)
        rows = content.sha256() if hashed else None
        self.service.steps.settle(run, self.asker, outlet, Format.CSV, "complete", rows)
        return run

    def groups(self) -> pa.Table:
        """Give what the engine says, as a table."""
        assessed = self.service.assess(self.market.question(GROUPS, "table"), self.asker)
        with self.service.pool.run(assessed.grant.files, GROUPS) as result:
            return pa.Table.from_batches(list(result), result.schema)

    def withdraw(self, *, hold: str | None = None) -> None:
        """Withdraw the release, and erase it unless it is held."""
        with self.market.open() as home:
            by, release = self.market.asker(home, "steward").id, self.market.facts.release
            with home.database.writing() as session:
                withdrawal.withdraw(session, release, reason="test", legal_hold=hold, by=by, at=now())
            erase_withdrawn(home, by=by, at=now())


@contextlib.contextmanager
def opened(market: Market, **settings: str) -> Iterator[Desk]:
    with market.open() as home:
        asker, auditor = market.asker(home), market.asker(home, "auditor").id
    with market.service(**settings) as service:
        yield Desk(market, service, asker, auditor)


@pytest.fixture
def desk(market: Market) -> Iterator[Desk]:
    """Give a desk on SQLite."""
    with opened(market) as desk:
        yield desk


@pytest.fixture
def any_desk(any_market: Market) -> Iterator[Desk]:
    """Give a desk on each kind of database in turn."""
    with opened(any_market) as desk:
        yield desk


def test_the_same_bytes_come_again_in_every_format_and_nothing_is_charged(any_desk):
    queries = {format: any_desk.asked(ROWS, format) for format in Format}
    before = any_desk.market.balance()
    for format, query in queries.items():
        found = any_desk.again(query)
        assert (found.verdict, found.logged) == (Verdict.SAME_BYTES, found.found), format
        assert found.logged is not None
        assert found.logged.rows_sha256 is not None
    assert any_desk.market.balance() == before
    assert any_desk.market.faults() == []


def test_a_replay_is_logged_and_tells_hashes_and_counts_alone(desk):
    query = desk.asked(GROUPS)
    found = desk.again(query)
    (entry,) = desk.market.entries("log:replayed", subject=query)
    assert entry["details"]["verdict"] == Verdict.SAME_BYTES
    assert found.found is not None
    assert entry["details"]["found"] == found.found.sha256
    facts = desk.market.facts
    with desk.market.open() as home, home.database.reading() as session:
        files = tuple(file.sha256 for file in files_of(session, facts.edition))
    assert (found.release, found.edition, found.files) == (facts.release, facts.edition, files)
    cells = {str(value) for row in desk.groups().to_pylist() for value in row.values() if isinstance(value, float)}
    assert not any(cell in str(asdict(found)) for cell in cells)


def test_rows_in_another_order_and_other_rows_are_told_apart(desk):
    table = desk.groups()
    mixed = table.sort_by([("n", "descending"), ("stage", "ascending")])
    more = table.set_column(3, "n", pa.array([n + 1 for n in table["n"].to_pylist()]))
    for key, delivered, verdict in (
        ("mixed", mixed, Verdict.SAME_ROWS),
        ("more", more, Verdict.DIFFERS),
        ("fewer", table.slice(1), Verdict.DIFFERS),
    ):
        assert desk.again(desk.told_otherwise(delivered, key)).verdict is verdict, key
    unhashed = desk.again(desk.told_otherwise(mixed, "unhashed", hashed=False))
    assert unhashed.verdict is Verdict.NOT_COMPARABLE
    assert "no hash" in str(unhashed.reason)


def test_an_answer_that_was_stopped_is_compared_as_far_as_it_came(market):
    with opened(market, SLUICE_QUERY_ROWS="50") as short:
        queries = {format: short.asked(ROWS, format) for format in Format}
    with opened(market) as desk:
        for format, query in queries.items():
            found = desk.again(query)
            assert (found.status, found.verdict) == ("row_limit", Verdict.SAME_BYTES), format
            assert found.found is not None
            assert found.found.rows == 50


def test_a_question_of_which_nothing_was_delivered_says_so(desk):
    found = desk.again(desk.charged("lost"))
    assert (found.verdict, found.logged, found.found) == (Verdict.NOTHING_DELIVERED, None, None)
    with pytest.raises(NotFound, match="was never answered"):
        desk.again("0" * 26)


def test_a_question_that_is_not_the_one_that_was_logged_is_not_run(desk):
    query = desk.asked(GROUPS)
    with desk.market.open() as home, home.database.writing() as session:
        session.connection().execute(text("UPDATE query_run SET sql = 'SELECT 1'"))
        note(session, event("test:changed", at=now()))
    with pytest.raises(CatalogError, match="is not the one that was logged"):
        desk.again(query)


def test_of_erased_bytes_the_hashes_are_told(any_desk):
    query = any_desk.asked(GROUPS)
    before = any_desk.again(query)
    any_desk.withdraw()
    found = any_desk.again(query)
    assert (found.verdict, found.found) == (Verdict.DESTROYED, None)
    assert found.erased_at is not None
    for name in ("files", "manifest", "evidence", "logged"):
        assert getattr(found, name) == getattr(before, name)


def test_withdrawn_bytes_are_not_read_even_under_a_legal_hold(desk):
    query = desk.asked(GROUPS)
    desk.withdraw(hold="a court")
    found = desk.again(query)
    assert (found.verdict, found.found, found.erased_at) == (Verdict.WITHDRAWN, None, None)


def test_an_agreement_that_ended_does_not_end_its_replays(desk):
    query = desk.asked(GROUPS)
    facts = desk.market.facts
    with desk.market.open() as home, home.database.writing() as session:
        by = desk.market.asker(home, "steward").id
        agreements.revoke(session, facts.agreement, reason="test", by=by, organisation=facts.publisher, at=now())
    assert desk.again(query).verdict is Verdict.SAME_BYTES


def test_what_cannot_be_run_again_says_why(desk):
    query = desk.asked(ROWS)
    with opened(desk.market, SLUICE_QUERY_ROWS="50") as short:
        found = short.again(query)
    assert (found.verdict, found.found) == (Verdict.NOT_RUN, None)
    assert "more rows than allowed" in str(found.reason)
    assert desk.market.entries("log:replayed")[-1]["details"]["verdict"] == Verdict.NOT_RUN


def test_a_question_about_a_cut_is_replayed_on_the_cut(desk):
    market = desk.market
    with market.open() as home:
        steward = market.actor(home, "steward")
        whole: dict[str, Any] = {"columns": ("id", "sex", "size", "stage"), "where": (), "at": now()}
        part = parts.prepare(
            home.database, home.store, market.facts.edition, organisation=market.facts.publisher, by=steward, **whole
        )
        with home.database.writing() as session:
            cut = parts.enter(session, part, by=steward, at=now())
            id, evidence = cut.id, cut.evidence_hash
        agreement = market.agree(home, cut=id)
    found = desk.again(desk.asked(ROWS, agreement=agreement))
    assert (found.verdict, found.cut, found.evidence) == (Verdict.SAME_BYTES, id, evidence)
