"""Recalls and incidents at rest. Copies outside are recalled, never called gone: kept is who said what, signed."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, UniqueConstraint
from sqlmodel import Field, SQLModel

from catalog.models import Moment


class Level(StrEnum):
    """Who is told of a notice that is overdue, in this order."""

    STEWARD = "steward"
    PARENT = "parent"
    OPERATOR = "operator"


class IncidentKind(StrEnum):
    """What is reported."""

    REIDENTIFICATION = "reidentification"
    LEAK = "leak"
    OTHER = "other"


class IncidentState(StrEnum):
    """How far an incident has been dealt with."""

    REPORTED = "reported"
    TRIAGED = "triaged"
    CONTAINED = "contained"
    CLOSED = "closed"


class Recall(SQLModel, table=True):
    """The calling back of what was delivered: of a release that was withdrawn, or under one agreement revoked."""

    id: str = Field(primary_key=True)
    subject_id: str = Field(unique=True)
    """What is recalled, once: a release, or an agreement."""
    release_id: str = Field(foreign_key="release.id", index=True)
    reason: str
    opened_by: str
    opened_at: datetime = Field(sa_type=Moment)
    due_at: datetime = Field(sa_type=Moment)
    closed_at: datetime | None = Field(default=None, sa_type=Moment)
    """When the last licensee attested."""


class Notice(SQLModel, table=True):
    """What one licensee is told: which agreement, what was taken under it so far, and by when to attest deletion."""

    __table_args__ = (UniqueConstraint("recall_id", "agreement_id"),)

    id: str = Field(primary_key=True)
    recall_id: str = Field(foreign_key="recall.id")
    agreement_id: str = Field(foreign_key="agreement.id")
    firm_id: str = Field(foreign_key="firm.id", index=True)
    rows: int = Field(sa_type=BigInteger)
    size_bytes: int = Field(sa_type=BigInteger)
    """As billed: what answers read, refunded ones included, for something of them may have left."""
    answers: int = Field(sa_type=BigInteger)
    sent_at: datetime = Field(sa_type=Moment)
    due_at: datetime = Field(sa_type=Moment)


class Attestation(SQLModel, table=True):
    """A licensee's signed word that what a notice names is deleted. It is final."""

    notice_id: str = Field(primary_key=True, foreign_key="notice.id")
    statement: str
    by: str
    key: str
    signature: str
    """Over `market.recall.attestation.message`."""
    at: datetime = Field(sa_type=Moment)


class Escalation(SQLModel, table=True):
    """An overdue notice was brought before somebody higher; once for each level."""

    notice_id: str = Field(primary_key=True, foreign_key="notice.id")
    level: str = Field(primary_key=True)
    to: str
    """The publisher's identifier, or `operator`."""
    by: str
    at: datetime = Field(sa_type=Moment)


class Incident(SQLModel, table=True):
    """Somebody reports that a person can be recognised, that data leaked, or something else that is wrong."""

    id: str = Field(primary_key=True)
    dataset_id: str = Field(foreign_key="dataset.id", index=True)
    release_id: str | None = Field(default=None, foreign_key="release.id")
    kind: str
    state: str
    reported_by: str
    reported_at: datetime = Field(sa_type=Moment)


class IncidentStep(SQLModel, table=True):
    """The report, or a decision on it. Its words can be erased; the log keeps a salted commitment to them."""

    __tablename__ = "incident_step"

    incident_id: str = Field(primary_key=True, foreign_key="incident.id")
    state: str = Field(primary_key=True)
    """What the incident became by it."""
    text: str | None = None
    salt: str | None = None
    """Random, as hex; erased together with the words, so that nobody can guess them from the commitment."""
    commitment: str
    by: str
    at: datetime = Field(sa_type=Moment)
    withdrawn_id: str | None = Field(default=None, foreign_key="release.id")
    """The release that was withdrawn because of it."""
