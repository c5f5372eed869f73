"""Questions at rest: what was asked, what it cost, and how far its answer got."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, UniqueConstraint
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


class QueryRun(SQLModel, table=True):
    """One question under an agreement. Its key makes asking again the same question, not a second one."""

    __tablename__ = "query_run"
    __table_args__ = (UniqueConstraint("agreement_id", "key"),)

    id: str = Field(primary_key=True)
    agreement_id: str = Field(foreign_key="agreement.id", index=True)
    edition_id: str = Field(foreign_key="edition.id")
    member_id: str
    purpose: str
    key: str
    """The idempotency key."""
    question_hash: str
    """The hash of statement and purpose, which must be the same when the key is used again."""
    sql: str
    quote: str
    """The quote as canonical JSON: the bill is this."""
    state: str = Field(index=True)
    epoch: str
    created_at: datetime = Field(sa_type=Moment)
    posted_at: datetime | None = Field(default=None, sa_type=Moment)
    rows: int | None = Field(default=None, sa_type=BigInteger)
    result_hash: str | None = None
    """SHA-256 of the delivered bytes."""
    result_format: str | None = None
    failure: str | None = None
