"""Enter firms and members, and find who holds a key. A signature with the key is the proof of being somebody."""

from datetime import datetime

from sqlmodel import Session, select

from catalog.events import Event, note
from catalog.ids import MemberId, new_id
from market.parties.errors import NotAMember, PartyError
from market.parties.models import Firm, Member, Role


def register_firm(session: Session, *, name: str, by: MemberId, at: datetime) -> Firm:
    """Enter a company."""
    if session.exec(select(Firm).where(Firm.name == name)).first() is not None:
        raise PartyError(f"firm {name!r}", "is registered already", fix="Add members to it.")
    firm = Firm(id=new_id(at), name=name, created_at=at)
    session.add(firm)
    note(session, Event(action="firm:registered", subject=firm.id, by=by, at=at))
    return firm


def add_member(
    session: Session,
    *,
    name: str,
    role: Role,
    public_key: str,
    at: datetime,
    by: MemberId | None = None,
    organisation: str | None = None,
) -> Member:
    """Enter a person with their public key. The first administrator enters themselves."""
    if session.exec(select(Member).where(Member.public_key == public_key)).first() is not None:
        raise PartyError("public key", "belongs to a member already", fix="Draw a key per member: sluice member key.")
    if role in (Role.LICENSEE, Role.STEWARD) and organisation is None:
        raise PartyError(f"member {name!r}", f"a {role} acts for an organisation", fix="Name it with --organisation.")
    member = Member(
        id=new_id(at), name=name, role=role, organisation=organisation, public_key=public_key, created_at=at
    )
    session.add(member)
    details = {"role": role, "organisation": organisation, "key": public_key}
    by = MemberId(member.id) if by is None else by
    note(session, Event(action="member:added", subject=member.id, by=by, at=at, details=details))
    return member


def holder_of(session: Session, public_key: str, *roles: Role) -> Member:
    """Find the active member with this key, who must have one of *roles* where any are named."""
    member = session.exec(select(Member).where(Member.public_key == public_key)).first()
    if member is None or not member.active:
        raise NotAMember("key", "it belongs to no active member", fix="Ask an administrator: sluice member add.")
    if roles and member.role not in roles:
        wanted = " or ".join(roles)
        raise NotAMember(f"member {member.id}", f"has the role {member.role}", fix=f"This step is for: {wanted}.")
    return member
