"""Notes, checkpoints and cosignatures are those of C2SP: others read them, and what is written otherwise is refused."""

import base64
import hashlib
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from anonymize.signing import Signer
from market.audit import notes
from market.audit.notes import Checkpoint, Key, Note

STATED = Checkpoint("sluice.log/test", 5, bytes(range(32)))
ROOT = base64.b64encode(bytes(range(32))).decode()
AT = datetime(2026, 11, 22, 8, 0, 1, 999_999, tzinfo=UTC)


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    return Signer.create(tmp_path_factory.mktemp("keys") / "log.key")


@pytest.fixture(scope="module")
def witness(tmp_path_factory):
    return Signer.create(tmp_path_factory.mktemp("keys") / "witness.key")


def test_a_note_has_the_form_of_c2sp(key):
    """Origin, size, root, a blank line; then an em dash, the name, and key hash and signature in base64."""
    note = notes.sign(STATED, key)
    text, signature = note.split("\n\n")
    assert f"{text}\n" == f"sluice.log/test\n5\n{ROOT}\n"
    dash, name, encoded = signature.rstrip("\n").split(" ")
    assert (dash, name) == ("—", "sluice.log/test")
    raw, public = base64.b64decode(encoded), base64.b64decode(key.public)
    assert raw[:4] == hashlib.sha256(b"sluice.log/test\n\x01" + public).digest()[:4]
    Ed25519PublicKey.from_public_bytes(public).verify(raw[4:], f"{text}\n".encode())
    assert note.endswith("\n")


@given(st.integers(0, 2**63 - 1), st.binary(min_size=32, max_size=32))
def test_a_note_reads_back_to_what_was_signed(key, size, root):
    stated = Checkpoint("sluice.log/test", size, root)
    assert notes.read(notes.sign(stated, key), key.public) == stated


def test_a_note_signed_by_another_key_is_refused(key, tmp_path):
    other = Signer.create(tmp_path / "other.key")
    with pytest.raises(ValueError, match="not signed by the log's key"):
        notes.read(notes.sign(STATED, other), key.public)
    assert notes.read(notes.sign(STATED, other), key.public, other.public) == STATED


@pytest.mark.parametrize(
    ("old", "new"),
    [("\n5\n", "\n6\n"), ("AAEC", "BAEC"), ("\n\n— ", "\nmore\n\n— ")],
)
def test_an_altered_note_is_refused(key, old, new):
    note = notes.sign(STATED, key)
    assert old in note
    with pytest.raises(ValueError, match=r"signature of sluice\.log/test is not valid"):
        notes.read(note.replace(old, new, 1), key.public)


def test_a_note_moved_to_another_origin_is_refused(key):
    note = notes.sign(STATED, key)
    with pytest.raises(ValueError, match="not signed by the log's key"):
        notes.read(note.replace("sluice.log/test\n5", "sluice.log/tess\n5", 1), key.public)


def test_a_signature_under_another_key_name_is_refused(key):
    """The four bytes before the signature name the key; a note that names another is not ours."""
    note = notes.sign(STATED, key)
    head, _, encoded = note.rstrip("\n").rpartition(" ")
    raw = base64.b64decode(encoded)
    other = base64.b64encode(bytes(4) + raw[4:]).decode()
    with pytest.raises(ValueError, match="not signed"):
        notes.read(f"{head} {other}\n", key.public)


def test_signatures_of_unknown_keys_are_ignored(key):
    note = notes.sign(STATED, key) + "— witness.example AAAAAAA=\n" * 16
    assert notes.read(note, key.public) == STATED


@pytest.mark.parametrize(
    "note",
    [
        "",
        "\n\n",
        f"a\n5\n{ROOT}\n\n",
        f"a\n5\n{ROOT}\n\n— a AAAAAAA=",
        f"a\n5\n{ROOT}\n\n- a AAAAAAA=\n",
        f"a\n5\n{ROOT}\n\n— a AAAA\n",
        f"a\n5\n{ROOT}\n\n— a AAAAAAA\n",
        f"a\n5\n{ROOT}\n\n— a AAAAAAB=\n",
        f"a\n5\n{ROOT}\n\n—  AAAAAAA=\n",
        f"a\n5\n{ROOT}\n\n— a+b AAAAAAA=\n",
        f"a\n5\n{ROOT}\n\n— a\u00a0b AAAAAAA=\n",
        f"a\n5\n{ROOT}\n\n— a AAAAAAA= \n",
        f"a\n5\n{ROOT}\nwith\ttab\n\n— a AAAAAAA=\n",
        f"a\n5\n{ROOT}\r\n\n— a AAAAAAA=\n",
        f"a\n5\n{ROOT}\n\udc80\n\n— a AAAAAAA=\n",
        f"a\n5\n{ROOT}\n\n" + "— a AAAAAAA=\n" * 65,
        f"a\n5\n{ROOT}\n" + "x" * notes.MAX_NOTE_CHARACTERS + "\n\n— a AAAAAAA=\n",
    ],
)
def test_what_is_no_note_is_refused(note):
    with pytest.raises(ValueError):
        Note.read(note)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a\n5\n",
        f"a\n5\n{ROOT}",
        f"\n5\n{ROOT}\n",
        f"a\n-5\n{ROOT}\n",
        f"a\n+5\n{ROOT}\n",
        f"a\n05\n{ROOT}\n",
        f"a\n5 \n{ROOT}\n",
        f"a\n٥\n{ROOT}\n",
        f"a\n{'9' * 20}\n{ROOT}\n",
        f"a\n{'9' * 5000}\n{ROOT}\n",
        f"a\nb\n{ROOT}\n",
        "a\n5\n!\n",
        "a\n5\nAAAA\n",
        f"a\n5\n{ROOT.rstrip('=')}\n",
        f"a\n5\n{ROOT[:-2]}9=\n",
        f"a\n5\n{ROOT}\n\nmore\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text):
    with pytest.raises(ValueError):
        notes.parse(text)


