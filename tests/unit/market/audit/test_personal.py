"""What entries say of people is kept apart, checked against its commitment, and can be erased; every proof stays."""

import sqlite3

import pytest
from sqlalchemy import delete, text

from catalog.errors import NotFound, WrongState
from catalog.events import Event, note
from market.audit import erasure, log, verify_log
from market.audit.commitments import commit
from market.audit.hook import UnwitnessedChange
from tests.common.signed_log import ADMIN

WORDS = {"name": "李雷 canary-of-a-name", "statement": "Safer crossings, canary-of-a-statement"}


def say(made):
    """Let a log say something of a person in its entry 1."""
    made.tell()
    made.tell(personal=WORDS)
    made.tell()
    return made


@pytest.fixture
def told(sqlite_log):
    """Give a log that says something of a person, on SQLite."""
    return say(sqlite_log)


@pytest.fixture
def any_told(signed_log):
    """Give one on each kind of database in turn."""
    return say(signed_log)


def erase(told, seq=1, name=None):
    with told.database.writing() as session:
        return erasure.erase(session, seq, name=name, by=ADMIN, at=told.at)


def fields(told, seq=1):
    with told.database.reading() as session:
        return {field.name: (field.text, field.proved) for field in erasure.fields_of(session, seq)}


def raw(told, seq=1):
    with told.database.reading() as session:
        return session.connection().execute(log.select(log.ENTRIES.c.body).where(log.ENTRIES.c.seq == seq)).scalar_one()


def test_an_entry_holds_commitments_and_not_the_words(told):
    assert b"canary" not in raw(told)
    with told.database.reading() as session:
        body = log.entry_body(session, 1)
        kept = session.connection().execute(log.SECRETS.select()).all()
    assert body["personal"] == {row.name: commit(row.text, bytes.fromhex(row.salt)) for row in kept}
    assert {row.name: row.text for row in kept} == WORDS
    assert len({row.salt for row in kept}) == 2
    assert all(len(bytes.fromhex(row.salt)) == 32 for row in kept)


def test_an_entry_without_personal_words_says_nothing_of_them(told):
    assert b"personal" not in raw(told, 0)


def test_the_words_are_revealed_with_their_commitment_checked(any_told):
    assert fields(any_told) == {name: (words, True) for name, words in WORDS.items()}
    assert fields(any_told, 0) == {}
    with pytest.raises(NotFound, match="entry 9"):
        fields(any_told, 9)


def test_the_same_words_have_another_commitment_each_time(sqlite_log):
    sqlite_log.tell(2, personal={"name": "same"})
    with sqlite_log.database.reading() as session:
        first, second = (log.entry_body(session, seq)["personal"]["name"] for seq in (0, 1))
    assert first != second


def test_erasing_takes_words_and_salt_and_leaves_every_proof(any_told):
    before, kept = raw(any_told), any_told.sign()
    assert erase(any_told) == ["name", "statement"]
    assert raw(any_told) == before
    assert fields(any_told) == {"name": (None, None), "statement": (None, None)}
    with any_told.database.reading() as session:
        assert session.connection().execute(log.SECRETS.select()).all() == []
        entry = log.entry_body(session, 3)
    assert (entry["action"], entry["details"]) == ("log:erased", {"names": ["name", "statement"], "seq": 1})
    assert any_told.faults() == []
    assert verify_log.Checkpoint(1, kept).size == 3
    any_told.sign()
    (any_told.notary.folder / "export").write_bytes(any_told.exported())
    with (any_told.notary.folder / "export").open("rb") as file:
        assert verify_log.verify(file, any_told.keys, []).startswith("4 entries")


def test_one_field_can_be_erased_alone(told):
    assert erase(told, name="statement") == ["statement"]
    assert fields(told) == {"name": (WORDS["name"], True), "statement": (None, None)}
    assert told.faults() == []


