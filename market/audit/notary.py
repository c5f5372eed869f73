"""Who signs for the log: its keys rest in a folder, one file each, and the log itself says which is in force.

Nothing but an entry of the log makes a key the one in force. A crash between drawing a key and that entry leaves a file
that nobody asks for; a process that has long been running finds the new key when it signs next.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Self

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from anonymize.signing import KeyFileError, Signer
from catalog.errors import CatalogError
from catalog.ids import new_id
from market.audit import log
from market.audit.keys import Rotation

FIRST = "log.key"
ORIGIN = "log.origin"
ROTATED = "log:key-rotated"

_ROTATIONS = (
    select(log.ENTRIES.c.seq, log.ENTRIES.c.body)
    .where(log.ENTRIES.c.subject == bindparam("origin"), log.ENTRIES.c.action == ROTATED)
    .order_by(log.ENTRIES.c.seq)
)


class DamagedEntry(CatalogError):
    """An entry of the log is not what was once written."""


@dataclass(slots=True)
class Notary:
    """Signs for the log."""

    origin: str
    """The log's name in its checkpoints; it stays when the key changes."""
    folder: Path
    """Where the keys rest."""
    _held: dict[str, Signer] = field(default_factory=dict)

    @classmethod
    def create(cls, folder: Path) -> Self:
        """Draw the log's first key and name the log after it; what a crash left half-made is made whole."""
        if not (folder / FIRST).exists():
            Signer.create(folder / FIRST)
        notary = cls.open(folder)
        notary.keep_name()
        return notary

    @staticmethod
    def rests_in(folder: Path) -> bool:
        """Say whether a log's name or first key is in *folder*."""
        return (folder / ORIGIN).exists() or (folder / FIRST).exists()

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Find the log's name in *folder*. A log of before names were kept is named after its first key."""
        kept = folder / ORIGIN
        if kept.exists():
            return cls(kept.read_text("ascii").strip(), folder)
        name = Signer.load(folder / FIRST).public[:16].replace("+", "-").replace("/", "_")
        return cls(f"sluice.log/{name}", folder)

    def keep_name(self) -> None:
        """Write the log's name beside its keys."""
        path = self.folder / ORIGIN
        if not path.exists():
            fresh = path.with_name(f"{ORIGIN}.{os.getpid()}.partial")
            with fresh.open("w", encoding="ascii") as file:
                file.write(f"{self.origin}\n")
                file.flush()
                os.fsync(file.fileno())
            fresh.rename(path)
            self._settle()

    def signer(self, session: Session) -> Signer:
        """Give the key in force.

        Raises:
            KeyFileError: no file in the folder holds it.
        """
        rotations = rotations_of(session, self.origin)
        wanted = rotations[-1].new if rotations else FIRST
        if wanted not in self._held:
            for path, signer in self._readable():
                self._held |= {path.name: signer, signer.public: signer}
        if wanted not in self._held:
            fix = f"Put the file of the log's key back into {self.folder}."
            raise KeyFileError(wanted, "is in no file that can be read", fix=fix)
        return self._held[wanted]

    def publics(self) -> list[str]:
        """List the public keys whose private halves are at hand."""
        return [signer.public for _, signer in self._readable()]

    def draw(self, at: datetime) -> Signer:
        """Draw another key, and make sure that its file stays."""
        signer = Signer.create(self.folder / f"log-{new_id(at)}.key")
        self._settle()
        return signer

    def _readable(self) -> Iterator[tuple[Path, Signer]]:
        """Read the keys in the folder; a file that a crash left half-written holds none."""
        for path in sorted(self.folder.glob("log*.key")):
            try:
                yield path, Signer.load(path)
            except KeyFileError:
                continue

    def _settle(self) -> None:
        handle = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def rotations_of(session: Session, origin: str) -> list[Rotation]:
    """List the rotations of the key of the log *origin*, oldest first.

    Raises:
        DamagedEntry: one cannot be read.
    """
    found = []
    for seq, body in session.connection().execute(_ROTATIONS, {"origin": origin}):
        try:
            found.append(Rotation.read(json.loads(body)["details"]))
        except (ValueError, KeyError, TypeError) as error:
            raise DamagedEntry(f"entry {seq}", "is no rotation of a key any more", fix="sluice log verify") from error
    return found
