"""The log says which key is in force, files only hold keys: a rotation killed anywhere leaves a log that signs."""

import os
import random
import shutil

import pytest
from sqlalchemy import text

from anonymize.signing import KeyFileError, Signer
from catalog.errors import WrongState
from catalog.events import Event, note
from market.audit import checkpoint, notes
from market.audit.keys import Chain
from market.audit.notary import DamagedEntry, Notary, rotations_of
from market.audit.rotation import rotate
from market.db import Database
from tests.common.killed_rotations import kill
from tests.common.signed_log import ADMIN, SignedLog


def test_a_log_is_named_after_its_first_key_and_keeps_the_name(tmp_path):
    made = Notary.create(tmp_path)
    (public,) = made.publics()
    assert made.origin == f"sluice.log/{public[:16].replace('+', '-').replace('/', '_')}"
    assert (tmp_path / "log.origin").read_text() == f"{made.origin}\n"
    (tmp_path / "log.key").unlink()
    assert Notary.open(tmp_path).origin == made.origin


def test_a_home_of_before_names_were_kept_has_the_same_name(tmp_path):
    made = Notary.create(tmp_path)
    (tmp_path / "log.origin").unlink()
    assert Notary.open(tmp_path).origin == made.origin
    assert Notary.create(tmp_path).origin == made.origin
    assert (tmp_path / "log.origin").exists()


def test_a_rotated_key_signs_from_its_entry_on_under_the_same_name(signed_log):
    signed_log.tell(3)
    rotation = signed_log.rotate()
    signed_log.tell(3)
    signed_log.sign()
    assert (rotation.size, rotation.old, rotation.new) == (3, *signed_log.keys)
    assert signed_log.signed == [1, 3, 4, 7]
    with signed_log.database.reading() as session:
        chain = Chain.follow(signed_log.notary.origin, rotations_of(session, signed_log.notary.origin), signed_log.keys)
        for size, kept in checkpoint.all_notes(session):
            signer = signed_log.keys[size > 3]
            assert (chain.at(size), notes.read(kept, signer).origin) == ((signer,), signed_log.notary.origin)
    for trusted in signed_log.keys:
        assert signed_log.faults(trusted) == []
    assert "none of the log's keys is a trusted one" in signed_log.faults("A" * 43 + "=")[0]


def test_keys_can_be_rotated_again_and_again(sqlite_log):
    for _ in range(3):
        sqlite_log.tell(2)
        sqlite_log.rotate()
    assert len(set(sqlite_log.keys)) == 4
    for trusted in sqlite_log.keys:
        assert sqlite_log.faults(trusted) == []


def test_a_process_that_runs_on_signs_with_the_new_key(signed_log):
    """Another process rotated; this one read the old key long ago."""
    signed_log.tell()
    folder = signed_log.notary.folder
    other = SignedLog(Database(signed_log.database.url, None, notary=Notary.open(folder)), Notary.open(folder))
    other.rotate()
    other.database.close()
    signed_log.tell(2, seconds=90)
    assert signed_log.faults() == []


def test_a_key_drawn_but_never_entered_changes_nothing(sqlite_log):
    """Killed between the file and the commit: the next try draws another."""
    sqlite_log.tell()
    sqlite_log.notary.draw(sqlite_log.at)
    (sqlite_log.notary.folder / "log-half.key").write_bytes(b"half of a ke")
    reopened = Notary.open(sqlite_log.notary.folder)
    with sqlite_log.database.reading() as session:
        assert reopened.signer(session).public == sqlite_log.keys[0]
    sqlite_log.rotate()
    sqlite_log.tell(seconds=90)
    assert sqlite_log.faults() == []


def test_a_log_whose_key_is_changed_by_killed_processes_goes_on(sqlite_log):
    """Killed at any moment, a few times; a hundred times on both databases in `make soak`. The seed is printed."""
    seed = int.from_bytes(os.urandom(4), "big")
    print("seed", seed)
    rotated, drawn = kill(sqlite_log, 4, random.Random(seed))
    assert drawn >= rotated


