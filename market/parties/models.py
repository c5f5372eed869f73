"""Firms and members at rest."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from catalog.models import Moment


class Role(StrEnum):
    """What a member may do."""

    STEWARD = "steward"
    APPROVER = "approver"
    LICENSEE = "licensee"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Firm(SQLModel, table=True):
    """A company that licenses data."""

    id: str = Field(primary_key=True)
    name: str = Field(unique=True)
    created_at: datetime = Field(sa_type=Moment)


class Member(SQLModel, table=True):
    """A person who acts: for a publisher, for a firm, or for the operator; known by their public key."""

    id: str = Field(primary_key=True)
    name: str
    role: str
    organisation: str | None = None
    """The publisher's or the firm's identifier; none for the operator's own."""
    public_key: str = Field(unique=True)
    active: bool = True
    created_at: datetime = Field(sa_type=Moment)


class ApiToken(SQLModel, table=True):
    """A bearer token with which a member asks over HTTP. Its secret is shown once; at rest there is its hash."""

    __tablename__ = "api_token"

    id: str = Field(primary_key=True)
    member_id: str = Field(foreign_key="member.id")
    name: str
    secret_hash: str
    """SHA-256 of 32 random bytes."""
    created_at: datetime = Field(sa_type=Moment)
    expires_at: datetime = Field(sa_type=Moment)
    revoked_at: datetime | None = Field(default=None, sa_type=Moment)
