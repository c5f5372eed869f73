"""A question with values from its quote to its receipt: priced, charged, logged and replayed as what it is."""

import io

from market.auditing.replay import Verdict, replay
from market.delivery.formats import Format
from market.query.answer import QueryService
from market.query.question import Question
from tests.common.market_fixtures import any_market, market, postgres_market
from tests.common.market_world import PURPOSE, Market

__all__ = ["any_market", "market", "postgres_market"]

SQL = "SELECT sex, count(*) AS n FROM tumor WHERE sex = $sex GROUP BY sex"


def asked(market: Market, key: str, **values: str) -> Question:
    return Question(agreement_id=market.facts.agreement, purpose=PURPOSE, sql=SQL, key=key, parameters=values)


def test_the_bill_is_the_quote_and_the_log_tells_values_apart_and_what_the_engine_read(
    any_market: Market,
) -> None:
    with any_market.open() as home:
        asker = any_market.asker(home)
    with any_market.service() as service:
        hashes = set()
        for sex in ("1", "2"):
            question = asked(any_market, f"key{sex}", sex=sex)
            quote = service.quote(question, asker).quote
            sink = io.BytesIO()
            made = service.answer(question, asker, sink, Format.JSON)
            assert (made.quote, made.bill.list_fen) == (quote, quote.amount_fen)
            assert f'"sex":"{sex}"'.encode() in sink.getvalue().replace(b" ", b"")
            hashes.add(any_market.entries("query:answered")[-1]["details"]["sql"])
            assert any_market.entries("query:delivered")[-1]["details"]["engine_bytes"] > 0
            assert _replayed(service, any_market, made.run_id) is Verdict.SAME_BYTES
        assert len(hashes) == 2
    assert any_market.faults() == []


def _replayed(service: QueryService, market: Market, run_id: str) -> Verdict:
    with market.open() as home:
        by = market.asker(home, "auditor").id
    return replay(service, run_id, by=by).verdict


def test_the_command_takes_values(market: Market) -> None:
    done = market.ask(SQL, "--param", 'sex="1"')
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[1].startswith('"1",')
    assert market.ask(SQL).returncode == 1
    assert market.ask(SQL, "--param", "sex").returncode == 2
