"""Move amounts: reserve, then post or void. Guarded statements only; nothing is read, changed and written back."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from catalog.errors import CatalogError
from catalog.events import Event, note
from catalog.ids import MemberId, new_id
from market.ledger.models import CAPPED, Account, Kind, Transfer, TransferState, Unit

ACCOUNTS, TRANSFERS = Account.metadata.tables["account"], Transfer.metadata.tables["transfer"]

NO_EPOCH = "-"

# Statements are built once: every answered question runs them twice.
_LEFT = ACCOUNTS.c.balance - ACCOUNTS.c.reserved
_READ_LEFT = select(_LEFT).where(ACCOUNTS.c.id == bindparam("account"))
_SET_ASIDE = (
    update(ACCOUNTS)
    .where(ACCOUNTS.c.id == bindparam("account"), ACCOUNTS.c.capped, bindparam("asked") <= _LEFT)
    .values(reserved=ACCOUNTS.c.reserved + bindparam("asked"))
)
_CHANGE = (
    update(ACCOUNTS)
    .where(ACCOUNTS.c.id == bindparam("account"), ACCOUNTS.c.capped)
    .values(balance=ACCOUNTS.c.balance + bindparam("more"), reserved=ACCOUNTS.c.reserved - bindparam("released"))
)
_DEBIT, _CREDIT = ACCOUNTS.alias("debited"), ACCOUNTS.alias("credited")
_READ_PENDING = (
    select(
        TRANSFERS.c.id,
        TRANSFERS.c.debit,
        TRANSFERS.c.credit,
        TRANSFERS.c.amount,
        _DEBIT.c.capped.label("debit_capped"),
        _CREDIT.c.capped.label("credit_capped"),
    )
    .join(_DEBIT, _DEBIT.c.id == TRANSFERS.c.debit)
    .join(_CREDIT, _CREDIT.c.id == TRANSFERS.c.credit)
    .where(TRANSFERS.c.id.in_(bindparam("ids", expanding=True)), TRANSFERS.c.state == TransferState.PENDING)
    .order_by(TRANSFERS.c.id)
)
_RESOLVE = (
    update(TRANSFERS)
    .where(
        TRANSFERS.c.id == bindparam("transfer"),
        TRANSFERS.c.state == TransferState.PENDING,
        TRANSFERS.c.epoch == bindparam("own_epoch"),
    )
    .values(state=bindparam("resolved"), resolved_at=bindparam("moment"), posted_amount=bindparam("part"))
)


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
    session.connection().execute(insert(ACCOUNTS).values(capped=kind in CAPPED, **account))
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
        changed = connection.execute(_SET_ASIDE, {"account": move.debit, "asked": move.amount})
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
    rows = _pending(session, ids)
    parts = {row.id: row.amount if amounts is None else amounts.get(row.id, row.amount) for row in rows}
    _resolve(session, parts, TransferState.POSTED, epoch=epoch, at=at)
    changes = [(row.debit, -parts[row.id], row.amount) for row in rows if row.debit_capped]
    changes += [(row.credit, parts[row.id], 0) for row in rows if row.credit_capped]
    _change(session, changes)


def void(session: Session, ids: Sequence[str], *, epoch: str, at: datetime) -> None:
    """Give pending transfers up and release what they held.

    Raises:
        StaleTransfer: one is not pending any more, or another process's.
    """
    rows = _pending(session, ids)
    _resolve(session, dict.fromkeys((row.id for row in rows), None), TransferState.VOID, epoch=epoch, at=at)
    _change(session, [(row.debit, 0, row.amount) for row in rows if row.debit_capped])


def reverse(session: Session, cause: str, *, epoch: str, at: datetime) -> list[str]:
    """Give back all that was posted for *cause* and not given back before, by transfers the other way."""
    columns = TRANSFERS.c
    where = (columns.cause == cause, columns.state == TransferState.POSTED)
    found = session.connection().execute(
        select(columns.debit, columns.credit, columns.posted_amount).where(*where).order_by(columns.id)
    )
    net = Counter[tuple[str, str]]()
    for row in found:
        net[row.debit, row.credit] += row.posted_amount
        net[row.credit, row.debit] -= row.posted_amount
    moves = [Move(credit, debit, amount) for (debit, credit), amount in net.items() if amount > 0]
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
    value: int = session.connection().execute(_READ_LEFT, {"account": account}).scalar_one()
    return value


def lock(session: Session, causes: Sequence[str]) -> None:
    """Take the capped accounts of *causes* in the order of their ids, for a transaction that touches some twice."""
    columns, cause = ACCOUNTS.c, TRANSFERS.c.cause.in_(causes)
    touched = select(TRANSFERS.c.debit).where(cause).union(select(TRANSFERS.c.credit).where(cause))
    wanted = select(columns.id).where(columns.id.in_(touched), columns.capped).order_by(columns.id)
    session.connection().execute(wanted.with_for_update(key_share=True)).all()


def pending_of(session: Session, cause: str) -> list[str]:
    """Name the pending transfers of *cause*."""
    columns = TRANSFERS.c
    where = (columns.cause == cause, columns.state == TransferState.PENDING)
    return list(session.connection().execute(select(columns.id).where(*where).order_by(columns.id)).scalars())


def _pending(session: Session, ids: Sequence[str]) -> Sequence[Any]:
    rows = session.connection().execute(_READ_PENDING, {"ids": list(ids)}).all() if ids else []
    if len(rows) != len(ids):
        raise StaleTransfer("transfer", "is not pending any more", fix="Ask again with the same idempotency key.")
    return rows


def _resolve(
    session: Session, parts: Mapping[str, int | None], state: TransferState, *, epoch: str, at: datetime
) -> None:
    """Make transfers final, all of them or none: a part for each that is posted, none for those that are void."""
    if not parts:
        return
    common = {"own_epoch": epoch, "resolved": state, "moment": at}
    rows = [{"transfer": id, "part": part, **common} for id, part in parts.items()]
    if session.connection().execute(_RESOLVE, rows).rowcount != len(rows):
        raise StaleTransfer("transfer", "belongs to another process", fix="Ask again with the same idempotency key.")


def _change(session: Session, changes: Sequence[tuple[str, int, int]]) -> None:
    """Add to the balance and take from the reserve of capped accounts, in the order of their ids."""
    rows = [{"account": id, "more": more, "released": released} for id, more, released in sorted(changes)]
    if rows:
        session.connection().execute(_CHANGE, rows)
