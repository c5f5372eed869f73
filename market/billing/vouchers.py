"""The vouchers that pay for a firm at a moment, in the order in which they pay."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlmodel import Session

from market.billing.models import Level, Programme, Voucher
from market.prepared import Prepared
from policies.calendar import day_of

PROGRAMMES, VOUCHERS = Programme.metadata.tables["programme"], Voucher.metadata.tables["voucher"]

ORDER = tuple(Level)

# Built once: every charged question asks it.
_VALID = Prepared(
    select(
        VOUCHERS.c.id,
        PROGRAMMES.c.id.label("programme"),
        PROGRAMMES.c.level,
        PROGRAMMES.c.position,
        PROGRAMMES.c.share_bp,
        PROGRAMMES.c.firm_year_cap_fen,
    )
    .join(PROGRAMMES, PROGRAMMES.c.id == VOUCHERS.c.programme_id)
    .where(
        VOUCHERS.c.firm_id == bindparam("firm"),
        VOUCHERS.c.revoked_at.is_(None),
        PROGRAMMES.c.closed_at.is_(None),
        PROGRAMMES.c.starts_on <= bindparam("day"),
        PROGRAMMES.c.ends_on > bindparam("day"),
    )
)


@dataclass(frozen=True, slots=True)
class Held:
    """A voucher that pays now, and the terms of its programme."""

    voucher: str
    programme: str
    share_bp: int
    firm_year_cap_fen: int


def held_by(session: Session, firm: str, at: datetime) -> list[Held]:
    """List the vouchers of *firm* that pay at the moment *at*: by level, position, and age of the programme."""
    rows = _VALID.rows(session, firm=firm, day=day_of(at))
    rows = sorted(rows, key=lambda row: (ORDER.index(Level(row.level)), row.position, row.programme))
    return [Held(row.id, row.programme, row.share_bp, row.firm_year_cap_fen) for row in rows]
