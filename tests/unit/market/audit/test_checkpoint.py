"""A checkpoint is a C2SP signed note: readable by others, signed by the log's key and no other."""

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from anonymize.signing import Signer
from market.audit import checkpoint
from market.audit.checkpoint import Checkpoint
from market.audit.models import LogCheckpoint

STATED = Checkpoint("sluice.log/test", 5, bytes(range(32)))


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    return Signer.create(tmp_path_factory.mktemp("keys") / "log.key")


def test_a_note_has_the_form_of_c2sp(key):
    """Origin, size, root, a blank line; then an em dash, the name, and key hash and signature in base64."""
    note = checkpoint.sign(STATED, key)
    text, signature = note.split("\n\n")
    assert f"{text}\n" == f"sluice.log/test\n5\n{base64.b64encode(bytes(range(32))).decode()}\n"
    dash, name, encoded = signature.rstrip("\n").split(" ")
    assert (dash, name) == ("—", "sluice.log/test")
    raw, public = base64.b64decode(encoded), base64.b64decode(key.public)
    assert raw[:4] == hashlib.sha256(b"sluice.log/test\n\x01" + public).digest()[:4]
    Ed25519PublicKey.from_public_bytes(public).verify(raw[4:], f"{text}\n".encode())
    assert note.endswith("\n")


@given(st.integers(0, 2**63), st.binary(min_size=32, max_size=32))
def test_a_note_reads_back_to_what_was_signed(key, size, root):
    stated = Checkpoint("sluice.log/test", size, root)
    assert checkpoint.read(checkpoint.sign(stated, key), key.public) == stated


def test_a_note_signed_by_another_key_is_refused(key, tmp_path):
    other = Signer.create(tmp_path / "other.key")
    with pytest.raises(ValueError, match="not signed by the log's key"):
        checkpoint.read(checkpoint.sign(STATED, other), key.public)


@pytest.mark.parametrize(
    ("old", "new"),
    [("\n5\n", "\n6\n"), ("sluice.log/test\n5", "sluice.log/tess\n5"), ("AAEC", "BAEC"), ("\n\n— ", "\nmore\n\n— ")],
)
def test_an_altered_note_is_refused(key, old, new):
    note = checkpoint.sign(STATED, key)
    assert old in note
    with pytest.raises(ValueError, match="not signed by the log's key"):
        checkpoint.read(note.replace(old, new, 1), key.public)


def test_a_signature_under_another_key_name_is_refused(key):
    """The four bytes before the signature name the key; a note that names another is not ours."""
    note = checkpoint.sign(STATED, key)
    head, _, encoded = note.rstrip("\n").rpartition(" ")
    raw = base64.b64decode(encoded)
    other = base64.b64encode(bytes(4) + raw[4:]).decode()
    with pytest.raises(ValueError, match="not signed"):
        checkpoint.read(f"{head} {other}\n", key.public)


def test_a_witness_may_add_its_own_signature(key):
    note = checkpoint.sign(STATED, key) + "— witness.example AAAA\n"
    assert checkpoint.read(note, key.public) == STATED


@pytest.mark.parametrize(
    "note",
    [
        "",
        "\n\n",
        "a\n5\n\n— a AAAA\n",
        "a\n-5\nAAAA\n\n— a AAAA\n",
        "a\nb\nAAAA\n\n— a AAAA\n",
        "a\n5\n!\n\n— a AAAA\n",
    ],
)
def test_what_is_no_note_is_refused(key, note):
    with pytest.raises(ValueError):
        checkpoint.read(note, key.public)


def test_the_tree_is_signed_as_it_is_and_the_same_size_once(any_world, key):
    def take():
        with any_world.writing() as session:
            return checkpoint.take(session, key, origin=STATED.origin, at=any_world.now())

    one, same = take(), take()
    assert (one.size, one.note) == (same.size, same.note)
    any_world.propose()
    other = take()
    assert other.size == one.size + 1
    with any_world.reading() as session:
        kept = session.get_one(LogCheckpoint, other.size)
        assert checkpoint.read(kept.note, key.public).size == other.size
