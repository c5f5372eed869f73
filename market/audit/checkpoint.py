"""Signed statements of the tree: C2SP tlog-checkpoints in signed notes, by Ed25519.

A note is the origin, the size, the root in base64, a blank line, and one signature line that names the signer and
carries the first four bytes of SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key) before the signature (C2SP signed-note).
"""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from anonymize import signing
from market.audit import log
from market.audit.models import LogCheckpoint

ED25519 = b"\x01"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a note states: this log had this root at this size."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The signed part of the note."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def sign(checkpoint: Checkpoint, signer: signing.Signer) -> str:
    """Write the signed note of *checkpoint*; the key is named by the log's origin."""
    signature = base64.b64decode(signer.sign(checkpoint.text.encode()))
    line = base64.b64encode(_key_hash(checkpoint.origin, signer.public) + signature).decode()
    return f"{checkpoint.text}\n— {checkpoint.origin} {line}\n"


def read(note: str, public: str) -> Checkpoint:
    """Read a signed note.

    Raises:
        ValueError: it is malformed, or not signed by *public*.
    """
    text, separator, signatures = note.partition("\n\n")
    lines = text.split("\n")
    if not separator or len(lines) < 3 or not lines[1].isdecimal():
        raise ValueError("no checkpoint: it needs an origin, a size, a root and a signature")
    checkpoint = Checkpoint(lines[0], int(lines[1]), base64.b64decode(lines[2], validate=True))
    for line in signatures.splitlines():
        dash, _, rest = line.partition(" ")
        name, _, encoded = rest.rpartition(" ")
        if dash != "—" or name != checkpoint.origin:
            continue
        raw = base64.b64decode(encoded, validate=True)
        signed = signing.verify(public, base64.b64encode(raw[4:]).decode(), f"{text}\n".encode())
        if signed and raw[:4] == _key_hash(name, public):
            return checkpoint
    raise ValueError("the checkpoint is not signed by the log's key")


def take(session: Session, signer: signing.Signer, *, origin: str, at: datetime) -> LogCheckpoint:
    """Sign the tree as it is now and keep the note; the same size is kept once."""
    size = log.size(session)
    kept = session.get(LogCheckpoint, size)
    if kept is None:
        note = sign(Checkpoint(origin, size, log.root(session, size)), signer)
        kept = LogCheckpoint(size=size, at=at, note=note)
        session.add(kept)
    return kept


def _key_hash(name: str, public: str) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + base64.b64decode(public)).digest()[:4]
