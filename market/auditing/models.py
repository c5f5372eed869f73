"""An auditor's cases at rest: what was looked into, on which entries, what was asked, and the signed report."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from catalog.models import Moment


class CaseState(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    CLOSED = "closed"


class AuditCase(SQLModel, table=True):
    """Something an auditor looks into. Closed, it keeps its signed report for good."""

    __tablename__ = "audit_case"

    id: str = Field(primary_key=True)
    title: str
    state: str
    opened_by: str
    opened_at: datetime = Field(sa_type=Moment)
    closed_by: str | None = None
    closed_at: datetime | None = Field(default=None, sa_type=Moment)
    report: str | None = None
    """Canonical JSON: the case, its entries with their leaf hashes, questions, answers and conclusion."""
    report_hash: str | None = None
    key: str | None = None
    signature: str | None = None
    """Over the report's bytes, by the auditor who closed the case."""


class CaseEntry(SQLModel, table=True):
    """An entry of the log that belongs to a case, and why."""

    __tablename__ = "case_entry"

    case_id: str = Field(primary_key=True, foreign_key="audit_case.id")
    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    note: str
    attached_by: str
    attached_at: datetime = Field(sa_type=Moment)


class CaseQuestion(SQLModel, table=True):
    """A question to a publisher's stewards, and the answer that one of them signed."""

    __tablename__ = "case_question"

    id: str = Field(primary_key=True)
    case_id: str = Field(foreign_key="audit_case.id", index=True)
    publisher_id: str = Field(foreign_key="publisher.id")
    question: str
    asked_by: str
    asked_at: datetime = Field(sa_type=Moment)
    answer: str | None = None
    answered_by: str | None = None
    answered_at: datetime | None = Field(default=None, sa_type=Moment)
    key: str | None = None
    signature: str | None = None
