"""A release is published over bytes that were approved by a second key, and withdrawn for good."""

import json

import pytest
from sqlalchemy import text

from anonymize.signing import Signer
from catalog import publishing
from catalog.actors import Actor
from catalog.errors import DamagedBlob, NotFound, NotPermitted, WrongState
from catalog.events import Event, note
from catalog.ids import MemberId
from catalog.lifecycle import State
from catalog.releases import joined_hash
from market.audit import log
from market.parties.models import Role
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
    message = publishing.approval_message(release, evidence or row.evidence_hash, joined_hash(row))
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
    document["body"]["source"]["rows"] = 10**6
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


def test_an_unknown_release_is_not_found(world):
    for step in (world.approve, world.publish, world.withdraw, world.release):
        with pytest.raises(NotFound, match="there is none"):
            step("01UNKNOWN")
