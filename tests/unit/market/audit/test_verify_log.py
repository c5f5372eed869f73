"""The verifier stands alone: one short file of plain Python that agrees with others on every signature and proof."""

import ast
import base64
import random
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymize import signing
from market.audit import merkle, verify_log
from tests.common.witnesses import GrownLog

SOURCE = verify_log.__file__

RFC8032 = [
    # key, message, signature: tests 1, 2 and 3 of RFC 8032 §7.1
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
        "d25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
        "387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
        "4a7c15e9716ed28dc027beceea1ec40a",
    ),
]


def test_it_is_one_short_file_of_the_standard_library():
    text = Path(SOURCE).read_text("utf-8")
    assert len(text.splitlines()) <= 250
    names = set()
    for item in ast.walk(ast.parse(text)):
        if isinstance(item, ast.Import):
            names |= {alias.name for alias in item.names}
        elif isinstance(item, ast.ImportFrom):
            names.add(item.module)
    assert names <= sys.stdlib_module_names


def test_it_runs_without_site_packages_and_says_how_it_is_used():
    done = subprocess.run([sys.executable, "-I", "-S", SOURCE, "--help"], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "--key" in done.stdout
    done = subprocess.run([sys.executable, "-I", "-S", SOURCE], capture_output=True, text=True, check=False)
    assert done.returncode == 2


@pytest.mark.parametrize(("key", "message", "signature"), RFC8032)
def test_the_published_signatures_verify(key, message, signature):
    given = [bytes.fromhex(part) for part in (key, signature, message)]
    assert verify_log.signed(*given)
    for position in range(64):
        changed = bytearray(given[1])
        changed[position] ^= 1
        assert not verify_log.signed(given[0], bytes(changed), given[2])


@settings(max_examples=40)
@given(st.binary(max_size=100), st.integers(0, 2**512 - 1), st.data())
def test_signatures_verify_as_they_do_elsewhere(message, noise, data):
    """Valid ones, altered ones and noise: the two implementations say the same of each."""
    private = Ed25519PrivateKey.from_private_bytes(data.draw(st.binary(min_size=32, max_size=32)))
    public, signature = private.public_key().public_bytes_raw(), private.sign(message)
    assert verify_log.signed(public, signature, message)
    altered = bytearray(signature)
    altered[data.draw(st.integers(0, 63))] ^= 1 << data.draw(st.integers(0, 7))
    order = verify_log.ORDER
    shifted = signature[:32] + (int.from_bytes(signature[32:], "little") + order).to_bytes(32, "little")
    for other in (bytes(altered), noise.to_bytes(64, "big"), signature[:63], signature + b"\0", b"", shifted):
        ours = verify_log.signed(public, other, message)
        text = base64.b64encode(public).decode(), base64.b64encode(other).decode()
        assert ours is signing.verify(*text, message)


@pytest.mark.parametrize("raw", [b"", bytes(31), bytes(33), b"\xff" * 32, (2).to_bytes(32, "little")])
def test_what_is_no_key_is_refused(raw):
    with pytest.raises(ValueError):
        verify_log.decode(raw)


def test_inclusion_is_verified_as_in_the_log_itself():
    """Every proof of every small tree, and each with something changed: both say the same."""
    random_ = random.Random(7)
    tree = GrownLog(None).grow(20)
    for size in range(1, 21):
        root = tree.root(size)
        assert verify_log.root_of(peaks(tree, size)) == root
        for index in range(size):
            leaf, proof = tree.node(0, index), merkle.inclusion_proof(index, size, tree.node)
            assert verify_log.included(leaf, index, size, proof, root)
            for other in ([*proof, root], proof[:-1], proof[1:], proof[::-1], [random_.randbytes(32), *proof[1:]]):
                for place in (index, index + 1, index ^ 1, -1, size):
                    given = (leaf, place, size, other, root)
                    assert guarded(*given) is merkle.verify_inclusion(*given), given


def guarded(*given):
    """A proof that is too short runs out, which the verifier takes for bad."""
    try:
        return verify_log.included(*given)
    except IndexError:
        return False


def peaks(tree, size):
    """The complete subtrees of a tree, largest first."""
    found, start = [], 0
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            found.append(tree.node(level, start >> level))
            start += 1 << level
    return found


def test_an_empty_tree_has_the_hash_of_nothing():
    assert verify_log.root_of([]) == merkle.EMPTY_ROOT
