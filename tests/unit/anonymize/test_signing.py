"""A key file belongs to one person, and a signature to one message."""

import pytest

from anonymize.signing import KeyFileError, Signer, verify


def test_a_signature_holds_for_its_message_and_key_alone(tmp_path):
    one, other = Signer.create(tmp_path / "one"), Signer.create(tmp_path / "other")
    signature = one.sign(b"message")
    assert verify(one.public, signature, b"message")
    assert not verify(one.public, signature, b"massage")
    assert not verify(other.public, signature, b"message")
    assert not verify("no key", "no signature", b"message")


def test_a_key_is_read_back_and_never_shown(tmp_path):
    made = Signer.create(tmp_path / "keys" / "one")
    assert Signer.load(tmp_path / "keys" / "one").public == made.public
    assert (tmp_path / "keys" / "one").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "keys" / "one").read_text().strip() not in repr(made)


def test_a_key_is_never_overwritten(tmp_path):
    Signer.create(tmp_path / "one")
    with pytest.raises(KeyFileError, match="is there already"):
        Signer.create(tmp_path / "one")


def test_a_key_that_others_may_read_that_is_missing_or_is_none_is_refused(tmp_path):
    Signer.create(tmp_path / "one")
    (tmp_path / "one").chmod(0o644)
    with pytest.raises(KeyFileError, match="others may read it"):
        Signer.load(tmp_path / "one")
    with pytest.raises(KeyFileError, match="cannot be read"):
        Signer.load(tmp_path / "none")
    (tmp_path / "text").write_text("no key")
    (tmp_path / "text").chmod(0o600)
    with pytest.raises(KeyFileError, match="no Ed25519 key"):
        Signer.load(tmp_path / "text")
