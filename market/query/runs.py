"""The life of a reserved run in the ledger and the log: post, settle, give up, and recover what a crash left."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlmodel import Session

from catalog.events import Event, note
from catalog.ids import MemberId
from market.ledger import giving_up, transfers
from market.ledger.models import Unit
from market.prepared import Prepared
from market.query.assess import Assessed
from market.query.models import OPEN, QueryRun, RunState
from policies.billing import Bill

RUNS = QueryRun.metadata.tables["query_run"]

RESERVATION = timedelta(minutes=15)
"""How long a query's pending transfers may live: far longer than any query."""

REFUND_AFTER = timedelta(days=30)
"""How long a paid answer may be fetched again under its key before it is refunded."""

# Statements are built once: every answered question runs them.
_CHARGE = Prepared(
    update(RUNS)
    .where(
        RUNS.c.id == bindparam("run"),
        RUNS.c.state == RunState.RESERVED,
        RUNS.c.epoch == bindparam("own_epoch"),
    )
    .values(state=RunState.POSTED, posted_at=bindparam("moment"))
    .returning(RUNS.c.bill)
)
_READ_STATE = Prepared(select(RUNS.c.state, RUNS.c.epoch).where(RUNS.c.id == bindparam("run")))
_READ_BILL = select(RUNS.c.bill).where(RUNS.c.id == bindparam("run"))
_DELIVER = Prepared(
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
_UNSAID = (RunState.RESERVED, RunState.POSTED)
WAITING = select(RUNS.c.id).where(_WAITS)
"""Runs that wait for something: what is pending for them is resolved with them, here and nowhere else."""


def post(session: Session, run_id: str, assessed: Assessed, *, by: MemberId, epoch: str, at: datetime) -> Bill:
    """Charge a reserved run and give its bill; its rows stay pending until they are delivered.

    A run paid before is left as it is.
    """
    charged = _CHARGE.first(session, run=run_id, own_epoch=epoch, moment=at)
    if charged is None:
        _insist(session, run_id, RunState.POSTED, epoch)
        paid = session.connection().execute(_READ_BILL, {"run": run_id}).scalar_one()
        session.rollback()  # nothing changed, but an UPDATE that finds no row still counts as a change to be witnessed
        return Bill.from_dict(json.loads(paid))
    bill = Bill.from_dict(json.loads(charged.bill))
    ids = transfers.post_of(session, run_id, keeping=Unit.ROWS, epoch=epoch, at=at)
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
    rows_sha256: str | None = None,
    engine_bytes: int | None = None,
) -> None:
    """Say what was delivered, and count its rows against the quota.

    *rows_sha256* does not depend on the order of the rows (`market.delivery.rows`); of large results there is none.
    *engine_bytes* is what the engine says that it read: evidence for the bill, which does not depend on it.
    """
    _insist(session, run_id, RunState.POSTED, epoch)
    ids = transfers.post_of(session, run_id, part=rows, epoch=epoch, at=at)
    _DELIVER.change(session, {"run": run_id, "count": rows, "sha256": sha256, "shape": format})
    details = {
        "rows": rows,
        "sha256": sha256,
        "bytes": size_bytes,
        "format": format,
        "status": status,
        "transfers": ids,
        **({} if rows_sha256 is None else {"rows_sha256": rows_sha256}),
        **({} if engine_bytes is None else {"engine_bytes": engine_bytes}),
    }
    note(session, Event(action="query:delivered", subject=run_id, by=by, at=at, details=details))


def give_up(session: Session, run_id: str, *, reason: str, by: MemberId, epoch: str, at: datetime) -> None:
    """End a run that failed: what is pending is given up, what was posted is refunded. A delivered run stays as it is.

    Privacy budget is neither void nor refunded: noise may have left.
    """
    row = session.connection().execute(select(RUNS.c.state, RUNS.c.epoch).where(RUNS.c.id == run_id)).one()
    if row.epoch != epoch or row.state not in (RunState.RESERVED, RunState.POSTED):
        return
    spent = giving_up.give_up(session, run_id, epoch=epoch, at=at).posted
    if row.state == RunState.POSTED:
        _refund(session, run_id, reason=reason, epoch=epoch, by=by, at=at, spent=spent)
        return
    session.connection().execute(update(RUNS).where(RUNS.c.id == run_id).values(state=RunState.FAILED, failure=reason))
    details = {"reason": reason, **_spent(spent)}
    note(session, Event(action="query:failed", subject=run_id, by=by, at=at, details=details))


