"""Checkpoints at rest: sign the tree as it is now and keep the note."""

from datetime import datetime

from sqlalchemy.orm import Session

from anonymize.signing import Signer
from market.audit import log, notes
from market.audit.models import LogCheckpoint


def take(session: Session, signer: Signer, *, origin: str, at: datetime) -> LogCheckpoint:
    """Sign the tree as it is now and keep the note; the same size is kept once."""
    size = log.size(session)
    kept = session.get(LogCheckpoint, size)
    if kept is None:
        note = notes.sign(notes.Checkpoint(origin, size, log.root(session, size)), signer)
        kept = LogCheckpoint(size=size, at=at, note=note)
        session.add(kept)
    return kept
