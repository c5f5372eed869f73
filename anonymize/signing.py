"""Ed25519 keys and signatures (RFC 8032): who vouches for evidence, approvals and checkpoints."""

import base64
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from anonymize.errors import AnonymizeError


class KeyFileError(AnonymizeError):
    """A key file is missing, readable by others, or no key."""


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key in hand."""

    _key: Ed25519PrivateKey

    @classmethod
    def create(cls, path: Path) -> Self:
        """Draw a key and write it to *path*, readable by its owner alone; a file that is there is kept.

        It is there whole and on the disk, or not at all.
        """
        key = Ed25519PrivateKey.generate()
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}.{os.urandom(4).hex()}")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(base64.b64encode(key.private_bytes_raw()) + b"\n")
                file.flush()
                os.fsync(file.fileno())
            os.link(fresh, path)  # unlike a rename, never over a key that is there
        except FileExistsError as error:
            raise KeyFileError(
                str(path), "is there already", fix="Name another file: keys are not overwritten."
            ) from error
        finally:
            fresh.unlink()
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return cls(key)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the key in *path*, refusing a file that others may read."""
        try:
            mode = path.stat().st_mode & 0o777
            raw = path.read_bytes()
        except OSError as error:
            raise KeyFileError(str(path), "cannot be read", fix="Give the path of your key file.") from error
        if mode & 0o077:
            raise KeyFileError(
                str(path), f"has mode {mode:o}: others may read it", fix="chmod 600 it, or draw a new key."
            )
        try:
            return cls(Ed25519PrivateKey.from_private_bytes(base64.b64decode(raw, validate=False)))
        except ValueError as error:
            raise KeyFileError(str(path), "is no Ed25519 key", fix="Make one with: sluice member key FILE") from error

    @property
    def public(self) -> str:
        """The public key, base64 of its 32 bytes."""
        return base64.b64encode(self._key.public_key().public_bytes_raw()).decode()

    def sign(self, message: bytes) -> str:
        """Sign *message*; base64 of the 64 bytes."""
        return base64.b64encode(self._key.sign(message)).decode()


def verify(public: str, signature: str, message: bytes) -> bool:
    """Say whether *signature* over *message* is by *public*. Anything malformed is simply not."""
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public, validate=True))
        key.verify(base64.b64decode(signature, validate=True), message)
    except (InvalidSignature, ValueError):
        return False
    return True
