"""A home is kept by one process: every chore in its time, whatever becomes of the others."""

import json
import threading
import time
from datetime import timedelta

import pytest

from catalog import tombstones, withdrawal
from catalog.errors import CatalogError
from market.operations import housekeeping
from market.operations.chores import CHORES, Chore
from market.operations.files import Busy
from market.operations.housekeeping import Housekeeper, keeping
from tests.common.market_world import now


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self):
        self.at = now()

    def __call__(self):
        return self.at

    def go(self, **by):
        self.at += timedelta(**by)


@pytest.fixture
def clock():
    return Clock()


def chore(name, every=timedelta(0), do=lambda home, at: None):
    return Chore(name, every, do)


def test_all_that_is_due_in_a_home_is_done(any_market):
    with any_market.open() as home:
        steward = any_market.asker(home, "steward")
        with home.database.writing() as session:
            withdrawal.withdraw(session, any_market.facts.release, reason="A test", by=steward.id, at=now())
        told = []
        outcomes = Housekeeper(home, now, told.append).once()
        assert [outcome.chore for outcome in outcomes] == [*(chore.name for chore in CHORES), "scrub"]
        assert [outcome for outcome in outcomes if outcome.failed] == []
        assert "housekeeping: sweep: 1 releases erased" in told
        assert set(tombstones.read(home.settings.home / "tombstones")) == {any_market.facts.release}
    assert len(any_market.entries("store:scrubbed")) == 1
    assert any_market.faults() == []


def test_a_chore_that_fails_stops_no_other_and_is_told_once_without_values(market, clock):
    done, told = [], []

    def fail(home, at):
        raise ValueError("a value of a cell")

    def refuse(home, at):
        raise CatalogError("thing", "is not there", fix="Make one.")

    chores = [chore("bad", do=fail), chore("poor", do=refuse), chore("good", do=lambda home, at: done.append(at))]
    with market.open() as home:
        keeper = Housekeeper(home, clock, told.append, chores)
        first = keeper.once()
        keeper.once()
    assert [outcome.failed for outcome in first] == [True, True, False, False]
    assert len(done) == 2
    assert told[1] == "housekeeping: poor failed: thing: is not there. Make one."
    assert told[0].startswith("housekeeping: bad failed: ValueError in test_housekeeping.py, line ")
    assert len(told) == 2


def test_a_chore_is_done_in_its_time_and_at_once_when_the_clock_jumped(market, clock):
    done = []
    slow = chore("slow", timedelta(hours=1), lambda home, at: done.append(at))
    quick = chore("quick", timedelta(seconds=30), lambda home, at: None)
    with market.open() as home:
        for minutes in (0, 30, 31, 59):
            clock.go(minutes=minutes)
            Housekeeper(home, clock, print, [slow, quick]).once()  # a new process each time
        assert len(done) == 2
        clock.go(days=-400)
        Housekeeper(home, clock, print, [slow]).once()
        assert len(done) == 3
        (market.root / "run" / "housekeeping.json").write_text("[")
        Housekeeper(home, clock, print, [slow]).once()
        assert len(done) == 4


def test_the_store_is_scrubbed_once_a_night(market, clock):
    with market.open() as home:
        for hours in (0, 12, 12, 1):
            clock.go(hours=hours)
            Housekeeper(home, clock, print, []).once()
    assert len(market.entries("store:scrubbed")) == 2


def test_damage_that_the_night_finds_is_told_with_its_place(market, clock):
    from tests.common.damage import files_of, flip

    told = []
    with market.open() as home:
        (file,) = files_of(market, home)
        flip(home, file)
        (outcome,) = Housekeeper(home, clock, told.append, []).once()
    assert outcome.failed
    assert f"file of tumours #1 (release {market.facts.release}, edition controlled)" in told[0]


def test_one_process_keeps_a_home_and_the_next_one_takes_over(market, monkeypatch):
    monkeypatch.setattr(housekeeping, "LOOK_S", 0.05)
    done = threading.Event()
    with market.open() as home, keeping(home, now, print) as first:
        first.chores = []
        time.sleep(0.2)
        with pytest.raises(Busy):
            Housekeeper(home, now, print, []).once()
        waiting = Housekeeper(home, now, print, [chore("mine", do=lambda home, at: done.set())])
        thread = threading.Thread(target=waiting.keep)
        thread.start()
        assert not done.wait(0.3)
        first.stop.set()
        assert done.wait(20)
        waiting.stop.set()
        thread.join()


def test_a_keeper_that_cannot_write_its_marks_goes_on_trying(market, monkeypatch):
    monkeypatch.setattr(housekeeping, "LOOK_S", 0.05)
    told = []
    with market.open() as home:
        run = market.root / "run"
        run.rename(market.root / "elsewhere")
        with keeping(home, now, told.append):
            time.sleep(0.3)
            (market.root / "elsewhere").rename(run)
            end = time.monotonic() + 20
            while not (run / "housekeeping.json").exists():
                assert time.monotonic() < end
                time.sleep(0.05)
    assert len([line for line in told if line.startswith("housekeeping: all failed")]) == 1


def test_the_command_does_what_is_due_and_tells_it(any_market):
    done = any_market.sluice("housekeep", "--once", "--json")
    assert done.returncode == 0, done.stderr
    value = json.loads(done.stdout)
    assert value["ok"]
    assert {outcome["chore"] for outcome in value["chores"]} >= {"runs", "sweep", "scrub"}
