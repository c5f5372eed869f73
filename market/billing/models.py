"""Programmes and their vouchers, subscriptions and invoices at rest. Amounts are fen; what moved is in the ledger."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from catalog.models import Moment


class Level(StrEnum):
    """Who funds a programme. The levels pay in this order, each of what the ones before have left."""

    CITY = "city"
    DISTRICT = "district"
    PARTNER = "partner"


class Programme(SQLModel, table=True):
    """A subsidy: it pays a share of the bills of firms that hold its voucher, while its money lasts."""

    __table_args__ = (
        CheckConstraint("share_bp > 0 AND share_bp <= 10000", name="share_is_a_part"),
        CheckConstraint("firm_year_cap_fen > 0", name="cap_positive"),
        CheckConstraint("starts_on < ends_on", name="programme_lasts"),
    )

    id: str = Field(primary_key=True)
    name_zh: str
    name_en: str
    level: str
    position: int
    """Its place among programmes of its level."""
    share_bp: int
    """The share it pays, in hundredths of a percent."""
    firm_year_cap_fen: int = Field(sa_type=BigInteger)
    """The most it pays for one firm in one calendar year."""
    starts_on: date
    ends_on: date
    """The first day on which it pays no more."""
    opened_by: str
    opened_at: datetime = Field(sa_type=Moment)
    closed_at: datetime | None = Field(default=None, sa_type=Moment)


class Voucher(SQLModel, table=True):
    """A firm's admission to a programme."""

    __table_args__ = (UniqueConstraint("programme_id", "firm_id"),)

    id: str = Field(primary_key=True)
    programme_id: str = Field(foreign_key="programme.id")
    firm_id: str = Field(foreign_key="firm.id", index=True)
    granted_by: str
    granted_at: datetime = Field(sa_type=Moment)
    revoked_at: datetime | None = Field(default=None, sa_type=Moment)


class Subscription(SQLModel, table=True):
    """One calendar month of an agreement with a flat price, charged once."""

    __table_args__ = (UniqueConstraint("agreement_id", "month"),)

    id: str = Field(primary_key=True)
    """The cause of its transfers."""
    agreement_id: str = Field(foreign_key="agreement.id")
    month: str
    """Such as `2026-11`, in the city's time."""
    bill: str
    """Who pays which part, as canonical JSON: `policies.billing.Bill`."""
    charged_at: datetime = Field(sa_type=Moment)


class Invoice(SQLModel, table=True):
    """What a firm owes for what it used in one calendar month on account."""

    __table_args__ = (UniqueConstraint("firm_id", "month"),)

    id: str = Field(primary_key=True)
    firm_id: str = Field(foreign_key="firm.id")
    month: str
    amount_fen: int = Field(sa_type=BigInteger)
    """Below zero when more was given back than used."""
    statement_hash: str
    """The hash of the lines it sums."""
    issued_by: str
    issued_at: datetime = Field(sa_type=Moment)
    due_on: date
    paid_at: datetime | None = Field(default=None, sa_type=Moment)
