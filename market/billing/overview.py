"""Programmes and their vouchers, as they stand: what is left in the fund, and what each firm has drawn this year."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from market.billing.programmes import programmes, vouchers_of
from market.ledger.models import Kind, Unit
from market.ledger.transfers import ACCOUNTS
from policies.calendar import Month


def overview(session: Session, *, firm: str | None, at: datetime) -> list[dict[str, Any]]:
    """Tell of every programme, and of the vouchers of all firms or of one; the fund is not told to a firm."""
    year, value = Month.of(at).year, []
    for row in programmes(session):
        vouchers = [item for item in vouchers_of(session, row.id) if firm in (None, item.firm_id)]
        told: dict[str, Any] = {
            "programme": row.id,
            "name_zh": row.name_zh,
            "name_en": row.name_en,
            "level": row.level,
            "position": row.position,
            "share_bp": row.share_bp,
            "firm_year_cap_fen": row.firm_year_cap_fen,
            "from": row.starts_on.isoformat(),
            "to": row.ends_on.isoformat(),
            "closed": row.closed_at is not None,
        }
        if firm is None:
            told["fund_fen"] = _left(session, row.id, Kind.FUND) or 0
        told["vouchers"] = [
            {
                "voucher": item.id,
                "firm": item.firm_id,
                "revoked": item.revoked_at is not None,
                "drawn_fen": _drawn(session, f"{item.id}/{year}", row.firm_year_cap_fen),
            }
            for item in vouchers
        ]
        value.append(told)
    return value


def _drawn(session: Session, period: str, cap_fen: int) -> int:
    """Say what was drawn or is set aside in a period; one that nobody drew in has no account."""
    left = _left(session, period, Kind.ALLOWANCE)
    return 0 if left is None else cap_fen - left


def _left(session: Session, owner: str, kind: Kind) -> int | None:
    columns = ACCOUNTS.c
    asked = select(columns.balance - columns.reserved).where(
        columns.owner == owner, columns.kind == kind, columns.unit == Unit.FEN
    )
    left = session.connection().execute(asked).scalar_one_or_none()
    return None if left is None else int(left)
