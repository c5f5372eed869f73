"""Accounts and transfers at rest: integers, double entry."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from catalog.models import Moment


class Unit(StrEnum):
    """What an account counts."""

    FEN = "fen"
    BYTES = "bytes"
    ROWS = "rows"
    QUERIES = "queries"
    NANO_RHO = "nano_rho"
    """Privacy budget: billionths of ρ of zero-concentrated differential privacy (Bun and Steinke 2016)."""


class Kind(StrEnum):
    """What an account is for."""

    CREDIT = "credit"
    """A firm's prepaid money."""
    POSTPAID = "postpaid"
    """What a firm may still use before it is invoiced."""
    FUND = "fund"
    """The money that a programme pays vouchers from."""
    ALLOWANCE = "allowance"
    """What may still be drawn in a period: a firm's yearly part of a programme, an agreement's monthly maximum."""
    QUOTA = "quota"
    """What an agreement may still take."""
    INCOME = "income"
    """What a publisher has earned."""
    USED = "used"
    """What an agreement has taken."""
    ISSUED = "issued"
    """Where money and quotas come from."""


CAPPED = (Kind.CREDIT, Kind.POSTPAID, Kind.FUND, Kind.ALLOWANCE, Kind.QUOTA)
"""Accounts that can give no more than they hold."""


class TransferState(StrEnum):
    """A transfer is an intention until it is posted or void, and then it is that for ever."""

    PENDING = "pending"
    POSTED = "posted"
    VOID = "void"


class Account(SQLModel, table=True):
    """One side of transfers. Capped accounts keep a cached balance that never falls below zero.

    The others (income, used, issued) are sums over transfers, so that no two buyers queue on one row.
    """

    __table_args__ = (
        UniqueConstraint("owner", "kind", "unit"),
        CheckConstraint("balance >= 0", name="balance_not_negative"),
        CheckConstraint("reserved >= 0 AND reserved <= balance", name="reserved_within_balance"),
    )

    id: str = Field(primary_key=True)
    owner: str
    kind: str
    unit: str
    capped: bool
    balance: int = Field(default=0, sa_type=BigInteger)
    reserved: int = Field(default=0, sa_type=BigInteger)


class Transfer(SQLModel, table=True):
    """An amount that moves from the debited to the credited account."""

    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint(
            "posted_amount IS NULL OR (posted_amount >= 0 AND posted_amount <= amount)", name="posted_part"
        ),
        CheckConstraint("(state = 'posted') = (posted_amount IS NOT NULL)", name="posted_has_amount"),
        CheckConstraint("debit <> credit", name="two_accounts"),
        Index(
            "ix_transfer_pending",
            "expires_at",
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
    )

    id: str = Field(primary_key=True)
    debit: str = Field(foreign_key="account.id")
    credit: str = Field(foreign_key="account.id")
    amount: int = Field(sa_type=BigInteger)
    posted_amount: int | None = Field(default=None, sa_type=BigInteger)
    state: str
    cause: str = Field(index=True)
    """What it is for: a query's or a grant's identifier."""
    epoch: str
    """The process that may resolve it: a stale one changes nothing."""
    created_at: datetime = Field(sa_type=Moment)
    expires_at: datetime = Field(sa_type=Moment)
    resolved_at: datetime | None = Field(default=None, sa_type=Moment)


class IdempotencyKey(SQLModel, table=True):
    """What a client's key stands for on one route: asked again in its time, it is the same act, not a second one."""

    __tablename__ = "idempotency_key"

    tenant: str = Field(primary_key=True)
    """Who asks: a firm, a publisher, or the operator."""
    route: str = Field(primary_key=True)
    """What is asked for, such as `agreements/01H…/queries`."""
    key: str = Field(primary_key=True)
    body_hash: str
    """The hash of all that was asked, which must be the same when the key is used again."""
    subject: str
    """What came of it: a query's or a transfer's identifier."""
    created_at: datetime = Field(sa_type=Moment)
    expires_at: datetime = Field(sa_type=Moment, index=True)
