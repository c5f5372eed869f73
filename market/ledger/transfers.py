"""Move amounts: reserve, then post or void. Guarded statements only; nothing is read, changed and written back."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.errors import CatalogError
from catalog.events import Event, note
from catalog.ids import MemberId, new_id
from market.ledger import statements
from market.ledger.models import CAPPED, Kind, TransferState, Unit

ACCOUNTS, TRANSFERS = statements.ACCOUNTS, statements.TRANSFERS

NO_EPOCH = "-"

ASK_AGAIN = "Ask again with the same idempotency key."


class LedgerError(CatalogError):
    """The ledger refused a movement."""


class InsufficientBalance(LedgerError):
    """A capped account holds less than is asked of it."""

    def __init__(self, account: str, kind: Kind, unit: Unit) -> None:
        self.kind, self.unit = kind, unit
        super().__init__(f"{kind} account {account}", f"has too few {unit} left", fix="Top it up, or ask for less.")


class StaleTransfer(LedgerError):
    """A transfer was resolved already, or belongs to another process."""


class BudgetSpent(LedgerError):
    """Privacy budget is not given back: noise may have left. See `market.ledger.giving_up`."""

    def __init__(self, transfer: str) -> None:
        fix = "Post it, or give its run up, which posts it in full."
        super().__init__(f"transfer {transfer}", "is privacy budget, which no void gives back", fix=fix)


@dataclass(frozen=True, slots=True)
class Move:
    """An amount to be moved from *debit* to *credit*, both account ids."""

    debit: str
    credit: str
    amount: int
    id: str | None = None
    """The transfer's identifier; one is drawn where none is given."""


def open_account(session: Session, *, owner: str, kind: Kind, unit: Unit, at: datetime) -> str:
    """Give the id of the account, opening it where there is none; of two that open it at once, one does."""
    named = {"whose": owner, "of_kind": kind, "in": unit}
    found = statements.FIND_ACCOUNT.first(session, **named)
    if found is None:
        row = {"id": new_id(at), "owner": owner, "kind": kind, "unit": unit, "capped": kind in CAPPED}
        statements.OPEN_ACCOUNT.change(session, {**row, "balance": 0, "reserved": 0})
        found = statements.FIND_ACCOUNT.first(session, **named)
    return str(found.id)


def reserve(
    session: Session, moves: Sequence[Move], *, cause: str, epoch: str, at: datetime, expires_at: datetime
) -> list[str]:
    """Set *moves* aside as pending transfers and give their ids; a move of nothing makes none.

    Accounts are touched in the order of their ids, so that two transactions never wait for each other in a ring.

    Raises:
        InsufficientBalance: a capped account holds too little; the caller's transaction must be rolled back.
    """
    moves = [move for move in moves if move.amount]
    if not moves:
        return []
    _set_aside(session, moves)
    rows = [
        {
            "id": move.id or new_id(at),
            "debit": move.debit,
            "credit": move.credit,
            "amount": move.amount,
            "state": TransferState.PENDING,
            "cause": cause,
            "epoch": epoch,
            "created_at": at,
            "expires_at": expires_at,
        }
        for move in moves
    ]
    statements.ENTER.change(session, *rows)
    return [str(row["id"]) for row in rows]


def post(
    session: Session, ids: Sequence[str], *, epoch: str, at: datetime, amounts: Mapping[str, int] | None = None
) -> None:
    """Make pending transfers final, whole or for the part given in *amounts*; the rest is released.

    Raises:
        StaleTransfer: one is not pending any more, or another process's.
    """
    rows = _pending(session, ids)
    parts = {row.id: row.amount if amounts is None else amounts.get(row.id, row.amount) for row in rows}
    resolve(session, rows, parts, epoch=epoch, at=at)


def post_of(
    session: Session, cause: str, *, epoch: str, at: datetime, keeping: Unit | None = None, part: int | None = None
) -> list[str]:
    """Make final what is pending for *cause*, in any unit but *keeping*; whole, or for *part* of each. Gives the ids.

    Raises:
        StaleTransfer: nothing is pending, or it is another process's.
    """
    asked = {"of": cause, "own_epoch": epoch, "kept": keeping or "", "part": part, "moment": at}
    rows = statements.POST_OF.rows(session, **asked)
    if not rows:
        raise StaleTransfer(f"transfers of {cause}", "are not pending any more", fix=ASK_AGAIN)
    _change(session, [(row.debit, -row.part, row.amount) for row in rows] + [(row.credit, row.part, 0) for row in rows])
    return sorted(str(row.id) for row in rows)


def void(session: Session, ids: Sequence[str], *, epoch: str, at: datetime) -> None:
    """Give pending transfers up and release what they held.

    Raises:
        StaleTransfer: one is not pending any more, or another process's.
        BudgetSpent: one is privacy budget.
    """
    rows = _pending(session, ids)
    for row in rows:
        if row.unit == Unit.NANO_RHO:
            raise BudgetSpent(row.id)
    resolve(session, rows, {}, epoch=epoch, at=at)


