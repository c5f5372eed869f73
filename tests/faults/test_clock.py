"""A clock that jumps back revives no right that has ended: questions are refused until it is right, or accepted."""

import io
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from market.delivery.formats import Format
from market.operations.readiness import Readiness
from market.query.verdicts import Denied
from tests.common.market_fixtures import any_market, market, postgres_market
from tests.common.market_world import Market, now

__all__ = ["any_market", "market", "postgres_market"]

SQL = "SELECT count(*) AS n FROM tumor"


class Jumping:
    """A clock that somebody sets wrong."""

    def __init__(self) -> None:
        self.wrong = timedelta(0)

    def __call__(self) -> datetime:
        return now() + self.wrong


@pytest.fixture
def clock() -> Iterator[Jumping]:
    return Jumping()


def test_a_clock_that_jumped_back_answers_nothing_and_costs_nothing_until_it_is_right(
    any_market: Market, clock: Jumping
) -> None:
    with any_market.service(clock=clock) as service, any_market.open() as home:
        asker = any_market.asker(home)

        def ask(key: str) -> None:
            service.answer(any_market.question(SQL, key), asker, io.BytesIO(), Format.CSV)

        ask("before")
        assert any_market.sluice("log", "checkpoint", by="administrator").returncode == 0
        paid = any_market.balance()
        clock.wrong = timedelta(hours=-1)  # so much that the agreement has begun by then all the same, or not
        with pytest.raises(Denied) as refused:
            ask("meanwhile")
        assert refused.value.reason in ("clock-behind", "agreement-not-started")
        assert Readiness(home).faults(clock()).keys() == {"database"}
        assert any_market.balance() == paid
        clock.wrong = timedelta(seconds=-1)  # two machines differ by as much
        ask("nearly")
        clock.wrong = timedelta(0)
        ask("after")
        assert Readiness(home).faults(clock()) == {}
    assert any_market.faults() == []


def test_a_clock_that_was_wrong_before_is_accepted_by_signing_the_log_as_it_is(market: Market, clock: Jumping) -> None:
    with market.service(clock=clock) as service, market.open() as home:
        asker = market.asker(home)

        def ask(key: str) -> None:
            service.answer(market.question(SQL, key), asker, io.BytesIO(), Format.CSV)

        clock.wrong = timedelta(days=30)
        ask("ahead")
        clock.wrong = timedelta(0)
        with pytest.raises(Denied, match="sluice log checkpoint") as refused:
            ask("right")
        assert refused.value.reason == "clock-behind"
        for words, by in (
            (("log", "checkpoint"), "administrator"),
            (("log", "checkpoint", "--accept-clock"), "auditor"),
        ):
            market.sluice(*words, by=by)
            with pytest.raises(Denied):
                ask("right")
        assert market.sluice("log", "checkpoint", "--accept-clock", by="administrator").returncode == 0
        ask("accepted")
        assert Readiness(home).faults(clock()) == {}
    assert market.faults() == []
