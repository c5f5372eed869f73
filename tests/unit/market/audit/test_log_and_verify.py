"""The log proves itself, and whoever alters it behind the triggers is found out."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from anonymize.signing import Signer
from catalog import publishing
from catalog.events import Event, note
from catalog.ids import MemberId
from catalog.releases import joined_hash
from market.audit import checkpoint, log, merkle
from market.audit.verify import verify
from tests.common.clock import BEGIN

ORIGIN = "sluice.log/test"


@pytest.fixture
def key(tmp_path):
    return Signer.create(tmp_path / "log.key")


@pytest.fixture
def told(any_world, key):
    """Give a world with a published release and a checkpoint over all that was told."""
    any_world.published()
    with any_world.writing() as session:
        checkpoint.take(session, key, origin=ORIGIN, at=any_world.now())
    return any_world


def size(world):
    with world.reading() as session:
        return log.size(session)


def bypass(world, *statements, without=()):
    """Change the log as an operator could: the triggers dropped first, and past every hook."""
    with world.database.writer.connect() as connection:
        postgresql = connection.dialect.name == "postgresql"
        for trigger, table in without:
            connection.execute(text(f"DROP TRIGGER {trigger}" + (f" ON {table}" if postgresql else "")))
        for statement in statements:
            connection.execute(text(statement))
        connection.info.pop("changed", None)
        connection.commit()


def faults(world, key):
    with world.reading() as session:
        return verify(session, key.public)


def found(world, key):
    return " | ".join(fault.found for fault in faults(world, key))


def test_an_honest_log_holds(told, key):
    assert faults(told, key) == []
    told.withdraw(told.published(2))
    assert faults(told, key) == []


def test_an_empty_log_holds(any_database, key):
    with any_database.reading() as session:
        assert verify(session, key.public) == []
        assert log.root(session, 0) == merkle.EMPTY_ROOT


def test_every_entry_is_proved_in_every_later_tree(told):
    with told.reading() as session:
        for index in range(log.size(session)):
            body = publishing.canonical_json(log.entry_body(session, index))
            for at_size in range(index + 1, log.size(session) + 1):
                proof = log.prove(session, index, at_size)
                root = log.root(session, at_size)
                assert merkle.verify_inclusion(merkle.leaf_hash(body), index, at_size, proof.hashes, root)


FIXED = [("entry_fixed", "log_entry")]
STAYS = [("entry_stays", "log_entry")]


def test_an_altered_entry_is_found(told, key):
    bypass(told, "UPDATE log_entry SET body = (SELECT body FROM log_entry WHERE seq = 2) WHERE seq = 3", without=FIXED)
    assert {fault.seq for fault in faults(told, key)} >= {3}
    assert "the entry does not hash to node 0/3" in found(told, key)


def test_an_entry_that_became_nonsense_is_found(told, key):
    last = size(told) - 1
    nonsense = "convert_to('[]', 'UTF8')" if told.database.writer.dialect.name == "postgresql" else "CAST('[]' AS BLOB)"
    bypass(told, f"UPDATE log_entry SET body = {nonsense} WHERE seq = {last}", without=FIXED)
    assert f"node 0/{last}" in found(told, key)
    assert "the log's root is not the one that was signed" in found(told, key)


@pytest.mark.parametrize("column", ["action", "subject", "by"])
def test_an_entry_hidden_from_search_is_found(told, key, column):
    bypass(told, f"UPDATE log_entry SET \"{column}\" = 'x' WHERE seq = 3", without=FIXED)
    assert faults(told, key)[0].seq == 3
    assert "the columns by which the entry is found" in found(told, key)


def test_a_moment_altered_is_found(told, key):
    bypass(told, "UPDATE log_entry SET at = (SELECT at FROM log_entry WHERE seq = 1) WHERE seq = 3", without=FIXED)
    assert [fault.seq for fault in faults(told, key)] == [3]


def test_a_removed_entry_is_found(told, key):
    bypass(told, "DELETE FROM log_entry WHERE seq = 4", without=STAYS)
    assert faults(told, key)[0].seq == 4
    assert "the entry is missing" in found(told, key)


def test_an_altered_node_is_found(told, key):
    bypass(
        told,
        "UPDATE log_node SET hash = (SELECT hash FROM log_node WHERE level = 0 AND position = 0) "
        "WHERE level = 1 AND position = 1",
        without=[("node_fixed", "log_node")],
    )
    assert "the entry does not hash to node 1/1" in found(told, key)


def test_a_removed_node_is_found(told, key):
    bypass(told, "DELETE FROM log_node WHERE level = 0", without=[("node_stays", "log_node")])
    assert len(faults(told, key)) == size(told)


def test_an_added_node_is_found(told, key):
    bypass(told, "INSERT INTO log_node SELECT 9, 0, hash FROM log_node WHERE level = 0 AND position = 0")
    assert found(told, key) == "node 9/0 belongs to no entry"


def test_an_entry_past_the_head_is_found(told, key):
    count = size(told)
    bypass(
        told,
        f'INSERT INTO log_entry SELECT {count}, at, action, subject, "by", body FROM log_entry WHERE seq = 0',
    )
    assert f"the log has {count + 1} entries, its head says {count}" in found(told, key)


def cut(world, keep):
    levels = " OR ".join(f"(level = {level} AND position >= {keep >> level})" for level in range(20))
    bypass(
        world,
        f"DELETE FROM log_entry WHERE seq >= {keep}",
        f"DELETE FROM log_node WHERE {levels}",
        f"UPDATE log_head SET size = {keep}",
        without=[*STAYS, ("node_stays", "log_node"), ("head_grows", "log_head")],
    )


def test_a_log_cut_off_behind_a_checkpoint_is_found(told, key):
    cut(told, size(told) - 1)
    assert "a checkpoint is ahead of the log: entries were cut off" in found(told, key)


def test_a_log_rewritten_behind_a_checkpoint_is_found(told, key):
    """Cut, and grown again to the same length with another entry: a consistent tree, but not the signed one."""
    cut(told, size(told) - 1)
    with told.writing() as session:
        note(session, Event(action="dataset:registered", subject="x", by=MemberId("m"), at=BEGIN))
    assert "the log's root is not the one that was signed" in found(told, key)


def test_a_checkpoint_by_another_key_is_found(told, tmp_path):
    other = Signer.create(tmp_path / "other.key")
    assert found(told, other) == "checkpoint: the checkpoint is not signed by the log's key"


def test_a_checkpoint_kept_under_another_size_is_found(told, key):
    bypass(told, "UPDATE log_checkpoint SET size = 1", without=[("checkpoint_fixed", "log_checkpoint")])
    assert "the checkpoint kept for this size speaks of" in found(told, key)


def publish_alone(world, approval_by):
    """Publish a release past the services, with entries as they would be written, signed by *approval_by*."""
    release = world.propose(2)
    row, steward = world.release(release), world.people["steward"]
    signature = approval_by.signer.sign(publishing.approval_message(release, row.evidence_hash, joined_hash(row)))
    key = approval_by.signer.public
    with world.writing() as session:
        given = {"evidence": row.evidence_hash, "joined": joined_hash(row), "key": key, "signature": signature}
        note(session, Event(action="release:approved", subject=release, by=approval_by.id, at=BEGIN, details=given))
        details = {"dataset": row.dataset_id, "evidence": row.evidence_hash, "joined": joined_hash(row)}
        note(session, Event(action="release:published", subject=release, by=steward.id, at=BEGIN, details=details))
        session.connection().execute(
            text(
                "UPDATE release SET state = 'published', approver_id = :by, approver_key = :key, approval = :signed"
                f" WHERE id = '{release}'"
            ),
            {"by": approval_by.id, "key": key, "signed": signature},
        )


def test_a_publication_with_the_authors_signature_alone_is_found(told, key):
    publish_alone(told, told.people["steward"])
    assert "a release was published without a valid signature by a second key" in found(told, key)
    assert "it carries no valid approval by a second key" in found(told, key)


def test_a_publication_signed_by_a_key_of_nobodys_is_found(told, key):
    forged = Signer.create(told.folder / "forger.key")
    publish_alone(told, replace(told.people["approver"], signer=forged))
    assert found(told, key) == "a release was published without a valid signature by a second key"


def test_a_publication_without_a_proposal_is_found(told, key):
    with told.writing() as session:
        note(session, Event(action="release:published", subject="ghost", by=MemberId("m"), at=BEGIN))
    assert found(told, key) == "a release was published without a proposal and an approval"


def test_a_publication_whose_entries_lack_what_proves_it_is_found(told, key):
    with told.writing() as session:
        for action in ("release:proposed", "release:approved", "release:published"):
            note(session, Event(action=action, subject="ghost", by=MemberId("m"), at=BEGIN))
    assert found(told, key) == "a release was published without a valid signature by a second key"


def test_a_release_published_past_the_log_is_found(told, key):
    release = told.propose(2)
    bypass(told, f"UPDATE release SET state = 'published' WHERE id = '{release}'")
    assert f"release {release} is published, the log says assessed" in found(told, key)
    assert "it carries no valid approval by a second key" in found(told, key)


def test_a_withdrawn_release_brought_back_past_the_log_is_found(told, key):
    release = told.published(2)
    told.withdraw(release)
    assert faults(told, key) == []
    bypass(told, f"UPDATE release SET state = 'published' WHERE id = '{release}'")
    assert found(told, key) == f"release {release} is published, the log says withdrawn"


NONSENSE = [
    ("release:published", {"evidence": 5}),
    ("release:approved", {"key": 5, "signature": [], "evidence": None}),
    ("deletion:attested", {"release": 1, "evidence": 2, "statement": 3, "key": [], "signature": {}}),
    ("member:added", {"key": {"a": 1}}),
    ("member:key-rotated", {"old": 5, "new": [], "old_signature": 5, "new_signature": None}),
    ("log:erased", {"seq": [], "names": [{}]}),
    ("log:erased", {"seq": 1, "names": 5}),
    ("log:key-rotated", {"size": 5}),
]


def test_entries_that_say_nonsense_are_told_of_and_not_stumbled_over(told, key):
    for action, details in NONSENSE:
        with told.writing() as session:
            note(session, Event(action=action, subject="ghost", by=MemberId("m"), at=BEGIN, details=details))
    with told.writing() as session:
        details = {"evidence": 5, "key": None}
        for action in ("release:proposed", "release:approved", "release:published"):
            note(session, Event(action=action, subject="ghost", by=MemberId("m"), at=BEGIN, details=details))
    first = size(told) - len(NONSENSE) - 3
    named = {fault.seq for fault in faults(told, key)}
    assert named >= {first, first + 2, first + 4, first + 5, first + 6, first + 7, size(told) - 1}
    assert min(named - {0}) >= first  # 0: the rotation is of a log by another name
