"""A release of several editions: each with its own files, approved together with what was measured joined."""

import json

import pytest
from sqlalchemy import text

from anonymize.signing import Signer
from anonymize.signing import verify as verify_signature
from catalog.errors import NotPermitted, WrongState
from catalog.events import Event, note
from catalog.ids import MemberId
from catalog.lifecycle import State
from catalog.publishing import approval_message, check_approval
from catalog.releases import editions_of, files_in, joined_hash
from market.audit import log
from market.audit.verify import verify
from tests.common import words
from tests.common.clock import BEGIN

WORDS = {"open": "coarse", "controlled": "finer", "enclave": "finest"}
JOINED = {"k": 12, "against": []}


def tamper(world, statement, *, without=()):
    with world.writing() as session:
        for trigger in without:
            session.connection().execute(text(f"DROP TRIGGER {trigger}"))
        session.connection().execute(text(statement))
        note(session, Event(action="test:tampered", subject="x", by=MemberId("m"), at=BEGIN))


def entries(world, action):
    with world.reading() as session:
        bodies = [log.entry_body(session, seq) for seq in range(log.size(session))]
    return [body["details"] for body in bodies if body["action"] == action]


def test_each_edition_keeps_its_own_manifest_and_files(any_world):
    release = words.published(any_world, WORDS)
    with any_world.reading() as session:
        found = {edition.profile: edition for edition in editions_of(session, release)}
    assert list(found) == sorted(WORDS)
    assert {profile: edition.rows for profile, edition in found.items()} == {p: len(word) for p, word in WORDS.items()}
    assert len({edition.manifest for edition in found.values()}) == len(WORDS)
    for profile, edition in found.items():
        (sha256,) = words.hashes_of(any_world, edition.id)
        assert any_world.store.open_path(sha256).read_text() == WORDS[profile]
    assert entries(any_world, "release:published")[0]["editions"] == sorted(WORDS)


def test_files_exchanged_between_editions_are_not_published(world):
    """All of them were approved, but not the finest one as the open edition."""
    release = words.proposed(world, WORDS)
    world.approve(release)
    with world.reading() as session:
        found = {edition.profile: edition.id for edition in editions_of(session, release)}
    one, other = found["open"], found["enclave"]
    (first,), (second,) = words.hashes_of(world, one), words.hashes_of(world, other)
    tamper(world, f"UPDATE edition_file SET sha256 = '{second}' WHERE edition_id = '{one}'")
    tamper(world, f"UPDATE edition_file SET sha256 = '{first}' WHERE edition_id = '{other}'")
    with pytest.raises(NotPermitted, match="are not those that were approved"):
        world.publish(release)


def test_an_edition_taken_away_after_the_approval_is_missed(world):
    release = words.proposed(world, WORDS)
    world.approve(release)
    with world.reading() as session:
        gone = editions_of(session, release)[0].id
    tamper(world, f"DELETE FROM edition_file WHERE edition_id = '{gone}'")
    tamper(world, f"DELETE FROM edition WHERE id = '{gone}'")
    with pytest.raises(NotPermitted, match="are not those that were approved"):
        world.publish(release)


def test_the_first_format_of_evidence_had_one_edition():
    files = [{"path": "controlled/part-00000.parquet"}]
    assert files_in({"edition": "controlled", "files": files}) == {"controlled": files}


def test_the_approval_signs_what_was_measured_joined(any_world):
    release = words.proposed(any_world, WORDS, joined=JOINED)
    any_world.approve(release)
    row = any_world.release(release)
    assert json.loads(row.joined) == JOINED
    key, signature = row.approver_key, row.approval
    assert verify_signature(key, signature, approval_message(release, row.evidence_hash, joined_hash(row)))
    assert not verify_signature(key, signature, approval_message(release, row.evidence_hash))
    any_world.publish(release)
    with any_world.reading() as session:
        assert list(verify(session, Signer.create(any_world.folder / "log.key").public)) == []


@pytest.mark.parametrize("altered", ['{"k":99}', "{}"])
def test_what_was_measured_joined_and_altered_after_the_approval_publishes_nothing(world, altered):
    release = words.proposed(world, WORDS, joined=JOINED)
    world.approve(release)
    tamper(world, f"UPDATE release SET joined = '{altered}'".replace(":", "\\:"), without=["evidence_fixed"])
    with pytest.raises(NotPermitted, match="no valid approval"):
        world.publish(release)


def test_what_was_measured_joined_and_altered_once_published_is_found_by_the_verifier(world):
    release = words.proposed(world, WORDS, joined=JOINED)
    world.approve(release)
    world.publish(release)
    tamper(world, "UPDATE release SET joined = '{}'", without=["evidence_fixed"])
    with world.reading() as session:
        faults = list(verify(session, Signer.create(world.folder / "log.key").public))
    assert any("no valid approval" in str(fault) for fault in faults)


def test_an_approval_of_the_first_version_stays_valid_but_publishes_nothing_unmeasured(world):
    release = words.proposed(world, WORDS, joined={})
    row = world.approve(release)
    assert joined_hash(row) is None
    assert verify_signature(row.approver_key, row.approval, approval_message(release, row.evidence_hash))
    check_approval(row)
    with pytest.raises(WrongState, match="was not measured together with what is published"):
        world.publish(release)


def test_what_was_measured_before_something_else_was_published_is_measured_again(any_world):
    early, other = words.proposed(any_world, WORDS), words.proposed(any_world, {"open": "other"})
    for release in (early, other):
        any_world.approve(release)
    any_world.publish(other)
    with pytest.raises(WrongState, match="Propose what was built again"):
        any_world.publish(early)
    words.published(any_world, WORDS)


def test_the_next_release_names_the_one_it_supersedes(any_world):
    first = words.published(any_world, WORDS)
    second = words.published(any_world, {"open": "other"})
    assert any_world.release(first).state == State.SUPERSEDED
    assert [told["previous"] for told in entries(any_world, "release:published")] == [[], [first]]
    assert any_world.release(second).state == State.PUBLISHED
