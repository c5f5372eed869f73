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
