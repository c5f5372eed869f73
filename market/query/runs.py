"""The life of a reserved run in the ledger and the log: post, settle, give up, and recover what a crash left."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, update
from sqlmodel import Session

from catalog.events import Event, note
from catalog.ids import MemberId
from market.ledger import transfers
from market.ledger.models import TransferState, Unit
from market.query.assess import Assessed
from market.query.models import OPEN, QueryRun, RunState
from policies.billing import Bill

RUNS = QueryRun.metadata.tables["query_run"]

RESERVATION = timedelta(minutes=15)
"""How long a query's pending transfers may live: far longer than any query."""

REFUND_AFTER = timedelta(days=30)
"""How long a paid answer may be fetched again under its key before it is refunded."""

# Statements are built once: every answered question runs them.
_CHARGE = (
    update(RUNS)
    .where(
        RUNS.c.id == bindparam("run"),
        RUNS.c.state == RunState.RESERVED,
        RUNS.c.epoch == bindparam("own_epoch"),
    )
    .values(state=RunState.POSTED, posted_at=bindparam("moment"))
    .returning(RUNS.c.bill)
)
_READ_BILL = select(RUNS.c.bill).where(RUNS.c.id == bindparam("run"))
_DELIVER = (
    update(RUNS)
    .where(RUNS.c.id == bindparam("run"))
    .values(
        state=RunState.DELIVERED,
        rows=bindparam("count"),
        result_hash=bindparam("sha256"),
        result_format=bindparam("shape"),
    )
)
_WAITS = RUNS.c.state.in_(bindparam("open", OPEN, expanding=True, literal_execute=True))
"""Written out, so that SQLite sees the condition of its partial index in it."""

_READ_PENDING = (
    select(transfers.TRANSFERS.c.id, transfers.ACCOUNTS.c.unit)
    .join(transfers.ACCOUNTS, transfers.ACCOUNTS.c.id == transfers.TRANSFERS.c.debit)
    .where(transfers.TRANSFERS.c.cause == bindparam("run"), transfers.TRANSFERS.c.state == TransferState.PENDING)
    .order_by(transfers.TRANSFERS.c.id)
)


def post(session: Session, run_id: str, assessed: Assessed, *, by: MemberId, epoch: str, at: datetime) -> Bill:
    """Charge a reserved run and give its bill; its rows stay pending until they are delivered.

    A run paid before is left as it is.
    """
    asked = {"run": run_id, "own_epoch": epoch, "moment": at}
    charged = session.connection().execute(_CHARGE, asked).scalar_one_or_none()
    if charged is None:
        _insist(session, run_id, RunState.POSTED, epoch)
        paid = session.connection().execute(_READ_BILL, {"run": run_id}).scalar_one()
        session.rollback()  # nothing changed, but an UPDATE that finds no row still counts as a change to be witnessed
        return Bill.from_dict(json.loads(paid))
    bill = Bill.from_dict(json.loads(charged))
    ids = [id for id, unit in _pending(session, run_id) if unit is not Unit.ROWS]
    transfers.post(session, ids, epoch=epoch, at=at)
    question, quote = assessed.question, assessed.quote
    details = {
        **assessed.grant.named,
        "purpose": assessed.purpose,
        "sql": question.sql_hash,
        "columns": quote.columns,
        "billed_bytes": quote.billed_bytes,
        "amount_fen": quote.amount_fen,
        "bill": bill,
        "transfers": ids,
    }
    note(session, Event(action="query:answered", subject=run_id, by=by, at=at, details=details))
    return bill


def settle(
    session: Session,
    run_id: str,
    *,
    rows: int,
    sha256: str,
    size_bytes: int,
    format: str,
    status: str,
    by: MemberId,
    epoch: str,
    at: datetime,
) -> None:
    """Say what was delivered, and count its rows against the quota."""
    _insist(session, run_id, RunState.POSTED, epoch)
    ids = transfers.pending_of(session, run_id)
    transfers.post(session, ids, epoch=epoch, at=at, amounts=dict.fromkeys(ids, rows))
    session.connection().execute(_DELIVER, {"run": run_id, "count": rows, "sha256": sha256, "shape": format})
    details = {
        "rows": rows,
        "sha256": sha256,
        "bytes": size_bytes,
        "format": format,
        "status": status,
        "transfers": ids,
    }
    note(session, Event(action="query:delivered", subject=run_id, by=by, at=at, details=details))


