"""Move amounts: reserve, then post or void. Guarded statements only; nothing is read, changed and written back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import CursorResult, insert, select, update
from sqlalchemy.orm import Session

from catalog.errors import CatalogError
from catalog.events import Event, note
from catalog.ids import MemberId, new_id
from market.ledger.models import Account, Kind, Transfer, TransferState, Unit

ACCOUNTS, TRANSFERS = Account.metadata.tables["account"], Transfer.metadata.tables["transfer"]

NO_EPOCH = "-"


class LedgerError(CatalogError):
    """The ledger refused a movement."""


class InsufficientBalance(LedgerError):
    """A capped account holds less than is asked of it."""

    def __init__(self, account: str, kind: Kind, unit: Unit) -> None:
        self.kind, self.unit = kind, unit
        super().__init__(f"{kind} account {account}", f"has too few {unit} left", fix="Top it up, or ask for less.")


class StaleTransfer(LedgerError):
    """A transfer was resolved already, or belongs to another process."""


@dataclass(frozen=True, slots=True)
class Move:
    """An amount to be moved from *debit* to *credit*, both account ids."""

    debit: str
    credit: str
    amount: int


def open_account(session: Session, *, owner: str, kind: Kind, unit: Unit, at: datetime) -> str:
    """Give the id of the account, opening it where there is none."""
    columns = ACCOUNTS.c
    where = (columns.owner == owner, columns.kind == kind, columns.unit == unit)
    found: str | None = session.connection().execute(select(columns.id).where(*where)).scalar_one_or_none()
    if found is not None:
        return found
    account = {"id": new_id(at), "owner": owner, "kind": kind, "unit": unit, "balance": 0, "reserved": 0}
    session.connection().execute(insert(ACCOUNTS).values(capped=kind in (Kind.CREDIT, Kind.QUOTA), **account))
    return str(account["id"])


def reserve(
    session: Session, moves: Sequence[Move], *, cause: str, epoch: str, at: datetime, expires_at: datetime
) -> list[str]:
    """Set *moves* aside as pending transfers and give their ids; a move of nothing makes none.

    Accounts are touched in the order of their ids, so that two transactions never wait for each other in a ring.

    Raises:
        InsufficientBalance: a capped account holds too little; the caller's transaction must be rolled back.
    """
    moves = [move for move in moves if move.amount]
    connection = session.connection()
    columns = ACCOUNTS.c
    for move in sorted(moves, key=lambda move: move.debit):
        changed = connection.execute(
            update(ACCOUNTS)
            .where(columns.id == move.debit, columns.capped, columns.balance - columns.reserved >= move.amount)
            .values(reserved=columns.reserved + move.amount)
        )
        if changed.rowcount == 0:
            row = connection.execute(select(columns.kind, columns.unit, columns.capped).where(columns.id == move.debit))
            kind, unit, capped = row.one()
            if capped:
                raise InsufficientBalance(move.debit, Kind(kind), Unit(unit))
    rows = [
        {
            "id": new_id(at),
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
    if rows:
        connection.execute(insert(TRANSFERS), rows)
    return [str(row["id"]) for row in rows]


def post(
    session: Session, ids: Sequence[str], *, epoch: str, at: datetime, amounts: Mapping[str, int] | None = None
) -> None:
    """Make pending transfers final, whole or for the part given in *amounts*; the rest is released.

    Raises:
        StaleTransfer: one is not pending any more, or another process's.
    """
    connection = session.connection()
    for id, debit, credit, amount in _pending(session, ids):
        part = amount if amounts is None else amounts.get(id, amount)
        _resolve(session, id, TransferState.POSTED, epoch=epoch, at=at, posted_amount=part)
        columns = ACCOUNTS.c
        changes = {
            debit: {"balance": columns.balance - part, "reserved": columns.reserved - amount},
            credit: {"balance": columns.balance + part},
        }
        for account in sorted(changes):
            connection.execute(update(ACCOUNTS).where(columns.id == account, columns.capped).values(**changes[account]))


def void(session: Session, ids: Sequence[str], *, epoch: str, at: datetime) -> None:
    """Give pending transfers up and release what they held."""
    for id, debit, _, amount in _pending(session, ids):
        _resolve(session, id, TransferState.VOID, epoch=epoch, at=at)
        released = {"reserved": ACCOUNTS.c.reserved - amount}
        session.connection().execute(
            update(ACCOUNTS).where(ACCOUNTS.c.id == debit, ACCOUNTS.c.capped).values(**released)
        )


def reverse(session: Session, cause: str, *, epoch: str, at: datetime) -> list[str]:
    """Give back all that was posted for *cause*, by transfers the other way; what was posted stays posted."""
    columns = TRANSFERS.c
    where = (columns.cause == cause, columns.state == TransferState.POSTED)
    found = session.connection().execute(
        select(columns.debit, columns.credit, columns.posted_amount).where(*where).order_by(columns.id)
    )
    moves = [Move(row.credit, row.debit, row.posted_amount) for row in found]
    ids = reserve(session, moves, cause=cause, epoch=epoch, at=at, expires_at=at + timedelta(minutes=1))
    post(session, ids, epoch=epoch, at=at)
    return ids


def grant(session: Session, account: str, amount: int, *, unit: Unit, cause: str, by: MemberId, at: datetime) -> str:
    """Issue *amount* to a capped account, as money topped up or a quota signed."""
    if amount <= 0:
        raise LedgerError("amount", "is not above zero", fix="Give a whole number of units from 1 up.")
    source = open_account(session, owner="operator", kind=Kind.ISSUED, unit=unit, at=at)
    ids = reserve(
        session,
        [Move(source, account, amount)],
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
    columns = ACCOUNTS.c
    value: int = (
        session.connection()
        .execute(select(columns.balance - columns.reserved).where(columns.id == account))
        .scalar_one()
    )
    return value


def pending_of(session: Session, cause: str) -> list[str]:
    """Name the pending transfers of *cause*."""
    columns = TRANSFERS.c
    where = (columns.cause == cause, columns.state == TransferState.PENDING)
    return list(session.connection().execute(select(columns.id).where(*where).order_by(columns.id)).scalars())


def _pending(session: Session, ids: Sequence[str]) -> list[tuple[str, str, str, int]]:
    columns = TRANSFERS.c
    found = session.connection().execute(
        select(columns.id, columns.debit, columns.credit, columns.amount)
        .where(columns.id.in_(ids), columns.state == TransferState.PENDING)
        .order_by(columns.id)
    )
    rows = [(row.id, row.debit, row.credit, row.amount) for row in found]
    if len(rows) != len(ids):
        raise StaleTransfer("transfer", "is not pending any more", fix="Ask again with the same idempotency key.")
    return rows


def _resolve(session: Session, id: str, state: TransferState, *, epoch: str, at: datetime, **values: int) -> None:
    columns = TRANSFERS.c
    where = (columns.id == id, columns.state == TransferState.PENDING, columns.epoch == epoch)
    changed: CursorResult[object] = session.connection().execute(
        update(TRANSFERS).where(*where).values(state=state, resolved_at=at, **values)
    )
    if changed.rowcount != 1:
        raise StaleTransfer(f"transfer {id}", "belongs to another process", fix="Ask again with the same key.")