def test_lines_after_the_root_are_kept_and_signed(key):
    text = f"a\n0\n{ROOT}\nextension one\nextension two\n"
    assert notes.parse(text).text == text
    assert notes.read(notes.sign(notes.parse(text), key), key.public).extensions == ("extension one", "extension two")


def test_a_cosignature_signs_the_text_under_its_header_and_moment(key, witness):
    line = notes.cosign(STATED.text, witness, name="witness.example/w1", at=AT)
    note = Note.read(notes.sign(STATED, key) + line)
    raw, public = note.lines[1], base64.b64decode(witness.public)
    assert raw.key_id == hashlib.sha256(b"witness.example/w1\n\x04" + public).digest()[:4]
    moment_s = int(AT.timestamp())
    assert raw.signature[:8] == moment_s.to_bytes(8, "big")
    signed = f"cosignature/v1\ntime {moment_s}\n{STATED.text}".encode()
    Ed25519PublicKey.from_public_bytes(public).verify(raw.signature[8:], signed)
    known = Key("witness.example/w1", witness.public, notes.COSIGNATURE)
    assert note.verified([known]) == {known: moment_s}


def test_a_cosignature_counts_for_its_text_and_its_moment_alone(key, witness):
    known = Key("w", witness.public, notes.COSIGNATURE)
    line = notes.cosign(STATED.text, witness, name="w", at=AT)
    other = Checkpoint(STATED.origin, 6, STATED.root)
    with pytest.raises(ValueError, match="signature of w is not valid"):
        Note.read(notes.sign(other, key) + line).verified([known])
    read = notes.Line.read(line.rstrip("\n"))
    for signature in (
        (1).to_bytes(8, "big") + read.signature[8:],
        (2**63).to_bytes(8, "big") + read.signature[8:],
        read.signature[:8],
        b"\x00",
    ):
        moved = notes.Line(read.name, read.key_id, signature)
        with pytest.raises(ValueError, match="signature of w is not valid"):
            Note.read(notes.sign(STATED, key) + str(moved)).verified([known])


def test_a_plain_signature_is_no_cosignature(key, witness):
    """The identifier tells the kinds apart, so that a witness's key that signs a note has not seen its checkpoint."""
    note = Note.read(notes.sign(STATED, witness))
    assert note.verified([Key(STATED.origin, witness.public, notes.COSIGNATURE)]) == {}
    assert list(note.verified([Key(STATED.origin, witness.public)]).values()) == [0]


@pytest.mark.parametrize("kind", [notes.ED25519, notes.COSIGNATURE])
def test_a_key_is_written_as_others_write_it(witness, kind):
    key = Key("witness.example/w1", witness.public, kind)
    name, identifier, material = str(key).split("+", 2)
    assert (name, identifier) == ("witness.example/w1", key.id.hex())
    assert base64.b64decode(material) == bytes([kind]) + base64.b64decode(witness.public)
    assert Key.read(str(key)) == key


def test_known_verifier_keys_read():
    """The key of the Go checksum database and that of a public witness, whose identifiers others computed."""
    key = Key.read("sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8")
    assert (key.name, key.kind) == ("sum.golang.org", notes.ED25519)
    key = Key.read("remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2")
    assert (key.name, key.kind) == ("remora.n621.de", notes.COSIGNATURE)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "w",
        "w+00000000",
        "w+00000000+",
        "w+00000000+AQ==",
        "sum.golang.org+033de0af+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
        "sum.golang.com+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
        "sum.golang.org+033de0ae+Bs4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
        "+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
    ],
)
def test_what_is_no_verifier_key_is_refused(text):
    with pytest.raises(ValueError):
        Key.read(text)
