"""Whom the log asks for cosignatures: witnesses that an administrator entered, each with its key and address.

A name stands for one key for ever, since cosignatures by it are kept: a witness that was removed is entered again under
another name.
"""

from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.errors import CatalogError, NotFound
from catalog.events import Event, note
from catalog.ids import MemberId
from market.audit.models import LogWitness
from market.audit.notes import COSIGNATURE, Key

MAX_NAME = 255

_ALL = select(LogWitness).order_by(LogWitness.metadata.tables["log_witness"].c.name)


class WitnessRefused(CatalogError):
    """A witness cannot be entered so."""


def add(session: Session, *, name: str, key: str, url: str, by: MemberId, at: datetime) -> LogWitness:
    """Enter the witness *name*, whose public Ed25519 key is *key* (base64) and who answers at *url*.

    Raises:
        WitnessRefused: the name is taken, or name, key or address cannot be one.
    """
    try:
        if not name.isprintable() or len(name) > MAX_NAME:
            raise ValueError("its name is no short line of text")
        Key(name, key, COSIGNATURE)
    except ValueError as error:
        fix = "Take name and key from: sluice witness show DIR"
        raise WitnessRefused(f"witness {name!r}", str(error), fix=fix) from error
    if session.get(LogWitness, name) is not None:
        raise WitnessRefused(f"witness {name}", "was entered already", fix="Give another name and key.")
    witness = LogWitness(name=name, key=key, url=_address(url), added_by=by, added_at=at)
    session.add(witness)
    details = {"key": key, "url": witness.url}
    note(session, Event(action="witness:added", subject=name, by=by, at=at, details=details))
    return witness


def remove(session: Session, name: str, *, by: MemberId, at: datetime) -> LogWitness:
    """Ask this witness no more; what it has cosigned stays.

    Raises:
        NotFound: there is none of this name, or it was removed.
    """
    witness = session.get(LogWitness, name)
    if witness is None or witness.removed_at is not None:
        raise NotFound(f"witness {name!r}", "is not asked by this log", fix="See: sluice witness list")
    witness.removed_at = at
    note(session, Event(action="witness:removed", subject=name, by=by, at=at))
    return witness


def entered(session: Session) -> list[LogWitness]:
    """List all that were ever entered, by name."""
    return list(session.execute(_ALL).scalars())


def asked(session: Session) -> list[LogWitness]:
    """List those that are asked, by name."""
    return [witness for witness in entered(session) if witness.removed_at is None]


def _address(url: str) -> str:
    """Check an address: nothing but a scheme, a host, a port and a path, so that no secret rests in it."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        port = 0
        parts = urlsplit("")
    plain = not (parts.username or parts.password or parts.query or parts.fragment)
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0 or not plain or not url.isprintable():
        raise WitnessRefused("address", "cannot be one", fix="Give http:// or https://, a host, and perhaps a path.")
    return url.rstrip("/")
