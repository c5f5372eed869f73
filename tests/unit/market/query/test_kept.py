"""Answers that are kept: given again byte for byte while they may be, and gone when they may not."""

import io
from datetime import timedelta

import pytest

from catalog import withdrawal
from market.delivery.formats import Format
from market.delivery.spool import SPOOL, Spool
from market.licensing import agreements
from market.query import kept
from market.query.models import Spooled
from market.query.verdicts import Denied
from tests.common.market_world import Market, copied, now

SQL = "SELECT sex, count(*) AS n FROM tumor GROUP BY sex"
LARGE = 1_000_000


@pytest.fixture
def market(tmp_path) -> Market:
    return copied(tmp_path / "market")


def ask(market, service, key, *, keep_bytes=LARGE, format=Format.CSV, sql=SQL):
    with market.open() as home:
        asker = market.asker(home)
    sink = io.BytesIO()
    service.answer(market.question(sql, key), asker, sink, format, keep_bytes=keep_bytes)
    return sink.getvalue()


def copies(market):
    return sorted(path.name for path in (market.root / SPOOL).glob("*"))


def swept(market, *, later=timedelta()):
    with market.open() as home:
        at = now() + later
        with home.database.reading() as session:
            runs = kept.ended(session, at=at)
        with home.database.writing() as session:
            return kept.remove(session, Spool(market.root / SPOOL), runs, at=at)


def test_the_same_key_is_given_the_same_bytes_once_paid(market):
    with market.service() as service:
        first = ask(market, service, "one")
        paid = market.balance()
        assert ask(market, service, "one") == first
    assert market.balance() == paid
    assert len(market.entries("answer:given-again")) == 1
    assert len(copies(market)) == 1
    assert market.faults() == []


def test_an_answer_that_grows_too_large_is_delivered_and_not_kept(market):
    with market.service() as service:
        assert ask(market, service, "one", keep_bytes=5)
        with pytest.raises(Denied, match="answered and delivered"):
            ask(market, service, "one")
    assert copies(market) == []


def test_another_format_is_not_the_same_answer(market):
    with market.service() as service:
        ask(market, service, "one")
        with pytest.raises(Denied):
            ask(market, service, "one", format=Format.JSON)


def test_a_copy_is_unreadable_from_the_moment_its_release_is_withdrawn_and_then_gone(market):
    with market.service() as service, market.open() as home:
        ask(market, service, "one")
        with home.database.writing() as session:
            by = market.asker(home, "steward").id
            withdrawal.withdraw(session, market.facts.release, reason="A test", by=by, at=now())
        with pytest.raises(Denied):
            ask(market, service, "one")
    assert swept(market) == 1
    assert copies(market) == []


def test_a_copy_is_gone_when_its_agreement_is_revoked_or_its_day_is_over(market):
    with market.service() as service:
        ask(market, service, "one")
    assert swept(market, later=timedelta(hours=23)) == 0
    assert swept(market, later=timedelta(hours=25)) == 1
    with market.service() as service, market.open() as home:
        ask(market, service, "two")
        with home.database.writing() as session:
            agreements.revoke(
                session,
                market.facts.agreement,
                reason="A test",
                by=market.asker(home, "steward").id,
                organisation=market.facts.publisher,
                at=now(),
            )
    assert swept(market) == 1
    assert copies(market) == []


def test_what_a_killed_process_left_is_swept(market):
    spool = Spool(market.root / SPOOL)
    spool.folder.mkdir()
    (spool.folder / "abandoned.partial").write_bytes(b"x")
    (spool.folder / "NOBODYS").write_bytes(b"x")
    assert swept(market) == 1
    assert copies(market) == ["NOBODYS"], "it may belong to a question on its way"
    assert swept(market, later=timedelta(hours=2)) == 1
    assert copies(market) == []


def test_copies_are_for_the_service_alone(market):
    with market.service() as service:
        ask(market, service, "one")
    assert (market.root / SPOOL).stat().st_mode & 0o077 == 0
    with market.open() as home, home.database.reading() as session:
        (name,) = copies(market)
        assert session.get(Spooled, name) is not None
    assert (market.root / SPOOL / name).stat().st_mode & 0o077 == 0
