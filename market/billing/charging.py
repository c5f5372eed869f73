"""Draw up a bill from what is left at this moment, and the moves that it makes.

All accounts that a charge may touch are locked in one statement, in the order of their ids, before anything is computed
from what they hold: a bill is never drawn up from figures that another charge is changing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlmodel import Session

from catalog.ids import MemberId
from market.billing.vouchers import Held, held_by
from market.ledger import transfers
from market.ledger.models import Kind, Unit
from market.ledger.transfers import ACCOUNTS, Move
from market.prepared import Prepared
from policies import billing
from policies.billing import Bill, Purse, Share
from policies.calendar import Month

PURSES = (Kind.CREDIT, Kind.POSTPAID)
"""Where a firm pays from, in this order."""

ALLOWANCE = "allowance"
"""The cause by which what may be drawn in a period is issued."""

# Statements are built once: every charged question runs them.
_FIND_USED = Prepared(
    select(ACCOUNTS.c.owner, ACCOUNTS.c.id).where(
        ACCOUNTS.c.owner.in_(bindparam("owners", expanding=True)),
        ACCOUNTS.c.kind == Kind.USED,
        ACCOUNTS.c.unit == Unit.FEN,
    )
)
_LOCK = Prepared(
    select(
        ACCOUNTS.c.id,
        ACCOUNTS.c.owner,
        ACCOUNTS.c.kind,
        ACCOUNTS.c.unit,
        (ACCOUNTS.c.balance - ACCOUNTS.c.reserved).label("left"),
    )
    .where(ACCOUNTS.c.owner.in_(bindparam("owners", expanding=True)), ACCOUNTS.c.capped)
    .order_by(ACCOUNTS.c.id)
    .with_for_update(key_share=True)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """Between whom money moves under an agreement."""

    agreement: str
    firm: str
    income: str
    """The account in which the publisher receives."""
    monthly_maximum_fen: int | None


@dataclass(frozen=True, slots=True)
class Drawn:
    """A bill that can be paid now: nobody else can draw on its accounts before this transaction ends."""

    bill: Bill
    moves: tuple[Move, ...]
    left: Mapping[str, int]
    """What each capped account of the firm and of its agreements can still give, after these moves."""


def draw_up(session: Session, list_fen: int, contract: Contract, *, by: MemberId, at: datetime) -> Drawn:
    """Part *list_fen* between the monthly maximum, the firm's vouchers and the firm.

    Raises:
        CannotPay: no account of the firm holds its part.
    """
    return draw_up_all(session, [(list_fen, contract)], by=by, at=at)[0]


def draw_up_all(session: Session, asked: Sequence[tuple[int, Contract]], *, by: MemberId, at: datetime) -> list[Drawn]:
    """Part the list prices of one firm under several agreements, each from what those before it leave.

    Raises:
        CannotPay: no account of the firm holds its part of one of them.
    """
    firm, year = asked[0][1].firm, Month.of(at).year
    held = held_by(session, firm, at) if any(list_fen for list_fen, _ in asked) else []
    periods = {f"{voucher.voucher}/{year}": voucher.firm_year_cap_fen for voucher in held}
    for list_fen, contract in asked:
        if list_fen and contract.monthly_maximum_fen is not None:
            periods[_month(contract, at)] = contract.monthly_maximum_fen
    used = _open(session, periods, by=by, at=at) if periods else {}
    agreements = [contract.agreement for _, contract in asked]
    rows = _LOCK.rows(session, owners=[firm, *agreements, *periods, *(voucher.programme for voucher in held)])
    accounts = _Accounts(
        {(row.owner, row.kind, row.unit): row.id for row in rows}, {row.id: int(row.left) for row in rows}, used
    )
    drawn = []
    for list_fen, contract in asked:
        one = _drawn(list_fen, contract, accounts, held, month=_month(contract, at), year=year)
        for move in one.moves:
            accounts.left[move.debit] -= move.amount
        drawn.append(one)
    return drawn


def _month(contract: Contract, at: datetime) -> str:
    return f"{contract.agreement}/{Month.of(at)}"


@dataclass(frozen=True, slots=True)
class _Accounts:
    """Locked accounts, what they hold, and where each period counts."""

    ids: Mapping[tuple[str, str, str], str]
    left: dict[str, int]
    used: Mapping[str, str]

    def of(self, owner: str, kind: Kind) -> str:
        return str(self.ids[owner, kind, Unit.FEN])


def _drawn(
    list_fen: int, contract: Contract, accounts: _Accounts, held: Sequence[Held], *, month: str, year: int
) -> Drawn:
    left, of, used = accounts.left, accounts.of, accounts.used
    bill = billing.split(
        list_fen,
        maximum_left_fen=left[of(month, Kind.ALLOWANCE)] if month in used else None,
        shares=[
            Share(
                voucher=voucher.voucher,
                programme=voucher.programme,
                share_bp=voucher.share_bp,
                left_fen=min(
                    left[of(f"{voucher.voucher}/{year}", Kind.ALLOWANCE)], left[of(voucher.programme, Kind.FUND)]
                ),
            )
            for voucher in held
        ],
        purses=[
            Purse(kind=kind, left_fen=left[accounts.ids[contract.firm, kind, Unit.FEN]])
            for kind in PURSES
            if (contract.firm, kind, Unit.FEN) in accounts.ids
        ],
    )
    moves = [Move(of(contract.firm, Kind(bill.account)), contract.income, bill.net_fen)]
    for part in bill.vouchers:
        period = f"{part.voucher}/{year}"
        moves.append(Move(of(part.programme, Kind.FUND), contract.income, part.amount_fen))
        moves.append(Move(of(period, Kind.ALLOWANCE), used[period], part.amount_fen))
    if month in used:
        moves.append(Move(of(month, Kind.ALLOWANCE), used[month], bill.charged_fen))
    return Drawn(bill, tuple(moves), left)


def _open(session: Session, periods: Mapping[str, int], *, by: MemberId, at: datetime) -> dict[str, str]:
    """Give the account in which each period counts what was drawn; one that begins is opened, and issued its amount.

    Two that begin one at once come to one: the later one waits for the earlier one's allowance, and looks again.
    """
    used = _used(session, list(periods))
    for owner, amount in periods.items():
        if owner not in used:
            allowance = transfers.open_account(session, owner=owner, kind=Kind.ALLOWANCE, unit=Unit.FEN, at=at)
            used |= _used(session, [owner])
        if owner not in used:
            transfers.grant(session, allowance, amount, unit=Unit.FEN, cause=ALLOWANCE, by=by, at=at)
            used[owner] = transfers.open_account(session, owner=owner, kind=Kind.USED, unit=Unit.FEN, at=at)
    return used


def _used(session: Session, owners: Sequence[str]) -> dict[str, str]:
    found = _FIND_USED.rows(session, owners=list(owners))
    return {str(row.owner): str(row.id) for row in found}
