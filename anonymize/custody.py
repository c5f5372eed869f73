"""What a steward keeps between releases: who stood in which class of each, and who objected. All under a key.

A private folder per dataset, outside of everything built, backed up or published:

    subjects.key                  32 random bytes
    objections                    a keyed digest per line
    members/<evidence hash>/<profile>   sealed Parquet: digest, and the quasi-identifiers as published

A digest is HMAC-SHA256 of the subject's identifier, cut to 128 bits. Whoever has the key can try identifiers, so the
folder is personal information; without it a later release cannot be measured against the one before.
"""

import fcntl
import hashlib
import hmac
import io
import os
import shutil
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Self

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from anonymize import vault
from anonymize.edition import sync_folder
from anonymize.errors import AnonymizeError
from anonymize.transform.tokens import TOKEN_DIGITS

KEY_BYTES = 32
_KEY, _OBJECTIONS, _MEMBERS = "subjects.key", "objections", "members"


class CustodyError(AnonymizeError):
    """What is kept between releases is missing, damaged, or open to others."""


@dataclass(frozen=True, slots=True)
class Custody:
    """The folder, with its key in hand."""

    folder: Path
    key: bytes = field(repr=False)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open *folder*, made and given a key on first use.

        Raises:
            CustodyError: others may read it, or its key is none.
        """
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if folder.stat().st_mode & 0o077:
            raise CustodyError(folder.name, "others may read it", fix="chmod 700 it.")
        return cls(folder, drawn_key(folder / _KEY))

    def digests(self, subjects: Iterable[str]) -> list[str]:
        """Give the digest of each of *subjects*, in hex."""
        return [hmac.new(self.key, subject.encode(), hashlib.sha256).hexdigest()[:TOKEN_DIGITS] for subject in subjects]

    def objections(self) -> frozenset[str]:
        """Give the digests of all who objected."""
        path = self.folder / _OBJECTIONS
        if not path.exists():
            return frozenset()
        lines = path.read_text("ascii", errors="replace").splitlines()
        if any(len(line) != TOKEN_DIGITS or set(line) - set("0123456789abcdef") for line in lines):
            fix = "Restore it from a backup: nobody's objection may be lost."
            raise CustodyError(_OBJECTIONS, "holds a line that is no digest", fix=fix)
        return frozenset(lines)

    def note_objections(self, subjects: Iterable[str]) -> int:
        """Add *subjects* to those who objected; give how many were new. It is on the disk when this returns."""
        handle = os.open(self.folder / _OBJECTIONS, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(handle, "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            known = self.objections()
            new = [digest for digest in dict.fromkeys(self.digests(subjects)) if digest not in known]
            file.write("".join(f"{digest}\n" for digest in new).encode("ascii"))
            file.flush()
            os.fsync(file.fileno())
        sync_folder(self.folder)
        return len(new)

    def keep(self, evidence: str, profile: str, members: io.RawIOBase) -> None:
        """Seal the *members* of one edition (Parquet); what is there already, of the same evidence, stays."""
        folder = self.folder / _MEMBERS / evidence
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        target = folder / profile
        with io.BufferedReader(members, vault.CHUNK) as plain:
            if not target.exists():
                vault.seal(plain, target, self._sealing)
        for made in (folder, folder.parent, self.folder):
            sync_folder(made)

    def members(self, evidence: str, profile: str) -> BinaryIO:
        """Open the members of one edition.

        Raises:
            CustodyError: they were not kept here.
            SourceError: they are damaged, or sealed with another key.
        """
        path = self.folder / _MEMBERS / evidence / profile
        if not path.is_file():
            raise CustodyError(
                f"members of edition {profile!r}, release {evidence[:12]}",
                "were not kept in this folder",
                fix="Name the folder that the release before was built with: --custody DIR.",
            )
        return vault.opened(path, self._sealing)

    def prune(self, needed: Collection[str]) -> list[str]:
        """Remove the members of all releases but those whose evidence is *needed*; give the others."""
        kept = self.folder / _MEMBERS
        gone = sorted(path.name for path in kept.iterdir() if path.name not in needed) if kept.is_dir() else []
        for name in gone:
            shutil.rmtree(kept / name)
        return gone

    @property
    def shift_key(self) -> bytes:
        """The key of the subjects' day shifts, the same in all releases."""
        return self._derived(b"sluice/custody/shift")

    @property
    def _sealing(self) -> bytes:
        return self._derived(b"sluice/custody/members")

    def _derived(self, purpose: bytes) -> bytes:
        return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose).derive(self.key)


def drawn_key(path: Path) -> bytes:
    """Give the 32 bytes in *path*, drawn whole or not at all on first use.

    Raises:
        CustodyError: others may read it, or it does not hold 32 bytes.
    """
    if not path.exists():
        _draw(path)
    mode, key = path.stat().st_mode & 0o777, path.read_bytes()
    if mode & 0o077:
        raise CustodyError(path.name, f"has mode {mode:o}: others may read it", fix="chmod 600 it.")
    if len(key) != KEY_BYTES:
        raise CustodyError(path.name, f"holds {len(key)} bytes", fix=f"Restore the {KEY_BYTES} bytes from a backup.")
    return key


def _draw(path: Path) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(os.urandom(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):  # another process drew it meanwhile: that one counts
            os.link(temporary, path)
    finally:
        temporary.unlink()
    sync_folder(path.parent)
