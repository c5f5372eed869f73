"""The secret of a release and the keys drawn from it (HKDF, RFC 5869). Held in memory only, never written."""

import os
from dataclasses import dataclass, field
from typing import Self

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SIZE = 32


@dataclass(frozen=True, slots=True, eq=False)
class ReleaseSecret:
    """32 random bytes, drawn for one release. Every key of the release derives from them, each for one purpose.

    It does not print, compare or pickle its bytes. When the release is built the object is let go; nothing else
    holds a copy. Editions of one release share the secret but no key, so their tokens and orders do not join.
    """

    _bytes: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self._bytes) != SIZE:
            raise ValueError(f"a release secret has {SIZE} bytes")

    @classmethod
    def draw(cls) -> Self:
        """Draw a new secret from the operating system."""
        return cls(os.urandom(SIZE))

    def token_key(self, edition: str) -> bytes:
        """Give the key of the subject tokens of *edition*."""
        return self._derive(f"sluice/token/{edition}")

    def shift_key(self) -> bytes:
        """Give the key of the subjects' day shifts: one for the release, so that its editions stay nested."""
        return self._derive("sluice/shift")

    def order_key(self, edition: str) -> bytes:
        """Give the key of the order of rows that sort alike in *edition*."""
        return self._derive(f"sluice/order/{edition}")

    def __reduce__(self) -> str:
        raise TypeError("a release secret is not to be written")

    def _derive(self, purpose: str) -> bytes:
        return HKDF(algorithm=SHA256(), length=SIZE, salt=None, info=purpose.encode()).derive(self._bytes)