def test_a_rotation_rolled_back_leaves_the_old_key_in_force(signed_log):
    signed_log.tell()
    fresh = signed_log.notary.draw(signed_log.at)

    def fail():
        with signed_log.database.writing() as session:
            rotate(session, signed_log.notary, fresh, by=ADMIN, at=signed_log.at)
            session.flush()
            _ = 1 / 0

    with pytest.raises(ZeroDivisionError):
        fail()
    signed_log.tell(seconds=90)
    assert signed_log.signed == [1, 2]
    assert signed_log.faults() == []


def test_a_rotation_stands_alone_in_its_transaction(sqlite_log):
    fresh = sqlite_log.notary.draw(sqlite_log.at)
    with sqlite_log.database.writing() as session:
        note(session, Event(action="test:told", subject="x", by=ADMIN, at=sqlite_log.at))
        with pytest.raises(WrongState, match="something else changes"):
            rotate(session, sqlite_log.notary, fresh, by=ADMIN, at=sqlite_log.at)
    assert sqlite_log.size == 1


def test_a_key_that_was_the_logs_does_not_come_back(sqlite_log):
    sqlite_log.rotate()
    first = Signer.load(sqlite_log.notary.folder / "log.key")
    with sqlite_log.database.reading() as session:
        current = sqlite_log.notary.signer(session)
    for known in (first, current):
        with pytest.raises(WrongState, match="has been the log's before"), sqlite_log.database.writing() as session:
            rotate(session, sqlite_log.notary, known, by=ADMIN, at=sqlite_log.at)


def test_without_the_key_in_force_nothing_that_must_be_signed_commits(signed_log):
    signed_log.rotate()
    (path,) = signed_log.notary.folder.glob("log-*.key")
    shutil.move(path, path.with_suffix(".away"))
    lost = SignedLog(
        Database(signed_log.database.url, None, notary=Notary.open(signed_log.notary.folder)), signed_log.notary
    )
    size = signed_log.size
    with pytest.raises(KeyFileError, match="is in no file that can be read"):
        lost.tell_together(["release:withdrawn"])
    assert signed_log.size == size
    shutil.move(path.with_suffix(".away"), path)
    lost.tell_together(["release:withdrawn"])
    lost.database.close()
    assert signed_log.faults() == []


def test_the_old_key_may_be_destroyed(sqlite_log):
    sqlite_log.tell()
    sqlite_log.rotate()
    (sqlite_log.notary.folder / "log.key").unlink()
    reopened = Notary.open(sqlite_log.notary.folder)
    with sqlite_log.database.reading() as session:
        assert reopened.signer(session).public == sqlite_log.keys[1]
        assert notes.read(checkpoint.note_at(session, reopened, 1), sqlite_log.keys[0]).size == 1
    sqlite_log.tell(5)
    with sqlite_log.database.reading() as session:
        assert notes.read(checkpoint.note_at(session, reopened, 5), sqlite_log.keys[1]).size == 5


def test_a_size_of_the_old_key_that_was_never_signed_is_not_signed_later(sqlite_log):
    sqlite_log.tell(3)
    sqlite_log.rotate()
    with pytest.raises(WrongState, match="key has changed since"), sqlite_log.database.reading() as session:
        checkpoint.note_at(session, sqlite_log.notary, 2)


def test_a_rotation_that_was_altered_is_told_and_signs_nothing(sqlite_log):
    """Behind the triggers, as an operator could."""
    sqlite_log.rotate()
    with sqlite_log.database.writer.connect() as connection:
        connection.execute(text("DROP TRIGGER entry_fixed"))
        connection.execute(text("UPDATE log_entry SET body = CAST('{}' AS BLOB) WHERE seq = 0"))
        connection.commit()
    with pytest.raises(DamagedEntry, match="entry 0"), sqlite_log.database.reading() as session:
        sqlite_log.notary.signer(session)
    assert "0: the entry does not hash to node 0/0" in sqlite_log.faults()
