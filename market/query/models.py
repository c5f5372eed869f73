"""Questions at rest: what was asked, what it cost, and how far its answer got."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from catalog.models import Moment


class RunState(StrEnum):
    """How far a question got. `unknown`: paid, but the process died before it could say that all was delivered."""

    RESERVED = "reserved"
    POSTED = "posted"
    DELIVERED = "delivered"
    FAILED = "failed"
    UNKNOWN = "unknown"
    REFUNDED = "refunded"


OPEN = (RunState.RESERVED, RunState.POSTED, RunState.UNKNOWN)
"""States in which a run waits for something."""

_WAITS = text("state IN ('reserved', 'posted', 'unknown')")
_IS_PART = text("part_of IS NOT NULL")


class QueryRun(SQLModel, table=True):
    """One question under an agreement.

    A question under several agreements has a run under each: the first leads, the others are its parts, and share its
    fate. Each is quoted, billed and logged as what was read under its own agreement.
    """

    __tablename__ = "query_run"
    __table_args__ = (
        Index("ix_query_run_open", "state", sqlite_where=_WAITS, postgresql_where=_WAITS),
        Index("ix_query_run_part_of", "part_of", sqlite_where=_IS_PART, postgresql_where=_IS_PART),
    )

    id: str = Field(primary_key=True)
    agreement_id: str = Field(foreign_key="agreement.id", index=True)
    edition_id: str = Field(foreign_key="edition.id")
    member_id: str
    purpose: str
    sql: str
    parameters: str | None = None
    """Values for the parameters of the statement, as canonical JSON."""
    quote: str
    """The quote as canonical JSON."""
    bill: str
    """Who pays which part of it, as canonical JSON: `policies.billing.Bill`. Its list price is the quote's."""
    state: str
    epoch: str
    created_at: datetime = Field(sa_type=Moment)
    posted_at: datetime | None = Field(default=None, sa_type=Moment)
    rows: int | None = Field(default=None, sa_type=BigInteger)
    result_hash: str | None = None
    """SHA-256 of the delivered bytes."""
    result_format: str | None = None
    failure: str | None = None
    part_of: str | None = None
    """The run of the leading agreement; none: this is the one that leads, or the only one."""
    alias: str | None = None
    """The name under which the statement asks the agreement's table; none: the agreement's own."""


class JobState(StrEnum):
    """How far a long question got: its answer waits in the spool, or there is none."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


_WORKS = text("state IN ('queued', 'running')")


class QueryJob(SQLModel, table=True):
    """A question whose answer is fetched later."""

    __tablename__ = "query_job"
    __table_args__ = (Index("ix_query_job_open", "state", sqlite_where=_WORKS, postgresql_where=_WORKS),)

    id: str = Field(primary_key=True)
    agreement_id: str = Field(foreign_key="agreement.id")
    member_id: str
    purpose: str
    sql: str
    parameters: str
    """As canonical JSON."""
    key: str
    """The idempotency key under which it runs."""
    format: str
    state: str
    run_id: str | None = None
    under: str | None = None
    """Several agreements, or their aliases, as canonical JSON; none: the one agreement alone."""
    failure: str | None = None
    """The code of what went wrong, or of the refusal."""
    submitted_at: datetime = Field(sa_type=Moment)
    ended_at: datetime | None = Field(default=None, sa_type=Moment)


class Spooled(SQLModel, table=True):
    """An answer kept for a day, so that the same key can be given the same bytes again."""

    run_id: str = Field(primary_key=True, foreign_key="query_run.id")
    sha256: str
    size_bytes: int = Field(sa_type=BigInteger)
    rows: int = Field(sa_type=BigInteger)
    format: str
    created_at: datetime = Field(sa_type=Moment)
    expires_at: datetime = Field(sa_type=Moment, index=True)


class Template(SQLModel, table=True):
    """A question that a steward approved for an edition, with typed parameters."""

    __table_args__ = (UniqueConstraint("edition_id", "name"),)

    id: str = Field(primary_key=True)
    edition_id: str = Field(foreign_key="edition.id")
    name: str
    sql: str
    parameters: str
    """Name → type, as canonical JSON."""
    approved_by: str
    approved_at: datetime = Field(sa_type=Moment)
    retired_at: datetime | None = Field(default=None, sa_type=Moment)


class SavedQuery(SQLModel, table=True):
    """A question that a firm keeps under a name."""

    __tablename__ = "saved_query"
    __table_args__ = (UniqueConstraint("firm_id", "name"),)

    id: str = Field(primary_key=True)
    firm_id: str = Field(foreign_key="firm.id")
    name: str
    sql: str
    saved_by: str
    saved_at: datetime = Field(sa_type=Moment)
