"""A hundred thousand proofs with something changed: none is accepted for what it does not prove."""

import os

import pytest

from tests.common.mutations import wrong_accepts

pytestmark = pytest.mark.soak


def test_no_changed_proof_is_accepted():
    seed = int.from_bytes(os.urandom(4), "big")
    print("seed", seed)
    assert wrong_accepts(100_000, seed) == 0
