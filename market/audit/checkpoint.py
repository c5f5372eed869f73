"""Checkpoints at rest: when the tree is signed, and the notes that are kept.

One is taken every minute or every 1,000 entries, whichever comes first, and at once when a release is published or
withdrawn. A log to which nothing was added needs none. The clock may jump: what counts as a minute is its distance from
what it said at the last checkpoint, and a checkpoint's own moment is never before that of the one before it, unless an
administrator accepts the clock. Until then, or until it is right, nothing is answered by a clock that is before it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from anonymize.signing import Signer
from catalog.errors import WrongState
from catalog.events import Event
from market.audit import log, notes
from market.audit.keys import Chain
from market.audit.models import LogCheckpoint, LogCosignature
from market.audit.notary import ROTATED, Notary, rotations_of

EVERY = timedelta(seconds=60)
ENTRIES = 1000
CLOCK_ACCEPTED = "log:clock-accepted"
AT_ONCE = frozenset({"release:published", "release:withdrawn", ROTATED, CLOCK_ACCEPTED})

CHECKPOINTS = LogCheckpoint.metadata.tables["log_checkpoint"]
COSIGNATURES = LogCosignature.metadata.tables["log_cosignature"]
_NEWEST = select(LogCheckpoint).order_by(CHECKPOINTS.c.size.desc()).limit(1)


def take(session: Session, signer: Signer, *, origin: str, at: datetime, accepted: bool = False) -> LogCheckpoint:
    """Sign the tree as it is now and keep the note; the same size is kept once. Takes the log's lock.

    Where the clock was *accepted*, it is right although it has said later before.
    """
    size = log.lock(session).size
    kept = session.get(LogCheckpoint, size)
    if kept is None:
        note = notes.sign(notes.Checkpoint(origin, size, log.root(session, size)), signer)
        before = newest(session)
        kept = LogCheckpoint(size=size, at=at if before is None or accepted else max(at, before.at), note=note)
        session.add(kept)
        session.flush()
    head = update(log.HEAD).where(log.HEAD.c.id == 1).values(checkpoint_size=size, checkpoint_at=at)
    session.connection().execute(head)
    return kept


def take_after(session: Session, notary: Notary, head: log.Head, events: Sequence[Event]) -> LogCheckpoint | None:
    """Take one for the log as it is at *head*, after *events*, if it is due."""
    at, actions = events[-1].at, {event.action for event in events}
    if _is_due(head, at) or actions & AT_ONCE:
        accepted = CLOCK_ACCEPTED in actions
        return take(session, notary.signer(session), origin=notary.origin, at=at, accepted=accepted)
    return None


def take_due(session: Session, notary: Notary, at: datetime) -> LogCheckpoint | None:
    """Take one if it is due, for a clock that looks when nobody else does. Takes the log's lock."""
    if _is_due(log.lock(session), at):
        return take(session, notary.signer(session), origin=notary.origin, at=at)
    return None


def newest(session: Session) -> LogCheckpoint | None:
    """Give the newest."""
    return session.execute(_NEWEST).scalars().first()


def newest_witnessed(session: Session) -> LogCheckpoint | None:
    """Give the newest that a witness has cosigned."""
    cosigned = CHECKPOINTS.c.size.in_(select(COSIGNATURES.c.size))
    return session.execute(_NEWEST.where(cosigned)).scalars().first()


def note_of(session: Session, checkpoint: LogCheckpoint) -> str:
    """Give the note of a checkpoint with the signature lines of its witnesses."""
    columns = COSIGNATURES.c
    found = select(columns.line).where(columns.size == checkpoint.size).order_by(columns.witness)
    lines = session.connection().execute(found).scalars()
    return checkpoint.note + "".join(f"{line.rstrip()}\n" for line in lines)


def note_at(session: Session, notary: Notary, size: int) -> str:
    """Give the note of the tree of *size* entries: the one that was kept, or one signed now.

    Raises:
        WrongState: none was kept, and the key that was in force at that size is so no more.
    """
    kept = session.get(LogCheckpoint, size)
    if kept is not None:
        return note_of(session, kept)
    signer = notary.signer(session)
    if signer.public not in Chain((signer.public,), tuple(rotations_of(session, notary.origin))).at(size):
        fix = "Name a size that was signed: the sizes of checkpoints are in each export."
        raise WrongState(f"size {size}", "no checkpoint was kept, and the log's key has changed since", fix=fix)
    return notes.sign(notes.Checkpoint(notary.origin, size, log.root(session, size)), signer)


def all_notes(session: Session) -> list[tuple[int, str]]:
    """List the sizes and the notes of all checkpoints, with the signature lines of their witnesses."""
    lines: dict[int, str] = {}
    columns = COSIGNATURES.c
    found = session.connection().execute(select(columns.size, columns.line).order_by(columns.size, columns.witness))
    for size, line in found:
        lines[size] = f"{lines.get(size, '')}{line.rstrip()}\n"
    kept = select(CHECKPOINTS.c.size, CHECKPOINTS.c.note).order_by(CHECKPOINTS.c.size)
    return [(size, note + lines.get(size, "")) for size, note in session.connection().execute(kept)]


def _is_due(head: log.Head, at: datetime) -> bool:
    fresh = head.size - head.checkpoint_size
    late = head.checkpoint_at is None or abs(at - head.checkpoint_at) >= EVERY
    return fresh >= ENTRIES or (fresh > 0 and late)
