"""Hand the log over to another key: the old one signs the new one, and the tree as it leaves it."""

from datetime import datetime

from sqlalchemy.orm import Session

from anonymize.signing import Signer
from catalog.errors import WrongState
from catalog.events import Event, note
from catalog.ids import MemberId
from market.audit import checkpoint, log
from market.audit.keys import Rotation
from market.audit.notary import ROTATED, Notary, rotations_of


def rotate(session: Session, notary: Notary, fresh: Signer, *, by: MemberId, at: datetime) -> Rotation:
    """Make *fresh* the log's key from this commit on, in a transaction of its own.

    Raises:
        WrongState: something else was noted in this transaction, or the key has been the log's before.
    """
    if session.info.get("events"):
        raise WrongState("log", "something else changes with it", fix="Rotate in a transaction of its own.")
    size, old = log.lock(session).size, notary.signer(session)
    known = {key for rotation in rotations_of(session, notary.origin) for key in (rotation.old, rotation.new)}
    if fresh.public in {old.public, *known}:
        raise WrongState("log key", "has been the log's before", fix="Draw a new one.")
    notary.keep_name()
    checkpoint.take(session, old, origin=notary.origin, at=at)
    rotation = Rotation.sign(notary.origin, size, old, fresh)
    note(session, Event(action=ROTATED, subject=notary.origin, by=by, at=at, details=rotation.to_dict()))
    return rotation
