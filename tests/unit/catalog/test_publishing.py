"""A release is published over bytes that were approved by a second key, and withdrawn for good."""

import json
import shutil
from dataclasses import replace

import pytest
from sqlalchemy import text

from anonymize.errors import EvidenceError
from anonymize.signing import Signer
from catalog import publishing
from catalog.errors import CatalogError, DamagedBlob, NotFound, NotPermitted, WrongState
from catalog.events import Event, note
from catalog.ids import MemberId
from catalog.lifecycle import State
from catalog.models import Dataset, Tombstone
from catalog.publishing import Actor
from market.audit import log
from market.parties.models import Role
from tests.common import editions
from tests.common.clock import BEGIN


def tamper(world, statement, *, without=()):
    """Change rows behind the services' back, the triggers in *without* taken away first."""
    with world.writing() as session:
        for trigger, table in without:
            postgresql = session.connection().dialect.name == "postgresql"
            session.connection().execute(text(f"DROP TRIGGER {trigger}" + (f" ON {table}" if postgresql else "")))
        session.connection().execute(text(statement))
        note(session, Event(action="test:tampered", subject="x", by=MemberId("m"), at=BEGIN))


def last_entry(world):
    with world.reading() as session:
        return log.entry_body(session, log.size(session) - 1)


def test_a_release_goes_from_proposal_to_publication_with_an_entry_for_each_step(any_world):
    release = any_world.propose()
    assert any_world.release(release).state == State.ASSESSED
    assert last_entry(any_world)["action"] == "release:proposed"
    any_world.approve(release)
    assert any_world.release(release).state == State.APPROVED
    assert last_entry(any_world)["action"] == "release:approved"
    any_world.publish(release)
    row = any_world.release(release)
    assert (row.state, row.number) == (State.PUBLISHED, 1)
    told = last_entry(any_world)
    assert told["action"] == "release:published"
    assert told["details"]["approval"] == row.approval
    assert told["details"]["evidence"] == row.evidence_hash
    assert row.author_key != row.approver_key
    publishing.check_approval(row)


def test_the_next_release_supersedes_the_one_before(any_world):
    first, second = any_world.published(1), any_world.published(2)
    assert any_world.release(first).state == State.SUPERSEDED
    assert any_world.release(second).state == State.PUBLISHED
    assert any_world.release(second).number == 2


def test_a_release_is_not_published_before_it_is_approved(world):
    release = world.propose()
    with pytest.raises(WrongState, match="must be approved first"):
        world.publish(release)
    assert world.release(release).state == State.ASSESSED


def test_an_author_cannot_approve_their_own_release(world):
    release = world.propose()
    with pytest.raises(NotPermitted, match="its author cannot approve it"):
        world.approve(release, by="steward")


def test_a_person_with_two_roles_cannot_approve_their_own_release(world):
    """Neither their key under another name, nor another key under their name will do."""
    release = world.propose()
    steward = world.people["steward"]
    world.people["same key"] = Actor(world.people["approver"].id, steward.signer)
    world.people["same name"] = Actor(steward.id, world.people["approver"].signer)
    for person in ("same key", "same name"):
        with pytest.raises(NotPermitted, match="its author cannot approve it"):
            world.approve(release, by=person)
    assert world.release(release).state == State.ASSESSED


def test_a_release_is_approved_once(world):
    release = world.propose()
    world.approve(release)
    world.people["another"] = world.enter("another", Role.APPROVER, world.publisher)
    with pytest.raises(WrongState, match="is approved"):
        world.approve(release, by="another")


def forge(world, release, **columns):
    """Approve a release by writing to its row."""
    given = {"state": "approved", "approver_id": "someone", "approver_key": "", "approval": "", **columns}
    values = ", ".join(f"{name} = '{value}'" for name, value in given.items())
    tamper(world, f"UPDATE release SET {values} WHERE id = '{release}'")


def sign(world, release, signer, evidence=None):
    row = world.release(release)
    message = publishing.approval_message(release, evidence or row.evidence_hash)
    return {"approver_key": signer.public, "approval": signer.sign(message)}


def refused(world, release):
    with pytest.raises(NotPermitted, match="no valid approval by a second key"):
        world.publish(release)
    assert world.release(release).published_at is None


