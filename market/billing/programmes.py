"""Subsidy programmes: opened, funded, and closed; firms are admitted to them, and admissions revoked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from catalog.errors import NotFound, WrongState
from catalog.events import Event, note
from catalog.ids import MemberId, new_id
from market.billing.errors import BillingError
from market.billing.models import Level, Programme, Voucher
from market.ledger import transfers
from market.ledger.models import Kind, Unit
from market.parties.models import Firm
from policies.billing import BASIS_POINTS
from policies.calendar import day_of

MOST_FEN = 10**15
"""Of a yearly cap; ten billion yuan."""

FUNDED = "fund"
"""The cause by which a programme is given money."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subsidy:
    """What a programme pays: a share of a bill, so much for one firm in a calendar year, from a day to one before."""

    level: Level
    position: int
    """Its place among the programmes of its level; the levels pay in their order."""
    share_bp: int
    """In hundredths of a percent."""
    firm_year_cap_fen: int
    starts_on: date
    ends_on: date
    """The first day on which it pays no more."""

    def __post_init__(self) -> None:
        if not 0 < self.share_bp <= BASIS_POINTS:
            raise BillingError("share", "is no part of a bill", fix=f"Give basis points from 1 to {BASIS_POINTS:,}.")
        if not 0 < self.firm_year_cap_fen <= MOST_FEN:
            raise BillingError("yearly cap", "cannot be kept", fix=f"Give 1 to {MOST_FEN:,} fen.")
        if self.starts_on >= self.ends_on:
            raise BillingError("end", "is not after the start", fix="Give the first day on which it pays no more.")


def open_programme(
    session: Session, subsidy: Subsidy, *, name_zh: str, name_en: str, by: MemberId, at: datetime
) -> Programme:
    """Open a programme. It pays nothing before it is funded."""
    row = Programme(
        id=new_id(at),
        name_zh=name_zh,
        name_en=name_en,
        level=subsidy.level,
        position=subsidy.position,
        share_bp=subsidy.share_bp,
        firm_year_cap_fen=subsidy.firm_year_cap_fen,
        starts_on=subsidy.starts_on,
        ends_on=subsidy.ends_on,
        opened_by=by,
        opened_at=at,
    )
    session.add(row)
    session.flush()
    transfers.open_account(session, owner=row.id, kind=Kind.FUND, unit=Unit.FEN, at=at)
    note(session, Event(action="programme:opened", subject=row.id, by=by, at=at, details=_told(subsidy)))
    return row


def _told(subsidy: Subsidy) -> dict[str, object]:
    return {
        "level": subsidy.level,
        "position": subsidy.position,
        "share_bp": subsidy.share_bp,
        "firm_year_cap_fen": subsidy.firm_year_cap_fen,
        "from": subsidy.starts_on,
        "to": subsidy.ends_on,
    }


def fund(session: Session, programme_id: str, amount_fen: int, *, by: MemberId, at: datetime) -> str:
    """Give a programme money to pay vouchers from; gives the transfer's identifier."""
    row = _open_one(session, programme_id)
    account = transfers.open_account(session, owner=row.id, kind=Kind.FUND, unit=Unit.FEN, at=at)
    return transfers.grant(session, account, amount_fen, unit=Unit.FEN, cause=FUNDED, by=by, at=at)


def close(session: Session, programme_id: str, *, by: MemberId, at: datetime) -> Programme:
    """End a programme early, for all firms. What is being charged is still paid; what is left in its fund stays."""
    row = _open_one(session, programme_id)
    row.closed_at = at
    note(session, Event(action="programme:closed", subject=row.id, by=by, at=at))
    return row


def admit(session: Session, programme_id: str, firm_id: str, *, by: MemberId, at: datetime) -> Voucher:
    """Give a firm the voucher of a programme.

    Raises:
        BillingError: it has one, or had.
    """
    row = _open_one(session, programme_id)
    if day_of(at) >= row.ends_on:
        raise WrongState(f"programme {row.id}", f"ended on {row.ends_on}", fix="Open the next one.")
    if session.get(Firm, firm_id) is None:
        raise NotFound(f"firm {firm_id!r}", "there is none", fix="Enter it: sluice firm add.")
    asked = select(Voucher).where(Voucher.programme_id == row.id, Voucher.firm_id == firm_id)
    known = session.exec(asked).first()
    if known is not None:
        found = "has its voucher" if known.revoked_at is None else "had its voucher revoked"
        raise BillingError(f"firm {firm_id}", found, fix="A firm is admitted to a programme once.")
    voucher = Voucher(id=new_id(at), programme_id=row.id, firm_id=firm_id, granted_by=by, granted_at=at)
    session.add(voucher)
    session.flush()
    details = {"programme": row.id, "firm": firm_id}
    note(session, Event(action="voucher:granted", subject=voucher.id, by=by, at=at, details=details))
    return voucher


def revoke(session: Session, voucher_id: str, *, by: MemberId, at: datetime) -> Voucher:
    """End a firm's voucher. What it paid stays paid."""
    row = session.get(Voucher, voucher_id, with_for_update=True)
    if row is None:
        raise NotFound(f"voucher {voucher_id!r}", "there is none", fix="List them: sluice programme list.")
    if row.revoked_at is not None:
        raise WrongState(f"voucher {voucher_id}", "is revoked already", fix="Nothing is left to do.")
    row.revoked_at = at
    note(session, Event(action="voucher:revoked", subject=row.id, by=by, at=at))
    return row


def find(session: Session, programme_id: str) -> Programme:
    """Load a programme."""
    row = session.get(Programme, programme_id)
    if row is None:
        raise NotFound(f"programme {programme_id!r}", "there is none", fix="List them: sluice programme list.")
    return row


def programmes(session: Session) -> list[Programme]:
    """List the programmes in the order in which they pay."""
    order = tuple(Level)
    rows = session.exec(select(Programme)).all()
    return sorted(rows, key=lambda row: (order.index(Level(row.level)), row.position, row.id))


def vouchers_of(session: Session, programme_id: str) -> Sequence[Voucher]:
    """List the vouchers of a programme, the revoked ones included."""
    return session.exec(select(Voucher).where(Voucher.programme_id == programme_id).order_by(col(Voucher.id))).all()


def _open_one(session: Session, programme_id: str) -> Programme:
    row = find(session, programme_id)
    session.refresh(row, with_for_update=True)
    if row.closed_at is not None:
        raise WrongState(f"programme {programme_id}", "is closed", fix="Open another one.")
    return row
