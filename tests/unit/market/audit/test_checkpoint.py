"""Checkpoints at rest: the tree is signed as it is, each size once, and by itself when that is due."""

from datetime import timedelta
from multiprocessing import get_context

import pytest
from sqlalchemy import select

from anonymize.signing import Signer
from catalog.events import Event
from market.audit import checkpoint, log, notes
from market.audit.models import LogCheckpoint
from market.audit.notary import Notary
from market.db import Database
from tests.common.clock import BEGIN
from tests.common.signed_log import ADMIN, SignedLog

ORIGIN = "sluice.log/test"


def test_the_tree_is_signed_as_it_is_and_the_same_size_once(any_world, tmp_path):
    key = Signer.create(tmp_path / "log.key")

    def take():
        with any_world.writing() as session:
            return checkpoint.take(session, key, origin=ORIGIN, at=any_world.now())

    one, same = take(), take()
    assert (one.size, one.note) == (same.size, same.note)
    any_world.propose()
    other = take()
    assert other.size == one.size + 1
    with any_world.reading() as session:
        kept = session.get_one(LogCheckpoint, other.size)
        assert notes.read(kept.note, key.public).size == other.size


def test_without_a_notary_none_is_taken_by_itself(world):
    world.propose()
    with world.reading() as session:
        assert checkpoint.newest(session) is None


def test_the_first_entry_is_signed_at_once_and_then_the_log_each_minute(signed_log):
    signed_log.tell(13, seconds=10)
    assert signed_log.signed == [1, 7, 13]
    signed_log.tell(seconds=59)
    signed_log.tell(seconds=1)
    assert signed_log.signed == [1, 7, 13, 15]
    assert signed_log.faults() == []


def test_a_thousand_entries_are_signed_before_the_minute_is_over(sqlite_log):
    sqlite_log.tell()
    sqlite_log.tell_together(["test:told"] * 999)
    assert sqlite_log.signed == [1]
    sqlite_log.tell()
    sqlite_log.tell_together(["test:told"] * 1200)
    assert sqlite_log.signed == [1, 1001, 2201]


@pytest.mark.parametrize("action", ["release:published", "release:withdrawn"])
def test_what_the_public_must_know_is_signed_with_its_entry(sqlite_log, action):
    sqlite_log.tell(3)
    sqlite_log.tell_together(["test:told", action, "test:told"])
    assert sqlite_log.signed == [1, 6]


def test_a_checkpoint_commits_with_its_entries_or_not_at_all(sqlite_log):
    sqlite_log.tell(3)

    def fail():
        with sqlite_log.database.writing() as session:
            event = Event(action="release:published", subject="x", by=ADMIN, at=BEGIN)
            log.append(session, [event])
            checkpoint.take_after(session, sqlite_log.notary, log.lock(session), [event])
            _ = 1 / 0

    with pytest.raises(ZeroDivisionError):
        fail()
    assert (sqlite_log.size, sqlite_log.signed) == (3, [1])


def take_due(signed_log, at):
    with signed_log.database.writing() as session:
        taken = checkpoint.take_due(session, signed_log.notary, at)
        return None if taken is None else taken.size


def test_a_clock_signs_what_nobody_else_did_and_an_idle_log_never_again(signed_log):
    signed_log.tell(3)
    assert take_due(signed_log, signed_log.at + timedelta(seconds=59)) is None
    assert take_due(signed_log, signed_log.at + timedelta(seconds=60)) == 3
    assert take_due(signed_log, signed_log.at + timedelta(days=1)) is None


def test_an_empty_log_is_not_due(sqlite_log):
    assert take_due(sqlite_log, BEGIN) is None
    sqlite_log.sign()
    assert sqlite_log.signed == [0]


@pytest.mark.parametrize("jump_s", [-3600, -400 * 86400, 400 * 86400])
def test_a_clock_that_jumps_neither_stops_checkpoints_nor_takes_one_at_each_entry(sqlite_log, jump_s):
    sqlite_log.tell(7, seconds=10)
    assert sqlite_log.signed == [1, 7]
    sqlite_log.later(jump_s)
    sqlite_log.tell(13, seconds=10)
    assert sqlite_log.signed == [1, 7, 8, 14, 20]
    assert sqlite_log.faults() == []


def test_the_moments_of_checkpoints_never_decrease(signed_log):
    signed_log.tell()
    signed_log.tell(seconds=-3600)
    signed_log.tell(seconds=-3600)
    signed_log.tell(seconds=9000)
    with signed_log.database.reading() as session:
        moments = session.execute(select(LogCheckpoint.at).order_by(LogCheckpoint.size)).scalars().all()
    assert moments == [BEGIN, BEGIN, BEGIN, BEGIN + timedelta(seconds=1800)]


def grow(url, queue, folder):
    """Note entries as one of several processes, each 40 seconds after its last one."""
    made = SignedLog(Database(url, queue, notary=Notary.open(folder)), Notary.open(folder))
    made.tell(20, seconds=40)
    made.database.close()


def test_processes_that_write_at_the_same_time_sign_one_tree(signed_log):
    given = (signed_log.database.url, signed_log.database.queue, signed_log.notary.folder)
    with get_context("fork").Pool(3) as pool:
        pool.starmap(grow, [given] * 3, chunksize=1)
    assert signed_log.size == 60
    assert len(signed_log.signed) >= 10
    assert signed_log.faults() == []


def test_a_note_of_any_size_is_the_one_that_was_kept_or_signed_now(signed_log):
    signed_log.tell(7, seconds=10)
    with signed_log.database.reading() as session:
        for size in range(8):
            note = checkpoint.note_at(session, signed_log.notary, size)
            assert notes.read(note, signed_log.keys[0]).root == log.root(session, size)
        assert checkpoint.note_at(session, signed_log.notary, 7) == session.get_one(LogCheckpoint, 7).note
    assert signed_log.signed == [1, 7]
