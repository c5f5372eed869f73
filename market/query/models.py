"""Questions at rest: what was asked, what it cost, and how far its answer got."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Index, text
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


class QueryRun(SQLModel, table=True):
    """One question under an agreement."""

    __tablename__ = "query_run"
    __table_args__ = (
        Index("ix_query_run_open", "state", sqlite_where=_WAITS, postgresql_where=_WAITS),
        {"sqlite_with_rowid": False},
    )

    id: str = Field(primary_key=True)
    agreement_id: str = Field(foreign_key="agreement.id", index=True)
    edition_id: str = Field(foreign_key="edition.id")
    member_id: str
    purpose: str
    sql: str
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