def give_up(session: Session, run_id: str, *, reason: str, by: MemberId, epoch: str, at: datetime) -> None:
    """End a run that failed: what is pending is void, what was posted is refunded. A delivered run stays as it is."""
    row = session.connection().execute(select(RUNS.c.state, RUNS.c.epoch).where(RUNS.c.id == run_id)).one()
    if row.epoch != epoch or row.state not in (RunState.RESERVED, RunState.POSTED):
        return
    transfers.lock(session, [run_id])
    transfers.void(session, transfers.pending_of(session, run_id), epoch=epoch, at=at)
    if row.state == RunState.POSTED:
        _refund(session, run_id, reason=reason, epoch=epoch, by=by, at=at)
        return
    session.connection().execute(update(RUNS).where(RUNS.c.id == run_id).values(state=RunState.FAILED, failure=reason))
    note(session, Event(action="query:failed", subject=run_id, by=by, at=at, details={"reason": reason}))


def unfinished(session: Session) -> bool:
    """Say whether any run waits for something."""
    return session.connection().execute(select(RUNS.c.id).where(_WAITS).limit(1)).first() is not None


def recover(session: Session, *, is_alive: Callable[[str], bool], at: datetime) -> int:
    """Finish what processes left open that no longer live, or hang past their reservation; gives how many runs.

    Not yet charged: void. Charged, delivery unknown: the same key runs it again at no charge, and it is refunded when
    nobody has asked for it in 30 days.
    """
    waiting = select(RUNS).where(_WAITS).order_by(RUNS.c.id)
    found = session.connection().execute(waiting.with_for_update(skip_locked=True))  # another process may recover too
    touched = 0
    for row in found.mappings().all():
        run_id, epoch, by = row["id"], row["epoch"], MemberId(row["member_id"])
        if row["state"] == RunState.UNKNOWN:
            if at - row["posted_at"] >= REFUND_AFTER:
                _refund(session, run_id, reason="not fetched in time", epoch=epoch, by=by, at=at)
                touched += 1
        elif not is_alive(epoch) or (row["state"] == RunState.RESERVED and at - row["created_at"] >= RESERVATION):
            touched += 1
            if row["state"] == RunState.RESERVED:
                give_up(session, run_id, reason="process died", by=by, epoch=epoch, at=at)
            else:
                transfers.void(session, transfers.pending_of(session, run_id), epoch=epoch, at=at)
                session.connection().execute(update(RUNS).where(RUNS.c.id == run_id).values(state=RunState.UNKNOWN))
                note(session, Event(action="query:delivery-unknown", subject=run_id, by=by, at=at))
    return touched


def _refund(session: Session, run_id: str, *, reason: str, epoch: str, by: MemberId, at: datetime) -> None:
    ids = transfers.reverse(session, run_id, epoch=epoch, at=at)
    session.connection().execute(
        update(RUNS).where(RUNS.c.id == run_id).values(state=RunState.REFUNDED, failure=reason)
    )
    details = {"reason": reason, "transfers": ids}
    note(session, Event(action="query:refunded", subject=run_id, by=by, at=at, details=details))


def _pending(session: Session, run_id: str) -> Sequence[tuple[str, Unit]]:
    found = session.connection().execute(_READ_PENDING, {"run": run_id})
    return [(row.id, Unit(row.unit)) for row in found]


def _insist(session: Session, run_id: str, state: RunState, epoch: str) -> None:
    where = (RUNS.c.id == run_id, RUNS.c.state == state, RUNS.c.epoch == epoch)
    if session.connection().execute(select(RUNS.c.id).where(*where)).first() is None:
        raise transfers.StaleTransfer(f"query {run_id}", "is another process's by now", fix="Ask again with its key.")
