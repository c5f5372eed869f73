"""A hundred refusals a minute have entries of their own; those beyond are counted and told together, none is lost."""

from datetime import timedelta
from multiprocessing import get_context

import pytest
from sqlalchemy import func, select

from catalog.events import Event
from catalog.ids import MemberId
from market.audit import log, tally
from market.db import Database
from tests.common.clock import BEGIN

MINUTE = timedelta(minutes=1)


@pytest.fixture
def few(monkeypatch):
    """Let five refusals a minute have entries of their own."""
    monkeypatch.setattr(tally, "EACH", 5)


def refuse(database, at=BEGIN, by="m", reason="gate", times=1):
    for _ in range(times):
        with database.writing() as session:
            event = Event(action="query:refused", subject="a", by=MemberId(by), at=at, details={"reason": reason})
            tally.refused(session, event, reason)


def entries(database, action=None):
    with database.reading() as session:
        bodies = [log.entry_body(session, seq) for seq in range(log.size(session))]
    return [body for body in bodies if action in (None, body["action"])]


def kept(database):
    with database.reading() as session:
        return session.connection().execute(select(func.count()).select_from(tally.TALLY)).scalar_one()


def flush(database, at):
    with database.writing() as session:
        return tally.flush(session, at)


def test_up_to_a_hundred_a_minute_each_refusal_has_its_entry(any_database):
    refuse(any_database, times=100)
    assert len(entries(any_database, "query:refused")) == 100
    assert flush(any_database, BEGIN + MINUTE) == 0
    assert (len(entries(any_database)), kept(any_database)) == (100, 0)


def test_those_beyond_become_one_entry_with_a_count_for_each_reason(any_database, few):
    refuse(any_database, times=5)
    refuse(any_database, reason="quota", times=7)
    refuse(any_database, reason="gate", times=5, at=BEGIN + timedelta(seconds=59))
    assert len(entries(any_database)) == 5
    refuse(any_database, at=BEGIN + MINUTE)
    *_, told, own = entries(any_database)
    assert (told["action"], told["by"], told["subject"]) == ("query:refusals", "m", "m")
    assert told["details"] == {"minute": "2026-11-24T08:00:00Z", "count": 12, "reasons": {"gate": 5, "quota": 7}}
    assert own["action"] == "query:refused"


def test_each_actor_is_counted_alone(any_database, few):
    refuse(any_database, times=6)
    refuse(any_database, by="other", times=3)
    assert len(entries(any_database)) == 8
    assert flush(any_database, BEGIN + 2 * MINUTE) == 1
    assert entries(any_database)[-1]["details"]["count"] == 1


def test_a_minute_that_is_not_over_waits(any_database, few):
    refuse(any_database, times=7)
    assert flush(any_database, BEGIN + timedelta(seconds=30)) == 0
    assert kept(any_database) == 2


@pytest.mark.parametrize("jump", [-MINUTE, -365 * timedelta(days=1), timedelta(days=1)])
def test_a_clock_that_jumps_loses_no_count(any_database, few, jump):
    refuse(any_database, times=8)
    refuse(any_database, at=BEGIN + jump, times=6)
    assert flush(any_database, BEGIN) == 1
    told = [body["details"]["count"] for body in entries(any_database, "query:refusals")]
    assert told == [3, 1]
    assert len(entries(any_database, "query:refused")) == 10


def test_what_a_failed_transaction_counted_is_not_counted(any_database):
    def fail():
        with any_database.writing() as session:
            event = Event(action="query:refused", subject="a", by=MemberId("m"), at=BEGIN, details={})
            tally.refused(session, event, "gate")
            _ = 1 / 0

    with pytest.raises(ZeroDivisionError):
        fail()
    assert (entries(any_database), kept(any_database)) == ([], 0)


def ask(url, queue, number):
    """Be refused 30 times, over three minutes, as one of several processes with the same key."""
    tally.EACH = 5
    database = Database(url, queue)
    for turn in range(30):
        at = BEGIN + (turn // 10) * MINUTE
        refuse(database, at=at, reason=f"r{number % 2}")
        if turn % 7 == number:
            flush(database, at)
    database.close()


def test_processes_that_count_at_the_same_time_lose_nothing(any_database):
    """Three processes, one actor, and clocks that disagree: each refusal is told once, by itself or with others."""
    with get_context("fork").Pool(3) as pool:
        pool.starmap(ask, [(any_database.url, any_database.queue, number) for number in range(3)], chunksize=1)
    flush(any_database, BEGIN + timedelta(days=1))
    one_by_one = len(entries(any_database, "query:refused"))
    counted = sum(body["details"]["count"] for body in entries(any_database, "query:refusals"))
    assert one_by_one + counted == 90
    assert one_by_one >= 15
    assert kept(any_database) == 0
