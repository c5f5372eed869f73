"""The secret from which the noise of aggregates is drawn: one file of a home, and from it a secret for each edition.

Without it nobody can tell noise from truth; drawn anew, it would give every cell a second noise, and two can be
averaged. It is made once, and kept like the other keys.
"""

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from anonymize.edition import sync_folder

BYTES = 32


@dataclass(frozen=True, slots=True)
class Noise:
    """The secret of a home."""

    key: bytes

    @classmethod
    def open(cls, path: Path) -> Self:
        """Read the secret at *path*; where there is none, draw it, so that only the first of two drawers wins."""
        if not path.exists():
            drawn = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
            with os.fdopen(os.open(drawn, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(secrets.token_bytes(BYTES))
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(drawn, path)  # fails where another was faster
            except FileExistsError:
                pass
            finally:
                drawn.unlink()
            sync_folder(path.parent)
        return cls(path.read_bytes())

    def secret(self, edition: str) -> bytes:
        """Give the secret of an edition's noise."""
        return hmac.new(self.key, f"noise\0{edition}".encode(), hashlib.sha256).digest()

    def seed(self, edition: str) -> int:
        """Give the 64-bit seed of the keys of an edition's records."""
        return int.from_bytes(hmac.new(self.key, f"records\0{edition}".encode(), hashlib.sha256).digest()[:8], "big")
