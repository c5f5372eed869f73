"""Rows that have left are paid for: no statement gets them back its price by failing at its end, in whatever way."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from market.delivery.formats import Format
from market.query.answer import QueryService
from market.query.errors import Code, QueryFailed
from market.query.verdicts import Denied
from tests.common.market_fixtures import any_market, market, postgres_market
from tests.common.market_world import Market

__all__ = ["any_market", "market", "postgres_market"]

COST_FEN = 15
BY_VALUES = (
    # what fails in the last row alone
    "date_trunc(CASE WHEN {last} THEN 'timezone' ELSE 'day' END, DATE '2020-01-01')",
    "date_part(CASE WHEN {last} THEN 'timezone' ELSE 'day' END, DATE '2020-01-01')",
    "time_bucket(CASE WHEN {last} THEN INTERVAL '1 month 1 day' ELSE INTERVAL '1 day' END, DATE '2020-01-01')",
    "id LIKE 'a%' ESCAPE CASE WHEN {last} THEN 'xx' ELSE 'x' END",
    "CAST(CASE WHEN {last} THEN 'x' ELSE '1' END AS INTEGER)",
    "CASE WHEN {last} THEN 2147483647 ELSE 1 END + 1",
    "CASE WHEN n = 250000 THEN DATE '290000-01-01' ELSE DATE '2020-01-01' END",
)
TIMES, LAST = 2000, 1_000_000
SQL = f"SELECT id, size, {{value}} AS value FROM (SELECT *, row_number() OVER () AS n FROM tumor, range({TIMES}))"
"""Several batches; the engine numbers the rows as they stream."""


@dataclass
class Count:
    """A sink that counts what came."""

    size: int = field(default=0)

    def write(self, data: memoryview, /) -> int:
        self.size += data.nbytes
        return data.nbytes

    def flush(self) -> None:
        pass


@pytest.fixture
def service(market: Market) -> Iterator[QueryService]:
    with market.service() as found:
        yield found


@pytest.mark.parametrize("value", BY_VALUES)
def test_who_brings_about_an_error_after_rows_have_left_pays(market: Market, service: QueryService, value: str) -> None:
    sink, before = Count(), market.balance()
    with market.open() as home:
        asker = market.asker(home)
    question = market.question(SQL.format(value=value.format(last=f"n = {LAST}")), "key")
    with pytest.raises(QueryFailed) as failed:
        service.answer(question, asker, sink, Format.JSON if "290000" in value else Format.ARROW)
    assert failed.value.code == Code.VALUE_ERROR
    assert sink.size > 0
    assert before - market.balance() == COST_FEN
    (entry,) = market.entries("query:delivered")
    assert entry["details"]["status"] == Code.VALUE_ERROR
    assert entry["details"]["rows"] > 0
    assert market.entries("query:refunded") == []
    assert market.faults() == []


def test_a_format_that_cannot_hold_a_column_is_refused_before_anything_is_paid(
    market: Market, service: QueryService
) -> None:
    sql, before = "SELECT INTERVAL '1 month' AS x FROM tumor", market.balance()
    with market.open() as home:
        asker = market.asker(home)
    for number, format in enumerate((Format.CSV, Format.PARQUET)):
        with pytest.raises(Denied) as denied:
            service.answer(market.question(sql, f"{number}"), asker, Count(), format)
        assert denied.value.reason == "format"
    assert market.balance() == before
