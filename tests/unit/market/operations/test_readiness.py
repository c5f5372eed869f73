"""A service is ready while its database answers, its log is whole, its clock is right and its disk has room."""

import os
import shutil
import threading
import time
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest

from market.audit import reached
from market.operations import readiness
from market.operations.readiness import Readiness
from tests.common.market_world import now


@pytest.fixture
def home(market):
    with market.open() as home:
        yield home


def test_a_sound_home_is_ready(any_market):
    with any_market.open() as home:
        assert Readiness(home).faults(now()) == {}


def test_a_clock_before_the_newest_entry_is_told(home):
    assert Readiness(home).faults(now() - timedelta(hours=1)) == {
        "database": "has a checkpoint from the future: the clock is wrong, or was"
    }
    assert Readiness(home).faults(now() - timedelta(seconds=10)) == {}


def test_lost_entries_are_told(home, market):
    reached.note(market.root, 10**6)
    assert "has lost entries of the log" in Readiness(home).faults(now())["database"]


def test_a_database_that_is_gone_or_was_replaced_is_told(home, market):
    looks = Readiness(home)
    assert looks.faults(now()) == {}
    database = market.root / "sluice.db"
    database.rename(market.root / "moved.db")
    assert looks.faults(now()) == {"database": "cannot be read"}
    shutil.copyfile(market.root / "moved.db", database)
    assert "was replaced" in looks.faults(now())["database"]


def test_a_database_that_does_not_answer_holds_nobody_up(home, monkeypatch):
    going = threading.Event()
    monkeypatch.setattr(readiness, "PATIENCE_S", 0.1)
    monkeypatch.setattr(Readiness, "_database", lambda looks, at: going.wait(30) and None)
    looks, began = Readiness(home), time.monotonic()
    assert looks.faults(now()) == {"database": "does not answer"}
    assert looks.faults(now()) == {"database": "does not answer"}
    assert time.monotonic() - began < 5
    going.set()
    end = time.monotonic() + 20
    while looks.faults(now()):
        assert time.monotonic() < end


@pytest.mark.parametrize(
    ("free", "total", "ready"), [(500, 1000, True), (2000, 10**6, True), (500, 10**6, False), (900, 20_000, False)]
)
def test_a_disk_that_is_nearly_full_is_told(home, monkeypatch, free, total, ready):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=free * 10**6, total=total * 10**6))
    assert Readiness(home).faults(now()) == ({} if ready else {"disk": "is nearly full"})


def test_how_much_room_is_wanted_is_a_setting(home, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=2 * 10**9, total=10**12))
    wanting = replace(home, settings=replace(home.settings, disk_free_mb=5000))
    assert Readiness(wanting).faults(now()) == {"disk": "is nearly full"}


def test_a_disk_that_cannot_be_written_to_is_told(home, market, monkeypatch):
    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert Readiness(home).faults(now())["disk"] == "cannot be written to"