def reverse(session: Session, cause: str, *, epoch: str, at: datetime) -> list[str]:
    """Give back what was posted for *cause* and not given back before, by transfers the other way.

    Privacy budget stays spent. Two at once give back once: the later one waits, and finds nothing left.
    """
    lock(session, [cause])
    columns = TRANSFERS.c
    where = (columns.cause == cause, columns.state == TransferState.POSTED, ACCOUNTS.c.unit != Unit.NANO_RHO)
    found = session.connection().execute(
        select(columns.debit, columns.credit, columns.posted_amount)
        .join(ACCOUNTS, ACCOUNTS.c.id == columns.debit)
        .where(*where)
        .order_by(columns.id)
    )
    net = Counter[tuple[str, str]]()
    for row in found:
        net[row.debit, row.credit] += row.posted_amount
        net[row.credit, row.debit] -= row.posted_amount
    moves = [Move(credit, debit, amount) for (debit, credit), amount in net.items() if amount > 0]
    ids = reserve(session, moves, cause=cause, epoch=epoch, at=at, expires_at=at + timedelta(minutes=1))
    post(session, ids, epoch=epoch, at=at)
    return ids


def grant(
    session: Session,
    account: str,
    amount: int,
    *,
    unit: Unit,
    cause: str,
    by: MemberId,
    at: datetime,
    transfer: str | None = None,
) -> str:
    """Issue *amount* to a capped account, as money topped up or a quota signed; gives its *transfer*."""
    if amount <= 0:
        raise LedgerError("amount", "is not above zero", fix="Give a whole number of units from 1 up.")
    source = open_account(session, owner="operator", kind=Kind.ISSUED, unit=unit, at=at)
    ids = reserve(
        session,
        [Move(source, account, amount, transfer)],
        cause=cause,
        epoch=NO_EPOCH,
        at=at,
        expires_at=at + timedelta(minutes=1),
    )
    post(session, ids, epoch=NO_EPOCH, at=at)
    details = {"account": account, "unit": unit, "amount": amount, "cause": cause}
    note(session, Event(action="transfer:posted", subject=ids[0], by=by, at=at, details=details))
    return ids[0]


def left(session: Session, account: str) -> int:
    """Say what a capped account can still give."""
    return int(statements.READ_LEFT.first(session, account=account).left)


def lock(session: Session, causes: Sequence[str]) -> None:
    """Take the capped accounts of *causes* in the order of their ids, for a transaction that touches some twice."""
    columns, cause = ACCOUNTS.c, TRANSFERS.c.cause.in_(causes)
    touched = select(TRANSFERS.c.debit).where(cause).union(select(TRANSFERS.c.credit).where(cause))
    wanted = select(columns.id).where(columns.id.in_(touched), columns.capped).order_by(columns.id)
    session.connection().execute(wanted.with_for_update(key_share=True)).all()


def pending_of(session: Session, cause: str) -> Sequence[Any]:
    """Read the pending transfers of *cause*, in the order of their ids."""
    return statements.PENDING_OF.rows(session, of=cause)


def resolve(
    session: Session, rows: Sequence[Any], parts: Mapping[str, int], *, epoch: str | None, at: datetime
) -> None:
    """Make pending transfers final, all of them or none: posted for their part, void where there is none.

    *rows* are as `statements.READ_PENDING` reads them. Without an *epoch* each is resolved whosever it is.

    Raises:
        StaleTransfer: one was resolved since it was read, or is another process's.
    """
    if not rows:
        return
    changes, states = [], []
    for row in rows:
        part = parts.get(row.id)
        state = TransferState.VOID if part is None else TransferState.POSTED
        states.append(
            {"transfer": row.id, "own_epoch": epoch or row.epoch, "resolved": state, "part": part, "moment": at}
        )
        changes.append((row.debit, -(part or 0), row.amount))
        if part is not None:
            changes.append((row.credit, part, 0))
    if statements.RESOLVE.change(session, *states) != len(rows):
        raise StaleTransfer("transfer", "belongs to another process", fix=ASK_AGAIN)
    _change(session, changes)


def _pending(session: Session, ids: Sequence[str]) -> Sequence[Any]:
    rows = statements.PENDING_BY_ID.rows(session, ids=list(ids)) if ids else []
    if len(rows) != len(ids):
        raise StaleTransfer("transfer", "is not pending any more", fix=ASK_AGAIN)
    return rows


def _set_aside(session: Session, moves: Sequence[Move]) -> None:
    """Lock the capped accounts that give, in the order of their ids, and reserve what is asked of each."""
    asked = Counter[str]()
    for move in moves:
        asked[move.debit] += move.amount
    found = statements.HOLDING.rows(session, accounts=list(asked))
    for row in found:
        if row.left < asked[row.id]:
            raise InsufficientBalance(row.id, Kind(row.kind), Unit(row.unit))
    if found:
        changes = [{"account": row.id, "asked": asked[row.id]} for row in found]
        done = statements.SET_ASIDE.change(session, *changes)
        assert done == len(changes)  # they are locked, and were just seen to hold enough


def _change(session: Session, changes: Sequence[tuple[str, int, int]]) -> None:
    """Add to the balance and take from the reserve of the capped ones of accounts, in the order of their ids."""
    more, released = Counter[str](), Counter[str]()
    for account, added, freed in changes:
        more[account] += added
        released[account] += freed
    rows = [{"account": id, "more": more[id], "released": released[id]} for id in sorted(more)]
    statements.CHANGE.change(session, *rows)
