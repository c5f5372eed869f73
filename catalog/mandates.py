"""Mandates: who may release what. What nobody granted may not be released."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from catalog.describe import THEMES
from catalog.errors import CatalogError, NotPermitted
from catalog.events import Event, note
from catalog.ids import MemberId, new_id
from catalog.models import Mandate
from catalog.publishers import find_publisher, line_of
from policies import profile


def grant_mandate(
    session: Session, publisher_id: str, *, theme: str, profiles: Collection[str], by: MemberId, at: datetime
) -> Mandate:
    """Let a publisher, and all below it, release a theme in editions of *profiles*; replaces what it held for it."""
    find_publisher(session, publisher_id)
    if theme not in THEMES:
        raise CatalogError("theme", f"{theme!r} is no code of ours", fix=f"Use one of: {', '.join(THEMES)}.")
    unknown = sorted(set(profiles) - set(profile.names()))
    if unknown or not profiles:
        found = f"{', '.join(unknown)} is unknown" if unknown else "none is given"
        raise CatalogError("profile", found, fix=f"Use some of: {', '.join(profile.names())}.")
    row = _held(session, publisher_id, theme)
    if row is None:
        row = Mandate(id=new_id(at), publisher_id=publisher_id, theme=theme, profiles="", created_at=at)
    row.profiles, row.created_at = ",".join(sorted(set(profiles))), at
    session.add(row)
    details = {"theme": theme, "profiles": sorted(set(profiles))}
    note(session, Event(action="mandate:granted", subject=publisher_id, by=by, at=at, details=details))
    return row


def revoke_mandate(session: Session, publisher_id: str, *, theme: str, by: MemberId, at: datetime) -> None:
    """Take back what was granted to this publisher for a theme; what is published stays so."""
    row = _held(session, publisher_id, theme)
    if row is None:
        raise CatalogError(f"theme {theme!r}", "the publisher holds no mandate for it", fix="Nothing is left to do.")
    session.delete(row)
    details = {"theme": theme}
    note(session, Event(action="mandate:revoked", subject=publisher_id, by=by, at=at, details=details))


def profiles_granted(session: Session, publisher_id: str, theme: str) -> frozenset[str]:
    """Name the profiles in which a publisher may release a theme: what it and all above it were granted, together."""
    line = [row.id for row in line_of(session, publisher_id)]
    held = session.exec(select(Mandate).where(col(Mandate.publisher_id).in_(line), Mandate.theme == theme)).all()
    return frozenset(name for row in held for name in row.profiles.split(","))


def check_mandate(session: Session, publisher_id: str, theme: str, profiles: Sequence[str] = ()) -> None:
    """Insist that a publisher may release a theme, and in these *profiles*.

    Raises:
        NotPermitted: nobody granted it; names who can.
    """
    granted = profiles_granted(session, publisher_id, theme)
    missing = sorted(set(profiles) - granted)
    if granted and not missing:
        return
    found = f"publisher {publisher_id} holds no mandate"
    found += f" for {', '.join(missing)} editions of it" if granted else " for it, nor has any above it"
    wanted = " ".join(f"--profile {name}" for name in missing or ("PROFILE",))
    fix = f"Ask an administrator: sluice publisher mandate {publisher_id} --theme {theme} {wanted}."
    raise NotPermitted(f"theme {theme!r}", found, fix=fix)


def _held(session: Session, publisher_id: str, theme: str) -> Mandate | None:
    wanted = select(Mandate).where(Mandate.publisher_id == publisher_id, Mandate.theme == theme)
    return session.exec(wanted.with_for_update()).one_or_none()
