"""What a firm pays from: prepaid credit that is topped up, and a post-paid account that holds what it may still use."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, select
from sqlmodel import Session

from catalog.errors import NotFound
from catalog.events import Event, note
from catalog.ids import MemberId, new_id
from market.billing.errors import BillingError
from market.ledger import idempotency, transfers
from market.ledger.models import Kind, TransferState, Unit
from market.ledger.transfers import ACCOUNTS, NO_EPOCH, TRANSFERS, InsufficientBalance, Move
from market.parties.models import Firm
from policies.canonical import digest

TENANT, ROUTE = "operator", "ledger/credit"

TOPPED_UP, LIMIT = "top-up", "post-paid limit"
"""The causes by which credit is topped up, and a limit is raised or lowered."""

_LOCK = select(ACCOUNTS.c.id).where(ACCOUNTS.c.id == bindparam("account")).with_for_update(key_share=True)


@dataclass(frozen=True, slots=True)
class Paid:
    """A transfer to a firm's account, and what it holds now."""

    transfer: str | None
    left_fen: int


def top_up(
    session: Session, firm_id: str, amount_fen: int, *, key: str | None = None, by: MemberId, at: datetime
) -> Paid:
    """Top a firm's prepaid credit up; the same *key* again is the same top-up, and no second one.

    Raises:
        KeyReused: the key stands for another top-up.
    """
    _check_firm(session, firm_id)
    account = transfers.open_account(session, owner=firm_id, kind=Kind.CREDIT, unit=Unit.FEN, at=at)
    body_hash = digest({"firm": firm_id, "amount_fen": amount_fen})
    fresh, done = new_id(at), None
    if key:
        asked = {"tenant": TENANT, "route": ROUTE, "key": key, "body_hash": body_hash}
        done = idempotency.claim(session, **asked, subject=fresh, at=at)
    if done is None:
        transfers.grant(session, account, amount_fen, unit=Unit.FEN, cause=TOPPED_UP, by=by, at=at, transfer=fresh)
    return Paid(done or fresh, transfers.left(session, account))


def set_limit(session: Session, firm_id: str, limit_fen: int, *, by: MemberId, at: datetime) -> Paid:
    """Let a firm use up to *limit_fen* before it pays; the first limit opens its post-paid account, 0 ends it.

    Raises:
        BillingError: more than the new limit is in use.
    """
    _check_firm(session, firm_id)
    account = transfers.open_account(session, owner=firm_id, kind=Kind.POSTPAID, unit=Unit.FEN, at=at)
    session.connection().execute(_LOCK, {"account": account})  # two limits at once come to the later one
    more = limit_fen - limit_of(session, account)
    transfer = None
    if more > 0:
        transfer = transfers.grant(session, account, more, unit=Unit.FEN, cause=LIMIT, by=by, at=at)
    elif more < 0:
        transfer = take_back(session, account, -more, cause=LIMIT, by=by, at=at)
    return Paid(transfer, transfers.left(session, account))


def limit_of(session: Session, account: str) -> int:
    """Sum what the limit of a post-paid account was raised by, less what it was lowered by."""
    columns = TRANSFERS.c
    total = func.coalesce(func.sum(columns.posted_amount), 0)
    wanted = (columns.cause == LIMIT, columns.state == TransferState.POSTED)
    raised = session.connection().execute(select(total).where(columns.credit == account, *wanted)).scalar_one()
    lowered = session.connection().execute(select(total).where(columns.debit == account, *wanted)).scalar_one()
    return int(raised) - int(lowered)


def take_back(session: Session, account: str, amount_fen: int, *, cause: str, by: MemberId, at: datetime) -> str:
    """Take from an account what it was issued.

    Raises:
        BillingError: it holds less.
    """
    source = transfers.open_account(session, owner="operator", kind=Kind.ISSUED, unit=Unit.FEN, at=at)
    move = Move(account, source, amount_fen)
    until = at + timedelta(minutes=1)
    try:
        ids = transfers.reserve(session, [move], cause=cause, epoch=NO_EPOCH, at=at, expires_at=until)
    except InsufficientBalance as error:
        fix = "Wait until the firm has paid its invoices."
        raise BillingError(f"account {account}", f"holds less than {amount_fen} fen", fix=fix) from error
    transfers.post(session, ids, epoch=NO_EPOCH, at=at)
    details = {"account": account, "unit": Unit.FEN, "amount": -amount_fen, "cause": cause}
    note(session, Event(action="transfer:posted", subject=ids[0], by=by, at=at, details=details))
    return ids[0]


def _check_firm(session: Session, firm_id: str) -> None:
    if session.get(Firm, firm_id) is None:
        raise NotFound(f"firm {firm_id!r}", "there is none", fix="Enter it: sluice firm add.")
