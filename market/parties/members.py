"""Enter firms and members, and find who holds a key. A signature with the key is the proof of being somebody."""

from datetime import datetime

from sqlmodel import Session, select

from anonymize.signing import Signer
from catalog.events import Event, note
from catalog.ids import MemberId, new_id
from market.audit.testimony import key_message
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
    who = {"name": name}
    note(session, Event(action="member:added", subject=member.id, by=by, at=at, details=details, personal=who))
    return member


def rotate_key(session: Session, member: MemberId, old: Signer, new: Signer, *, at: datetime) -> Member:
    """Give a member another key. The old one signs it; what it has signed before stays signed.

    Raises:
        NotAMember: the old key is not the member's.
        PartyError: the new one is somebody's.
    """
    row = session.get(Member, member, with_for_update=True)
    if row is None or row.public_key != old.public:
        raise NotAMember(f"member {member}", "does not hold this key", fix="Sign with the key that is to be replaced.")
    if session.exec(select(Member).where(Member.public_key == new.public)).first() is not None:
        raise PartyError("new key", "belongs to a member already", fix="Name a file that does not exist yet.")
    message = key_message(member, old.public, new.public)
    details = {
        "old": old.public,
        "new": new.public,
        "old_signature": old.sign(message),
        "new_signature": new.sign(message),
    }
    row.public_key = new.public
    session.add(row)
    note(session, Event(action="member:key-rotated", subject=member, by=member, at=at, details=details))
    return row


def holder_of(session: Session, public_key: str, *roles: Role) -> Member:
    """Find the active member with this key, who must have one of *roles* where any are named."""
    member = session.exec(select(Member).where(Member.public_key == public_key)).first()
    if member is None or not member.active:
        fix = "Name the file of your newest key, or ask an administrator: sluice member add."
        raise NotAMember("key", "it belongs to no active member", fix=fix)
    if roles and member.role not in roles:
        wanted = " or ".join(roles)
        raise NotAMember(f"member {member.id}", f"has the role {member.role}", fix=f"This step is for: {wanted}.")
    return member
