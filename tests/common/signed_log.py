"""A log with a notary of its own on a real database, and a clock that is told to go on."""

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from catalog.events import Event, note
from catalog.ids import MemberId
from market.audit import checkpoint, export, log
from market.audit.keys import Rotation
from market.audit.notary import Notary
from market.audit.rotation import rotate
from market.audit.verify import verify
from market.db import Database
from tests.common.clock import BEGIN

ADMIN = MemberId("m")


@dataclass
class SignedLog:
    """A database whose commits sign checkpoints when they are due."""

    database: Database
    notary: Notary
    at: datetime = BEGIN
    keys: list[str] = field(default_factory=list)
    """The public keys it had, oldest first."""

    @classmethod
    def on(cls, database: Database, folder: Path) -> "SignedLog":
        """Give *database* a notary whose keys are in *folder*."""
        notary = Notary.create(folder)
        own = Database(database.url, database.queue, notary=notary)
        return cls(own, notary, keys=notary.publics())

    def later(self, seconds: float) -> datetime:
        """Let the clock go on, or back."""
        self.at += timedelta(seconds=seconds)
        return self.at

    def tell(self, count: int = 1, *, action: str = "test:told", seconds: float = 0, **event: Any) -> None:
        """Note events one by one, each in a transaction of its own, so many *seconds* apart."""
        for _ in range(count):
            self.later(seconds)
            self.tell_together([action], **event)

    def tell_together(
        self, actions: Iterable[str], *, subject: str = "x", personal: Mapping[str, str] | None = None
    ) -> None:
        """Note events in one transaction."""
        with self.database.writing() as session:
            for action in actions:
                event = Event(action=action, subject=subject, by=ADMIN, at=self.at, personal=personal or {})
                note(session, event)

    def sign(self) -> str:
        """Take a checkpoint of the log as it is; gives the note."""
        with self.database.writing() as session:
            signer = self.notary.signer(session)
            return checkpoint.take(session, signer, origin=self.notary.origin, at=self.at).note

    def rotate(self) -> Rotation:
        """Hand the log over to a new key."""
        fresh = self.notary.draw(self.at)
        with self.database.writing() as session:
            made = rotate(session, self.notary, fresh, by=ADMIN, at=self.at)
        self.keys.append(fresh.public)
        return made

    @property
    def size(self) -> int:
        with self.database.reading() as session:
            return log.size(session)

    @property
    def signed(self) -> list[int]:
        """The sizes of its checkpoints."""
        with self.database.reading() as session:
            return [size for size, _ in checkpoint.all_notes(session)]

    def exported(self, seqs: Iterable[int] | None = None) -> bytes:
        """Take it away, or the entries *seqs* of it."""
        file = io.BytesIO()
        with self.database.reading() as session:
            if seqs is None:
                export.write(session, file, self.notary, retention_years=30, at=self.at)
            else:
                export.write_selection(session, file, seqs, self.notary, retention_years=30, at=self.at)
        return file.getvalue()

    def faults(self, *trusted: str) -> list[str]:
        """Verify it, trusting the first of its keys unless told otherwise."""
        with self.database.reading() as session:
            return [f"{fault.seq}: {fault.found}" for fault in verify(session, *(trusted or self.keys[:1]))]
