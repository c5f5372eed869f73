"""Checkpoints at rest: the tree is signed as it is, and each size once."""

import pytest

from anonymize.signing import Signer
from market.audit import checkpoint, notes
from market.audit.models import LogCheckpoint

ORIGIN = "sluice.log/test"


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    return Signer.create(tmp_path_factory.mktemp("keys") / "log.key")


def test_the_tree_is_signed_as_it_is_and_the_same_size_once(any_world, key):
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
