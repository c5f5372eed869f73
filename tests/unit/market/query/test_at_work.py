"""The database may be lost while a process answers, and come back: it finishes by itself what it could not then."""

import io
from dataclasses import dataclass

import psycopg
import pytest
from sqlalchemy import URL, make_url
from sqlalchemy.exc import DBAPIError

from market.delivery.formats import Format
from tests.common.market_fixtures import postgres_market
from tests.common.market_world import CREDIT_FEN

__all__ = ["postgres_market"]

SQL = "SELECT count(*) AS n FROM tumor"


@dataclass
class Cord:
    """What holds the market to its database."""

    url: URL

    def cut(self):
        """End every connection, and allow no new one."""
        self._command(f'ALTER DATABASE "{self.url.database}" ALLOW_CONNECTIONS false')
        self._command(
            f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{self.url.database}'"
        )

    def mend(self):
        """Allow connections again."""
        self._command(f'ALTER DATABASE "{self.url.database}" ALLOW_CONNECTIONS true')

    def _command(self, statement):
        with psycopg.connect(f"host={self.url.query['host']} user=postgres dbname=postgres", autocommit=True) as server:
            server.execute(statement)


@pytest.fixture
def cord(postgres_market):
    cord = Cord(make_url(postgres_market.database_url))
    yield cord
    cord.mend()


@pytest.fixture
def ask(postgres_market):
    """Give what asks a question with a key."""
    with postgres_market.service() as service, postgres_market.open() as home:
        asker = postgres_market.asker(home)

        def ask(key="key", **hooks):
            return service.answer(postgres_market.question(SQL, key), asker, io.BytesIO(), Format.CSV, **hooks)

        yield ask


def actions(market):
    """Say what the log tells of questions."""
    with market.open() as home, home.database.reading() as session:
        found = session.connection().exec_driver_sql(
            "SELECT action FROM log_entry WHERE action LIKE 'query:%%' ORDER BY seq"
        )
        return [action.removeprefix("query:") for action in found.scalars()]


def test_what_has_left_is_not_refunded_because_the_database_could_not_be_told(postgres_market, ask, cord):
    with pytest.raises(DBAPIError):
        ask(hand_over=cord.cut)
    cord.mend()
    charged = CREDIT_FEN - postgres_market.balance()
    assert charged > 0
    assert ask().rows == 1
    assert CREDIT_FEN - postgres_market.balance() == charged
    assert actions(postgres_market) == ["answered", "delivery-unknown", "resumed", "delivered"]
    assert postgres_market.faults() == []


def test_a_question_that_was_paid_when_the_database_was_lost_is_finished_before_the_next(postgres_market, ask, cord):
    """Nobody has to ask it again for that."""

    def lose(*_):
        cord.cut()
        raise OSError("the client is gone as well")

    with pytest.raises(OSError, match="the client is gone"):
        ask(charged=lose)
    cord.mend()
    ask("another")
    assert actions(postgres_market) == ["answered", "delivery-unknown", "answered", "delivered"]
    assert postgres_market.faults() == []
