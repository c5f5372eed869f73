"""Accounts and transfers at rest: integers, double entry."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from catalog.models import Moment


class Unit(StrEnum):
    """What an account counts."""

    FEN = "fen"
    BYTES = "bytes"
    ROWS = "rows"
    QUERIES = "queries"


class Kind(StrEnum):
    """What an account is for."""

    CREDIT = "credit"
    """A firm's prepaid money."""
    QUOTA = "quota"
    """What an agreement may still take."""
    INCOME = "income"
    """What a publisher has earned."""
    USED = "used"
    """What an agreement has taken."""
    ISSUED = "issued"
    """Where money and quotas come from."""


CAPPED = (Kind.CREDIT, Kind.QUOTA)
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
    )

    id: str = Field(primary_key=True)
    debit: str = Field(foreign_key="account.id", index=True)
    credit: str = Field(foreign_key="account.id", index=True)
    amount: int = Field(sa_type=BigInteger)
    posted_amount: int | None = Field(default=None, sa_type=BigInteger)
    state: str = Field(index=True)
    cause: str = Field(index=True)
    """What it is for: a query's or a grant's identifier."""
    epoch: str
    """The process that may resolve it: a stale one changes nothing."""
    created_at: datetime = Field(sa_type=Moment)
    expires_at: datetime = Field(sa_type=Moment)
    resolved_at: datetime | None = Field(default=None, sa_type=Moment)