def unfinished(session: Session) -> bool:
    """Say whether any run waits for something."""
    return session.connection().execute(WAITING.limit(1)).first() is not None


def unsaid(session: Session) -> Sequence[Any]:
    """Give the runs that some process is to finish."""
    return session.connection().execute(select(RUNS).where(_WAITS, RUNS.c.state.in_(_UNSAID))).all()


def recover(
    session: Session,
    *,
    is_alive: Callable[[str], bool],
    at: datetime,
    is_left: Callable[[Any], bool] = lambda run: False,
) -> int:
    """Finish what processes left open that no longer live, or hang past their reservation; gives how many runs.

    A living process may say of a run of its own that it is left as well. Not yet charged: void. Charged, delivery
    unknown: the same key runs it again at no charge, and it is refunded when nobody has asked for it in 30 days.
    """
    waiting = select(RUNS).where(_WAITS).order_by(RUNS.c.id)
    found = session.connection().execute(waiting.with_for_update(skip_locked=True))  # another process may recover too
    due = [row for row in found if _is_due(row, is_alive, at) or (row.state in _UNSAID and is_left(row))]
    if due:
        transfers.lock(session, [row.id for row in due])
    for row in due:
        by, epoch = MemberId(row.member_id), row.epoch
        if row.state == RunState.UNKNOWN:
            _refund(session, row.id, reason="not fetched in time", epoch=epoch, by=by, at=at)
        elif row.state == RunState.RESERVED:
            late = "took too long" if at - row.created_at >= RESERVATION else "database lost"
            reason = late if is_alive(epoch) else "process died"
            give_up(session, row.id, reason=reason, by=by, epoch=epoch, at=at)
        else:
            spent = giving_up.give_up(session, row.id, epoch=epoch, at=at).posted
            session.connection().execute(update(RUNS).where(RUNS.c.id == row.id).values(state=RunState.UNKNOWN))
            event = Event(action="query:delivery-unknown", subject=row.id, by=by, at=at, details=_spent(spent))
            note(session, event)
    return len(due)


def _is_due(row: Any, is_alive: Callable[[str], bool], at: datetime) -> bool:
    """Say whether nobody will finish a run any more; a paid one is its process's for as long as that lives."""
    if row.state == RunState.UNKNOWN:
        return bool(at - row.posted_at >= REFUND_AFTER)
    late = row.state == RunState.RESERVED and at - row.created_at >= RESERVATION
    return late or not is_alive(row.epoch)


def _refund(
    session: Session, run_id: str, *, reason: str, epoch: str, by: MemberId, at: datetime, spent: Sequence[str] = ()
) -> None:
    ids = transfers.reverse(session, run_id, epoch=epoch, at=at)
    session.connection().execute(
        update(RUNS).where(RUNS.c.id == run_id).values(state=RunState.REFUNDED, failure=reason)
    )
    details = {"reason": reason, "transfers": [*spent, *ids]}
    note(session, Event(action="query:refunded", subject=run_id, by=by, at=at, details=details))


def _spent(transfers: Sequence[str]) -> dict[str, Sequence[str]]:
    """Name the privacy budget that was posted, where there was any."""
    return {"transfers": transfers} if transfers else {}


def _insist(session: Session, run_id: str, state: RunState, epoch: str) -> None:
    row = _READ_STATE.first(session, run=run_id)
    if row is None or row.state != state or row.epoch != epoch:
        raise transfers.StaleTransfer(f"query {run_id}", "is another process's by now", fix="Ask again with its key.")
