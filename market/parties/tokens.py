"""Bearer tokens: a member draws one with their key, and asks over HTTP with it until it ends or is revoked.

A token is `slc_<id>_<secret>`. The secret is 32 random bytes, shown once and kept as its SHA-256: a slow hash is for
what people choose themselves.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from catalog.errors import NotFound
from catalog.events import Event, note
from catalog.ids import MemberId, new_id
from market.parties.errors import NotAMember, PartyError
from market.parties.models import ApiToken, Member

LONGEST = timedelta(days=365)
SHAPE = re.compile(r"slc_([0-9A-HJKMNP-TV-Z]{26})_([A-Za-z0-9_-]{43})")
"""Crockford's alphabet for the identifier, URL-safe base64 for the secret."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A new token; its text is not kept anywhere."""

    id: str
    text: str
    expires_at: datetime


def issue(session: Session, *, member: MemberId, name: str, lasts: timedelta, at: datetime) -> Issued:
    """Draw a token for *member*.

    Raises:
        PartyError: it would last too long, or has no name.
    """
    if not timedelta() < lasts <= LONGEST:
        raise PartyError("token", "would last too long or no time", fix=f"Give 1 to {LONGEST.days} days.")
    if not name.strip() or len(name) > 100:
        raise PartyError("token", "has no name, or a long one", fix="Say in a word or two where it is used.")
    secret = secrets.token_urlsafe(32)
    row = ApiToken(
        id=new_id(at),
        member_id=member,
        name=name,
        secret_hash=_hash(secret),
        created_at=at,
        expires_at=at + lasts,
    )
    session.add(row)
    details = {"expires_at": row.expires_at}
    note(session, Event(action="token:issued", subject=row.id, by=member, at=at, details=details))
    return Issued(row.id, f"slc_{row.id}_{secret}", row.expires_at)


def bearer(session: Session, text: str, *, at: datetime) -> Member:
    """Find the active member whose living token *text* is.

    Raises:
        NotAMember: it is none, whatever the cause: the causes are not told apart.
    """
    shape = SHAPE.fullmatch(text)
    row = session.get(ApiToken, shape[1]) if shape else None
    known = row.secret_hash if row is not None else _hash("")
    same = hmac.compare_digest(known, _hash(shape[2] if shape else "-"))
    member = session.get(Member, row.member_id) if row is not None and same else None
    if row is None or member is None or not member.active or row.revoked_at is not None or at >= row.expires_at:
        raise NotAMember("token", "is no living token", fix="Draw one: sluice token issue.")
    return member


def revoke(session: Session, token_id: str, *, member: MemberId, at: datetime) -> None:
    """End a token of *member*'s own at once.

    Raises:
        NotFound: it is none of theirs, or ended before.
    """
    row = session.get(ApiToken, token_id)
    if row is None or row.member_id != member or row.revoked_at is not None:
        raise NotFound(f"token {token_id!r}", "there is none to revoke", fix="List yours: sluice token list.")
    row.revoked_at = at
    session.add(row)
    note(session, Event(action="token:revoked", subject=row.id, by=member, at=at))


def tokens_of(session: Session, member: MemberId) -> Sequence[ApiToken]:
    """List a member's tokens, oldest first."""
    return session.exec(select(ApiToken).where(ApiToken.member_id == member).order_by(col(ApiToken.id))).all()


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