def test_what_is_not_kept_cannot_be_erased(told):
    with pytest.raises(NotFound, match="entry 99"):
        erase(told, 99)
    for seq, name in ((0, None), (1, "other")):
        with pytest.raises(WrongState, match="keeps no such words"):
            erase(told, seq, name)
    erase(told)
    with pytest.raises(WrongState, match="keeps no such words"):
        erase(told)


def test_erasing_without_an_event_is_refused(any_told):
    def by_core(session):
        session.connection().execute(delete(log.SECRETS))

    def by_text(session):
        session.connection().execute(text("DELETE FROM log_secret WHERE seq = 1"))

    for way in (by_core, by_text):
        with pytest.raises(UnwitnessedChange, match="log_secret"), any_told.database.writing() as session:
            way(session)
    assert fields(any_told)["name"] == (WORDS["name"], True)


def test_erased_words_are_in_no_byte_of_the_database(sqlite_log, tmp_path):
    """Looked for in the file and its write-ahead log, while the database stays open, with a positive control."""
    sqlite_log.tell(3, personal=WORDS)
    held = lambda: [path.name for path in tmp_path.glob("sluice.db*") if b"canary-of" in path.read_bytes()]  # noqa: E731 – asked twice
    assert held() != []
    for seq in range(3):
        erase(sqlite_log, seq)
    assert erasure.settle(sqlite_log.database.writer)
    assert held() == []


def test_a_reader_that_still_holds_erased_words_is_told_of(sqlite_log, tmp_path):
    sqlite_log.tell(personal=WORDS)
    reader = sqlite3.connect(tmp_path / "sluice.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM log_secret").fetchall()
    erase(sqlite_log, 0)
    with sqlite_log.database.writer.raw_connection() as connection:
        connection.driver_connection.execute("PRAGMA busy_timeout=100")
    assert not erasure.settle(sqlite_log.database.writer)
    reader.close()
    assert erasure.settle(sqlite_log.database.writer)


def test_settling_writes_the_table_anew(any_told):
    erase(any_told)
    assert erasure.settle(any_told.database.writer)
    any_told.tell(personal=WORDS)
    assert fields(any_told, 4)["name"] == (WORDS["name"], True)


def test_a_savepoint_rolled_back_takes_the_words_along(signed_log):
    with signed_log.database.writing() as session:
        note(session, Event(action="test:told", subject="x", by=ADMIN, at=signed_log.at, personal={"name": "kept"}))
        undone = session.begin_nested()
        note(session, Event(action="test:told", subject="x", by=ADMIN, at=signed_log.at, personal={"name": "undone"}))
        undone.rollback()
    with signed_log.database.reading() as session:
        assert [row.text for row in session.connection().execute(log.SECRETS.select())] == ["kept"]


def bypass(told, statement):
    with told.database.writer.connect() as connection:
        connection.execute(text("DROP TRIGGER log_secret_fixed"))
        connection.execute(text(statement))
        connection.info.pop("changed", None)
        connection.commit()


OTHER = "the name that is kept is not the one that was logged"
NOT_SAID = "which it does not commit to"


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE log_secret SET text = 'x' WHERE name = 'name'", OTHER),
        ("UPDATE log_secret SET salt = 'zz' WHERE name = 'name'", OTHER),
        ("DELETE FROM log_secret WHERE name = 'name'", "its name is gone, and no entry says who erased it"),
        ("UPDATE log_secret SET name = 'age' WHERE name = 'name'", f"words are kept as its age, {NOT_SAID}"),
        ("UPDATE log_secret SET seq = 0 WHERE name = 'name'", f"words are kept as its name, {NOT_SAID}"),
    ],
)
def test_words_that_are_not_those_of_the_entry_are_found(told, statement, found):
    bypass(told, statement)
    assert any(fault.endswith(found) for fault in told.faults())


def test_words_that_were_to_be_erased_and_are_there_are_found(told):
    with told.database.writing() as session:
        details = {"seq": 1, "names": ["name"]}
        note(session, Event(action="log:erased", subject="log", by=ADMIN, at=told.at, details=details))
    assert told.faults() == ["1: its name was erased, and is there"]
