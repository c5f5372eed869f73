"""What a stranger tries at the doors of questions: keys of others' meaning, trials without end."""

import io
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from catalog.errors import NotFound
from catalog.releases import files_of
from market.delivery.formats import Format
from market.query import asked, fetching, jobs
from market.query.answer import QueryService
from market.query.errors import Code, QueryFailed
from market.query.question import Question
from market.query.trying import Mock, attempt
from market.query.verdicts import Denied
from tests.common.market_fixtures import any_market, market, postgres_market
from tests.common.market_world import Market, now

__all__ = ["any_market", "market", "postgres_market"]


@pytest.fixture
def service(market: Market) -> Iterator[QueryService]:
    with market.service() as found:
        yield found


def test_the_key_of_a_job_never_stands_for_another_question(any_market: Market) -> None:
    with any_market.open() as home:
        asker = any_market.asker(home)

        def submit(question: Question, format: Format = Format.ARROW) -> str:
            with home.database.writing() as session:
                return jobs.submit(session, question, asker, format, at=now()).id

        first = any_market.question("SELECT count(*) AS n FROM tumor", "key")
        job = submit(first)
        assert submit(first) == job
        for other, format in (
            (any_market.question("SELECT sex, count(*) AS n FROM tumor GROUP BY sex", "key"), Format.ARROW),
            (first, Format.CSV),
        ):
            with pytest.raises(Denied) as denied:
                submit(other, format)
            assert denied.value.reason == "key-reused"


def test_a_trial_holds_no_more_in_memory_than_it_may_give(market: Market, service: QueryService) -> None:
    with market.open() as home, home.database.reading() as session:
        path = home.store.open_path(files_of(session, market.facts.edition)[0].sha256)
    mock = Mock("mock", path)
    wide = ", ".join(f"repeat('x', 1000) AS c{number}" for number in range(8))
    with pytest.raises(QueryFailed) as failed:
        attempt(service.pool, mock, f"SELECT {wide} FROM mock, range(100)")
    assert failed.value.code == Code.ROW_LIMIT
    assert attempt(service.pool, mock, "SELECT 1 AS one FROM mock LIMIT 3").num_rows == 3


def test_another_firms_question_and_pull_look_like_none_at_all(market: Market, service: QueryService) -> None:
    with market.open() as home:
        ours, theirs = market.asker(home), market.asker(home, "rival")
        sink = io.BytesIO()
        made = service.answer(market.question('FROM "tumor"', "all"), ours, sink, Format.ARROW)
        said = []
        for run_id in (made.run_id, "0" * 26):
            with home.database.reading() as session, pytest.raises(NotFound) as absent:
                asked.find(session, run_id, firm=theirs.firm)
            with pytest.raises(NotFound) as gone:
                fetching.find(service, run_id, "0" * 64, theirs)
            said.append([str(absent.value).replace(run_id, "…"), str(gone.value).replace(run_id, "…")])
        assert said[0] == said[1]
        with home.database.reading() as session:
            assert asked.find(session, made.run_id, firm=ours.firm).agreement_id == market.facts.agreement


@dataclass
class Widest:
    """A sink that knows the largest piece it was given."""

    piece: int = 0
    size: int = 0

    def write(self, data: memoryview, /) -> int:
        self.piece, self.size = max(self.piece, data.nbytes), self.size + data.nbytes
        return data.nbytes

    def flush(self) -> None:
        pass


@pytest.mark.parametrize("format", [Format.ARROW, Format.JSON, Format.CSV])
def test_rows_however_wide_pass_through_the_service_in_small_pieces(
    market: Market, service: QueryService, format: Format
) -> None:
    with market.open() as home:
        asker = market.asker(home)
    sink = Widest()
    service.answer(market.question("SELECT repeat(id, 40) AS wide FROM tumor, range(200)", "wide"), asker, sink, format)
    assert sink.size > 100_000_000
    assert sink.piece < 20_000_000