def test_a_forged_signature_publishes_nothing(world):
    release, approver = world.propose(), world.people["approver"].signer
    good = sign(world, release, approver)
    forged = [
        {"approver_key": approver.public, "approval": approver.sign(b"something else")},
        {**good, "approval": good["approval"][:-4] + "AAA="},
        {**good, "approval": "no base64!"},
        {**good, "approver_key": Signer.create(world.folder / "other.key").public},
        sign(world, release, approver, evidence="0" * 64),
    ]
    for columns in forged:
        forge(world, release, **columns)
        refused(world, release)


def test_the_authors_own_signature_publishes_nothing(world):
    release, steward = world.propose(), world.people["steward"]
    forge(world, release, **sign(world, release, steward.signer))
    refused(world, release)
    forge(world, release, **sign(world, release, world.people["approver"].signer), approver_id=steward.id)
    refused(world, release)


def test_an_approval_of_another_release_publishes_nothing(world):
    one, other = world.propose(), world.propose()
    world.approve(one)
    row = world.release(one)
    forge(world, other, approver_key=row.approver_key, approval=row.approval)
    refused(world, other)


def test_an_absent_approval_publishes_nothing(world):
    release = world.propose()
    tamper(world, f"UPDATE release SET state = 'approved' WHERE id = '{release}'")
    refused(world, release)


def test_evidence_altered_after_the_approval_publishes_nothing(any_world):
    release = any_world.propose()
    any_world.approve(release)
    document = json.loads(any_world.release(release).evidence)
    document["body"]["risk"]["from_parquet"]["k"] = 1000
    altered = json.dumps(document).replace("'", "''").replace(":", "\\:")
    tamper(
        any_world,
        f"UPDATE release SET evidence = '{altered}' WHERE id = '{release}'",
        without=[("evidence_fixed", "release")],
    )
    refused(any_world, release)


def test_evidence_that_cannot_be_read_publishes_nothing(world):
    release = world.propose()
    world.approve(release)
    tamper(world, f"UPDATE release SET evidence = '[]' WHERE id = '{release}'", without=[("evidence_fixed", "release")])
    refused(world, release)


def test_damaged_bytes_are_not_published(world):
    release = world.propose()
    world.approve(release)
    path = world.store.path(world.files(release)[0])
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    with pytest.raises(DamagedBlob):
        world.publish(release)
    path.unlink()
    with pytest.raises(NotFound):
        world.publish(release)
    assert world.release(release).state == State.APPROVED


def test_files_exchanged_after_the_approval_are_not_published(world):
    """The other bytes are intact, and those of another release: they are not those that were approved."""
    release, other = world.propose(1), world.propose(2)
    world.approve(release)
    tamper(world, f"UPDATE edition_file SET sha256 = '{world.files(other)[0]}'")
    with pytest.raises(NotPermitted, match="are not those that were approved"):
        world.publish(release)


def test_a_folder_signed_by_another_key_is_not_proposed(world):
    with pytest.raises(EvidenceError, match="is not trusted"):
        publishing.store_proposal(world.store, editions.built(1)[0], world.people["approver"].signer.public)
    assert list(world.store.all()) == []


def test_a_proposal_is_made_by_the_key_that_signed_its_evidence(world):
    """Otherwise the evidence's author could approve it under the name of the one who proposed it."""
    proposal = publishing.store_proposal(world.store, editions.built(1)[0], world.people["steward"].signer.public)
    other = world.enter("other steward", Role.STEWARD, world.publisher)
    with pytest.raises(NotPermitted, match="another key than yours"), world.writing() as session:
        publishing.propose(session, proposal, by=other, at=world.now())


def test_an_altered_folder_is_not_proposed(world, tmp_path):
    folder = tmp_path / "built"
    shutil.copytree(editions.built(1)[0], folder)
    part = next(folder.rglob("*.parquet"))
    part.chmod(0o644)
    part.write_bytes(part.read_bytes() + b"!")
    with pytest.raises(EvidenceError, match="other bytes than were signed"):
        publishing.store_proposal(world.store, folder, world.people["steward"].signer.public)
    assert list(world.store.all()) == []


def test_a_proposal_for_an_unknown_dataset_enters_nothing(world):
    proposal = publishing.store_proposal(world.store, editions.built(1)[0], world.people["steward"].signer.public)
    document = json.loads(json.dumps(proposal.document))
    document["body"]["dataset"] = "unknown"
    with pytest.raises(NotFound, match="is not registered"), world.writing() as session:
        publishing.propose(session, replace(proposal, document=document), by=world.people["steward"], at=world.now())


