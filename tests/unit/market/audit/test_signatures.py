"""Whoever tampers with what was signed – checkpoints, their moments, cosignatures, the log's keys – is found out."""

import pytest
from sqlalchemy import text

from anonymize.signing import Signer
from catalog.events import Event, note
from market.audit import notes
from market.audit.keys import Rotation
from market.audit.models import LogCheckpoint, LogCosignature, LogWitness
from market.audit.notary import ROTATED
from market.audit.notes import Checkpoint, Note
from tests.common.signed_log import ADMIN, SignedLog

TRIGGERS = ("checkpoint_fixed", "checkpoint_stays")
WITNESS = "witness.example/w1"


@pytest.fixture
def told(sqlite_log):
    """Give a log of 14 entries with checkpoints at 1, 2, 7, 12 and 14, the last three by its second key."""
    sqlite_log.tell(1)
    sqlite_log.rotate()
    sqlite_log.tell(12, seconds=12)
    assert sqlite_log.signed == [1, 2, 7, 12]
    sqlite_log.sign()
    return sqlite_log


def bypass(told, *statements, **values):
    """Change what rests as an operator could: the triggers dropped, and past every hook."""
    with told.database.writer.connect() as connection:
        for trigger in TRIGGERS:
            connection.execute(text(f"DROP TRIGGER {trigger}"))
        for statement in statements:
            connection.execute(text(statement), values)
        connection.info.pop("changed", None)
        connection.commit()


def test_an_honest_log_holds_whatever_key_is_trusted(signed_log):
    signed_log.tell(1)
    signed_log.rotate()
    signed_log.tell(12, seconds=12)
    cosigned(signed_log, 7)
    assert [signed_log.faults(key) for key in signed_log.keys] == [[], []]


def test_a_newest_checkpoint_that_is_gone_is_missed(told):
    bypass(told, "DELETE FROM log_checkpoint WHERE size = 14")
    assert told.faults() == ["14: the newest checkpoint is gone"]


def test_a_checkpoint_moved_in_time_is_found(told):
    bypass(told, "UPDATE log_checkpoint SET at = (SELECT max(at) FROM log_checkpoint) WHERE size = 2")
    assert told.faults() == ["7: the checkpoint is said to be older than the one before it"]


def test_a_checkpoint_by_the_old_key_out_of_its_time_is_found(told):
    """The signature is good, and the root is the log's own."""
    old = Signer.load(told.notary.folder / "log.key")
    with told.database.reading() as session:
        stated = notes.parse(Note.read(session.get_one(LogCheckpoint, 7).note).text)
    bypass(told, "UPDATE log_checkpoint SET note = :note WHERE size = 7", note=notes.sign(stated, old))
    assert told.faults() == ["7: checkpoint: the checkpoint is not signed by the log's key"]


def test_a_checkpoint_of_another_log_is_found(told):
    with told.database.reading() as session:
        kept = notes.parse(Note.read(session.get_one(LogCheckpoint, 14).note).text)
        signer = told.notary.signer(session)
    other = notes.sign(Checkpoint("sluice.log/other", kept.size, kept.root), signer)
    bypass(told, "UPDATE log_checkpoint SET note = :note WHERE size = 14", note=other)
    (fault,) = told.faults()
    assert fault.startswith("0: the log goes by several names: ")


def test_a_checkpoint_that_is_no_note_is_found(told):
    bypass(told, "UPDATE log_checkpoint SET note = 'x' WHERE size = 7")
    assert told.faults() == ["7: checkpoint: no note: it needs a text, a blank line and signature lines"]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"size": 3}, "the log's key was rotated for a tree of 3 entries"),
        ({"old_signature": "AAAA"}, "was rotated at entry 14 without valid signatures"),
        ({"new": 5}, "a rotation of the log's key is malformed"),
    ],
)
def test_a_rotation_that_never_was_is_found(database, tmp_path, said, found):
    """Entered by somebody who can append to the log, but does not hold its key."""
    told = SignedLog.on(database, tmp_path / "keys")
    told.tell(14)
    with told.database.reading() as session:
        old = told.notary.signer(session)
    made = Rotation.sign(told.notary.origin, 14, old, Signer.create(tmp_path / "other"))
    with database.writing() as session:
        details = {**made.to_dict(), **said}
        note(session, Event(action=ROTATED, subject=told.notary.origin, by=ADMIN, at=told.at, details=details))
    assert any(found in fault for fault in told.faults())
    told.database.close()


def cosigned(told, size, *, key=None, line=None):
    """Enter a witness, and what it is said to have signed."""
    signer = Signer.create(told.notary.folder / "witness")
    with told.database.writing() as session:
        kept = session.get_one(LogCheckpoint, size)
        signed = notes.cosign(Note.read(kept.note).text, signer, name=WITNESS, at=told.at)
        at, url = told.at, "http://127.0.0.1:1"
        session.add(LogWitness(name=WITNESS, key=key or signer.public, url=url, added_by=ADMIN, added_at=at))
        session.add(LogCosignature(size=size, witness=WITNESS, at=at, line=line or signed))
        note(session, Event(action="test:told", subject="x", by=ADMIN, at=at))


def test_a_cosignature_that_is_none_of_the_witness_is_found(told):
    cosigned(told, 7, key=told.keys[0])
    assert told.faults() == [f"7: the cosignature of {WITNESS} is not one of that witness under this checkpoint"]


@pytest.mark.parametrize("line", ["x", "— witness.example/w1 AAAA\n", ""])
def test_a_line_that_is_no_cosignature_is_found(told, line):
    cosigned(told, 7, line=line or "\n")
    assert told.faults() == [f"7: the cosignature of {WITNESS} is not one of that witness under this checkpoint"]


def test_a_cosignature_moved_to_another_checkpoint_is_found(told):
    cosigned(told, 7)
    with told.database.writer.connect() as connection:
        connection.execute(text("DROP TRIGGER log_cosignature_fixed"))
        connection.execute(text("UPDATE log_cosignature SET size = 12"))
        connection.commit()
    assert told.faults() == [f"12: the cosignature of {WITNESS} is not one of that witness under this checkpoint"]
