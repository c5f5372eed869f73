"""A member's key can be changed: the old one signs the new one, and what it signed before stays signed."""

from dataclasses import replace

import pytest

from anonymize.signing import Signer
from catalog.actors import Actor
from catalog.events import Event, note
from market.audit.verify import verify
from market.parties.errors import NotAMember, PartyError
from market.parties.members import add_member, holder_of, rotate_key
from market.parties.models import Role


def rotate(world, name, old=None):
    """Give a person of the world a new key; they act with it from now on."""
    actor = world.people[name]
    fresh = Signer.create(world.folder / "keys" / f"{name}-{world.now():%H%M%S}.key")
    with world.writing() as session:
        rotate_key(session, actor.id, old or actor.signer, fresh, at=world.now())
    world.people[name] = replace(actor, signer=fresh)
    return fresh


def faults(world):
    with world.reading() as session:
        return [fault.found for fault in verify(session)]


def test_the_new_key_acts_and_the_old_one_is_nobodys(any_world):
    old = any_world.people["approver"].signer
    fresh = rotate(any_world, "approver")
    with any_world.reading() as session:
        assert holder_of(session, fresh.public, Role.APPROVER).id == any_world.people["approver"].id
        with pytest.raises(NotAMember, match="belongs to no active member"):
            holder_of(session, old.public)
    any_world.published()
    assert faults(any_world) == []


def test_what_the_old_key_signed_stays_signed(any_world):
    """Approved by the old key, published after it was changed, and attested by keys that were changed as well."""
    release = any_world.propose()
    any_world.approve(release)
    rotate(any_world, "approver")
    rotate(any_world, "approver")
    any_world.publish(release)
    any_world.published(2)
    assert faults(any_world) == []


def test_an_approval_by_a_key_that_was_given_up_is_found(world):
    """Written past the services, as an operator could."""
    given_up = world.people["approver"].signer
    rotate(world, "approver")
    release = world.propose()
    world.people["approver"] = replace(world.people["approver"], signer=given_up)
    world.approve(release)
    world.publish(release)
    assert faults(world) == ["a release was published without a valid signature by a second key"]


def test_a_key_is_changed_by_its_holder_alone(world, tmp_path):
    stranger, fresh = Signer.create(tmp_path / "stranger.key"), Signer.create(tmp_path / "fresh.key")
    approver = world.people["approver"]
    for member, old in ((approver.id, stranger), (world.people["steward"].id, approver.signer), ("nobody", stranger)):
        with pytest.raises(NotAMember, match="does not hold this key"), world.writing() as session:
            rotate_key(session, member, old, fresh, at=world.now())
    for taken in (approver.signer, world.people["licensee"].signer):
        with pytest.raises(PartyError, match="belongs to a member already"), world.writing() as session:
            rotate_key(session, approver.id, approver.signer, taken, at=world.now())
    assert faults(world) == []


@pytest.mark.parametrize("wrong", ["old", "new", "old_signature", "new_signature", "by", "subject", "nothing"])
def test_a_change_of_key_that_the_old_one_did_not_sign_is_found(world, wrong, tmp_path):
    approver, fresh = world.people["approver"], Signer.create(tmp_path / "fresh.key")
    with world.writing() as session:
        rotate_key(session, approver.id, approver.signer, fresh, at=world.now())
        (good,) = (noted.event for noted in session.info["events"])
        session.rollback()
    details = {} if wrong == "nothing" else {**good.details, wrong: world.people["steward"].signer.public}
    said = {"subject": approver.id, "by": approver.id}
    if wrong in said:
        details = good.details
        said[wrong] = world.people["steward"].id
    with world.writing() as session:
        note(session, Event(action="member:key-rotated", at=world.now(), details=details, **said))
    assert faults(world) == ["a member's key was changed without a valid signature by the one before"]


def test_a_members_name_is_in_the_log_as_a_commitment_alone(any_world):
    with any_world.writing() as session:
        row = add_member(
            session, name="李雷 canary", role=Role.AUDITOR, public_key="key", at=any_world.now(), by=Actor.__name__
        )
    with any_world.reading() as session:
        from market.audit import erasure, log

        seq = log.size(session) - 1
        body = log.entry_body(session, seq)
        assert (body["subject"], list(body["personal"])) == (row.id, ["name"])
        assert "canary" not in str(body)
        assert [field.text for field in erasure.fields_of(session, seq)] == ["李雷 canary"]