def test_a_dataset_is_registered_once(world):
    with world.reading() as session:
        known = session.get_one(Dataset, editions.DATASET)
        publisher = session.get_one(publishing.Publisher, known.publisher_id)
    with pytest.raises(CatalogError, match="is registered already"), world.writing() as session:
        publishing.register_dataset(
            session,
            id=editions.DATASET,
            publisher=publisher,
            titles=("a", "b"),
            descriptions=("a", "b"),
            source="s",
            by=MemberId("m"),
            at=BEGIN,
        )


def test_an_unknown_release_is_not_found(world):
    for step in (world.approve, world.publish, world.withdraw, world.release):
        with pytest.raises(NotFound, match="there is none"):
            step("01UNKNOWN")


def test_a_withdrawn_release_leaves_a_tombstone_and_its_bytes_are_erased(any_world):
    release = any_world.published()
    files = any_world.files(release)
    any_world.withdraw(release)
    assert any_world.release(release).state == State.WITHDRAWN
    assert all(any_world.store.path(file).exists() for file in files)
    assert any_world.erase() == [release]
    assert not any(any_world.store.path(file).exists() for file in files)
    with any_world.reading() as session:
        stone = session.get_one(Tombstone, release)
        assert (stone.reason, stone.evidence_hash) == ("a worker objected", any_world.release(release).evidence_hash)
        assert stone.erased_at is not None
    assert last_entry(any_world)["details"] == {"files": files}
    assert any_world.erase() == []


def test_a_superseded_release_can_be_withdrawn_and_the_current_one_stays(world):
    first, second = world.published(1), world.published(2)
    world.withdraw(first)
    world.erase()
    assert world.release(second).state == State.PUBLISHED
    world.store.check(world.files(second)[0])


def test_withdrawing_needs_a_published_release_and_a_reason(world):
    release = world.propose()
    with pytest.raises(WrongState):
        world.withdraw(release)
    world.approve(release)
    world.publish(release)
    with pytest.raises(CatalogError, match="no reason is given"), world.writing() as session:
        publishing.withdraw(session, release, reason="  ", by=MemberId("m"), at=world.now())
    world.withdraw(release)
    with pytest.raises(WrongState, match="is withdrawn"):
        world.withdraw(release)
    with pytest.raises(WrongState):
        world.publish(release)


def test_bytes_under_a_legal_hold_stay(world):
    release = world.published()
    world.withdraw(release, legal_hold="a court asked for them")
    assert world.erase() == []
    world.store.check(world.files(release)[0])


def test_bytes_that_a_living_release_shares_stay_until_it_goes(world):
    first, second = world.published(1), world.published(1)
    (shared,) = set(world.files(first)) & set(world.files(second))
    world.withdraw(first)
    world.erase()
    world.store.check(shared)
    world.withdraw(second)
    world.erase()
    assert not world.store.path(shared).exists()


def test_bytes_that_a_held_release_shares_stay(world):
    held, other = world.published(1), world.published(1)
    world.withdraw(held, legal_hold="a court asked for them")
    world.withdraw(other)
    assert world.erase() == [other]
    for file in world.files(held):
        world.store.check(file)


def test_erasing_is_finished_after_a_crash(world):
    """The bytes went before the commit was lost: the tombstone has no date, and the next call gives it one."""
    release = world.published()
    world.withdraw(release)
    with world.writing() as session:
        publishing.erase_withdrawn(session, world.store, by=MemberId("m"), at=world.now())
        session.rollback()
    with world.reading() as session:
        assert session.get_one(Tombstone, release).erased_at is None
    assert world.erase() == [release]


def test_sweeping_removes_what_no_row_speaks_of_and_nothing_else(world):
    release = world.published()
    orphan = world.store.put_bytes(b"of a proposal that never became rows")
    with world.writing() as session:
        assert publishing.sweep(session, world.store) == 1
    assert not world.store.path(orphan.sha256).exists()
    for file in world.files(release):
        world.store.check(file)
    with world.writing() as session:
        assert publishing.sweep(session, world.store) == 0


def test_a_proposal_swept_before_it_was_entered_is_refused(world):
    steward = world.people["steward"]
    proposal = publishing.store_proposal(world.store, editions.built(1)[0], steward.signer.public)
    with world.writing() as session:
        publishing.sweep(session, world.store)
    with pytest.raises(CatalogError, match="was swept"), world.writing() as session:
        publishing.propose(session, proposal, by=steward, at=world.now())
