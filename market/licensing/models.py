"""Offers, requests and agreements at rest. Terms are stored once, as canonical JSON with their hash."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from catalog.models import Moment


class RequestState(StrEnum):
    """Where a request stands."""

    OPEN = "open"
    APPROVED = "approved"


class AgreementState(StrEnum):
    """Where an agreement stands: signed by the publisher, then by both, then perhaps ended early."""

    DRAFTED = "drafted"
    ACTIVE = "active"
    REVOKED = "revoked"


class Offer(SQLModel, table=True):
    """Terms under which anybody may ask for an edition."""

    id: str = Field(primary_key=True)
    edition_id: str = Field(foreign_key="edition.id")
    cut_id: str | None = Field(default=None, foreign_key="cut.id")
    """The part of the edition that is offered; none: the whole."""
    publisher_id: str = Field(foreign_key="publisher.id")
    terms: str
    terms_hash: str
    created_by: str
    created_at: datetime = Field(sa_type=Moment)


class AccessRequest(SQLModel, table=True):
    """A firm asks for an offer, says why, and for which of its purposes."""

    __tablename__ = "access_request"

    id: str = Field(primary_key=True)
    offer_id: str = Field(foreign_key="offer.id")
    firm_id: str = Field(foreign_key="firm.id")
    purposes: str
    """DUO codes, joined by commas."""
    statement: str
    state: str
    part: str | None = None
    """The part of the edition that is asked for, as canonical JSON (`policies.cut.CutSpec`); none: as offered."""
    created_by: str
    created_at: datetime = Field(sa_type=Moment)


class Agreement(SQLModel, table=True):
    """A signed text between a publisher and a firm, and the terms that the gate executes."""

    id: str = Field(primary_key=True)
    request_id: str = Field(foreign_key="access_request.id", unique=True)
    publisher_id: str = Field(foreign_key="publisher.id")
    firm_id: str = Field(foreign_key="firm.id")
    edition_id: str = Field(foreign_key="edition.id")
    cut_id: str | None = Field(default=None, foreign_key="cut.id")
    terms: str
    terms_hash: str
    text: str
    text_hash: str
    state: str
    assigner_key: str
    assigner_signature: str
    assignee_key: str | None = None
    assignee_signature: str | None = None
    created_at: datetime = Field(sa_type=Moment)
    signed_at: datetime | None = Field(default=None, sa_type=Moment)
    revoked_at: datetime | None = Field(default=None, sa_type=Moment)
    revocation_reason: str | None = None
