"""The log's keys follow on each other: whoever trusts one can follow to the others, and nobody can fork them."""

from dataclasses import replace

import pytest

from anonymize.signing import Signer
from market.audit import keys, notes
from market.audit.keys import Chain, Rotation
from market.audit.notes import Checkpoint

ORIGIN = "log.example/one"


@pytest.fixture(scope="module")
def signers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    return [Signer.create(folder / f"{number}.key") for number in range(4)]


@pytest.fixture(scope="module")
def rotations(signers):
    """Three keys: the second signs from the tree of 11 on, the third from that of 21 on."""
    first, second, third, _ = signers
    return [Rotation.sign(ORIGIN, 10, first, second), Rotation.sign(ORIGIN, 20, second, third)]


def stated(size):
    return Checkpoint(ORIGIN, size, bytes(range(32)))


@pytest.mark.parametrize("trusted", [0, 1, 2])
def test_whoever_trusts_one_key_reads_what_each_signed_in_its_time(signers, rotations, trusted):
    for size, signer in ((1, 0), (10, 0), (11, 1), (20, 1), (21, 2), (10**9, 2)):
        note = notes.sign(stated(size), signers[signer])
        assert keys.read(note, rotations, [signers[trusted].public]) == stated(size)


@pytest.mark.parametrize(("size", "signer"), [(11, 0), (21, 0), (10, 1), (21, 1), (20, 2), (5, 3)])
def test_what_a_key_signs_out_of_its_time_counts_for_nothing(signers, rotations, size, signer):
    note = notes.sign(stated(size), signers[signer])
    with pytest.raises(ValueError, match="not signed by the log's key"):
        keys.read(note, rotations, [key.public for key in signers])


def test_a_chain_without_a_trusted_key_convinces_nobody(signers, rotations):
    with pytest.raises(ValueError, match="none of the log's keys is a trusted one"):
        keys.read(notes.sign(stated(5), signers[0]), rotations, [signers[3].public])


def test_without_rotations_the_trusted_keys_sign(signers):
    note = notes.sign(stated(5), signers[1])
    assert keys.read(note, [], [signers[0].public, signers[1].public]) == stated(5)
    with pytest.raises(ValueError, match="not signed"):
        keys.read(note, [], [signers[0].public])


def test_a_rotation_needs_both_signatures_for_this_log_this_size_and_these_keys(signers, rotations):
    first, second, third, fourth = signers
    good = rotations[0]
    other = Rotation.sign(ORIGIN, 10, third, fourth)
    forged = [
        replace(good, size=9),
        replace(good, old=third.public),
        replace(good, new=third.public),
        replace(good, old_signature=other.old_signature),
        replace(good, new_signature=other.new_signature),
        Rotation.sign("log.example/two", 10, first, second),
        Rotation(10, first.public, second.public, good.new_signature, good.old_signature),
    ]
    for rotation in forged:
        with pytest.raises(ValueError, match="without valid signatures"):
            Chain.follow(ORIGIN, [rotation], [first.public])


def test_rotations_that_fork_or_go_back_are_refused(signers, rotations):
    first, second, third, _ = signers
    trusted = [first.public]
    bad = [
        [rotations[0], Rotation.sign(ORIGIN, 20, first, third)],
        [rotations[0], Rotation.sign(ORIGIN, 10, second, third)],
        [rotations[0], Rotation.sign(ORIGIN, 5, second, third)],
        rotations[::-1],
        [rotations[0], rotations[0]],
    ]
    for chain in bad:
        with pytest.raises(ValueError, match="does not follow on"):
            Chain.follow(ORIGIN, chain, trusted)


def test_a_rotation_reads_back_and_what_is_none_is_refused(rotations):
    said = rotations[0].to_dict()
    assert Rotation.read(said) == rotations[0]
    for wrong in ({}, {**said, "size": "10"}, {**said, "size": True}, {**said, "old": 5}, {"size": 10}, [], None):
        with pytest.raises(ValueError, match="rotation of the log's key"):
            Rotation.read(wrong)
