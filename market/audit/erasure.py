"""What entries say of people, kept apart from them: reveal it against its commitment, and erase it for good.

An entry commits to each personal field by HMAC under 32 random bytes. Once field and salt are erased the entry stays as
it is, and so do all proofs; what it said can be neither read nor guessed.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Row, delete, select
from sqlalchemy.orm import Session

from catalog.errors import NotFound, WrongState
from catalog.events import Event, note
from catalog.ids import MemberId
from market.audit import log
from market.audit.commitments import proves

ERASED = "log:erased"


@dataclass(frozen=True, slots=True)
class Field:
    """A personal field of one entry."""

    name: str
    commitment: str
    text: str | None
    """None: it was erased."""
    proved: bool | None
    """Whether the text is the one that the entry commits to."""


def fields_of(session: Session, seq: int) -> list[Field]:
    """Reveal what entry *seq* says of people, as far as it is kept."""
    body = entry(session, seq)
    kept = {row.name: row for row in _secrets(session, seq)}
    fields = []
    for name, commitment in body.get("personal", {}).items():
        row = kept.get(name)
        proved = None if row is None else proves(commitment, row.text, bytes.fromhex(row.salt))
        fields.append(Field(name, commitment, None if row is None else row.text, proved))
    return fields


def entry(session: Session, seq: int) -> dict[str, Any]:
    """Read entry *seq*.

    Raises:
        NotFound: there is none.
    """
    body = session.connection().execute(select(log.ENTRIES.c.body).where(log.ENTRIES.c.seq == seq)).scalar()
    if body is None:
        raise NotFound(f"entry {seq}", "is not in the log", fix="Entries are counted from 0.")
    value: dict[str, Any] = json.loads(body)
    return value


def erase(session: Session, seq: int, *, name: str | None = None, by: MemberId, at: datetime) -> list[str]:
    """Erase the personal fields of entry *seq*, or the one of that *name*, with their salts; gives their names.

    Raises:
        WrongState: nothing of the kind is kept.
    """
    entry(session, seq)
    names = [row.name for row in _secrets(session, seq) if name in (None, row.name)]
    if not names:
        raise WrongState(f"entry {seq}", "keeps no such words of people", fix="Look at it: sluice log show.")
    columns = log.SECRETS.c
    session.connection().execute(delete(log.SECRETS).where(columns.seq == seq, columns.name.in_(names)))
    note(session, Event(action=ERASED, subject="log", by=by, at=at, details={"seq": seq, "names": names}))
    return names


def settle(engine: Engine) -> bool:
    """Take what was erased out of the database's files as well; false where a reader still holds it.

    SQLite overwrites erased rows in its file, but keeps pages of before in its write-ahead log until that is emptied.
    PostgreSQL leaves rows where they were until their table is written anew.
    """
    connection = engine.raw_connection()
    try:
        driver = connection.driver_connection
        assert driver is not None
        if engine.dialect.name == "sqlite":
            busy, *_ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            return not busy
        driver.autocommit = True
        try:
            driver.execute("VACUUM FULL log_secret")
        finally:
            driver.autocommit = False
        return True
    finally:
        connection.close()


def _secrets(session: Session, seq: int) -> Sequence[Row[str, str, str]]:
    columns = log.SECRETS.c
    found = select(columns.name, columns.text, columns.salt).where(columns.seq == seq).order_by(columns.name)
    return session.connection().execute(found).all()
