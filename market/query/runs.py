"""The life of a reserved run in the ledger and the log: post, settle, give up, and recover what a crash left."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, select, update
from sqlmodel import Session

from catalog.events import Event, note
from catalog.ids import MemberId
from market.ledger import giving_up, transfers
from market.ledger.models import Unit
from market.prepared import Prepared
from market.query.assessed import Assessed, Share
from market.query.models import OPEN, QueryRun, RunState
from policies import billing
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
_READ_STATE = Prepared(
    select(RUNS.c.state, RUNS.c.epoch).where(RUNS.c.id == bindparam("run")).with_for_update(key_share=True)
)
"""A run is taken before accounts are, by whoever changes both, so that no two wait for each other."""
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
_LEADS = RUNS.c.part_of.is_(None)
"""Parts follow the run that leads them, and are never taken alone."""

_AT_WORK = select(func.count()).where(
    _WAITS, RUNS.c.state != RunState.UNKNOWN, func.coalesce(RUNS.c.agreement_id, "") == bindparam("agreement")
)
"""Counted among the few that wait for something, not among all that were ever asked under an agreement."""

_PARTS = select(RUNS.c.id).where(RUNS.c.part_of == bindparam("run")).order_by(RUNS.c.id)
_UNSAID = (RunState.RESERVED, RunState.POSTED)
WAITING = select(RUNS.c.id).where(_WAITS)
"""Runs that wait for something: what is pending for them is resolved with them, here and nowhere else."""


def together(session: Session, run_id: str, *, joined: bool = True) -> list[str]:
    """Give a run and its parts, in the order of its agreements; a question under one agreement is not *joined*."""
    parts = session.connection().execute(_PARTS, {"run": run_id}).scalars() if joined else ()
    return [run_id, *parts]


def post(session: Session, run_id: str, assessed: Assessed, *, by: MemberId, epoch: str, at: datetime) -> Bill:
    """Charge a reserved run and its parts, and give their bill; its rows stay pending until they are delivered.

    A run paid before is left as it is.
    """
    ids = together(session, run_id, joined=len(assessed.shares) > 1)
    charged = _CHARGE.first(session, run=run_id, own_epoch=epoch, moment=at)
    if charged is None:
        _insist(session, run_id, RunState.POSTED, epoch)
        paid = [session.connection().execute(_READ_BILL, {"run": id}).scalar_one() for id in ids]
        session.rollback()  # nothing changed, but an UPDATE that finds no row still counts as a change to be witnessed
        return billing.together([Bill.from_dict(json.loads(bill)) for bill in paid])
    rows = [charged]
    for part in ids[1:]:
        rows.append(_CHARGE.first(session, run=part, own_epoch=epoch, moment=at))
        if rows[-1] is None:
            raise _stale(part)
    if len(ids) > 1:
        transfers.lock(session, ids)
    bills = [Bill.from_dict(json.loads(row.bill)) for row in rows]
    told = [_told(assessed, share, bill) for share, bill in zip(assessed.shares, bills, strict=True)]
    for number, (id, details) in enumerate(zip(ids, told, strict=True)):
        moved = {"transfers": transfers.post_of(session, id, keeping=Unit.ROWS, epoch=epoch, at=at)}
        details = {**details, **_joined(ids, told, number), **moved}
        note(session, Event(action="query:answered", subject=id, by=by, at=at, details=details))
    return billing.together(bills)


def _told(assessed: Assessed, share: Share, bill: Bill) -> dict[str, Any]:
    """Say what is read under one agreement, and what it costs."""
    quote = share.quote
    return {
        **share.grant.named,
        "purpose": assessed.purpose,
        "sql": assessed.question.sql_hash,
        **({"table": share.table} if assessed.question.named else {}),
        "columns": quote.columns,
        "billed_bytes": quote.billed_bytes,
        "amount_fen": quote.amount_fen,
        "bill": bill,
    }


def _joined(ids: Sequence[str], told: Sequence[Mapping[str, Any]], number: int) -> dict[str, Any]:
    """Name in a part's entry the run that leads, and in that one's what was read under each other agreement."""
    if number:
        return {"part_of": ids[0]}
    shown = ("agreement", "edition", "table", "columns", "billed_bytes", "amount_fen", "bill")
    parts = [{"query": id, **{name: one[name] for name in shown}} for id, one in zip(ids[1:], told[1:], strict=True)]
    return {"joined": parts} if parts else {}


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
    joined: bool = False,
) -> None:
    """Say what was delivered, and count its rows against the quota: of a *joined* question under each agreement.

    *rows_sha256* does not depend on the order of the rows (`market.delivery.rows`); of large results there is none.
    *engine_bytes* is what the engine says that it read: evidence for the bill, which does not depend on it.
    """
    ids = together(session, run_id, joined=joined)
    for id in ids:
        _insist(session, id, RunState.POSTED, epoch)
    if len(ids) > 1:
        transfers.lock(session, ids)
    for id in ids:
        moved = transfers.post_of(session, id, part=rows, epoch=epoch, at=at)
        _DELIVER.change(session, {"run": id, "count": rows, "sha256": sha256, "shape": format})
        details = {
            "rows": rows,
            "sha256": sha256,
            "bytes": size_bytes,
            "format": format,
            "status": status,
            "transfers": moved,
            **({} if rows_sha256 is None else {"rows_sha256": rows_sha256}),
            **({} if engine_bytes is None else {"engine_bytes": engine_bytes}),
            **({} if id == run_id else {"part_of": run_id}),
        }
        note(session, Event(action="query:delivered", subject=id, by=by, at=at, details=details))


def give_up(session: Session, run_id: str, *, reason: str, by: MemberId, epoch: str, at: datetime) -> None:
    """End a run that failed: what is pending is given up, what was posted is refunded. A delivered run stays as it is.

    Its parts end with it. Privacy budget is neither void nor refunded: noise may have left.
    """
    row = _READ_STATE.first(session, run=run_id)
    if row.epoch != epoch or row.state not in (RunState.RESERVED, RunState.POSTED):
        return
    ids = together(session, run_id)
    if len(ids) > 1:
        transfers.lock(session, ids)
    for id in ids:
        spent = giving_up.give_up(session, id, epoch=epoch, at=at).posted
        if row.state == RunState.POSTED:
            _refund(session, id, reason=reason, epoch=epoch, by=by, at=at, spent=spent)
            continue
        failed = update(RUNS).where(RUNS.c.id == id).values(state=RunState.FAILED, failure=reason)
        session.connection().execute(failed)
        details = {"reason": reason, **_spent(spent)}
        note(session, Event(action="query:failed", subject=id, by=by, at=at, details=details))


def at_work(session: Session, agreement: str) -> int:
    """Count the questions under an agreement that are being answered."""
    return int(session.connection().execute(_AT_WORK, {"agreement": agreement}).scalar_one())


def unfinished(session: Session) -> bool:
    """Say whether any run waits for something."""
    return session.connection().execute(WAITING.limit(1)).first() is not None


def unsaid(session: Session) -> Sequence[Any]:
    """Give the runs that some process is to finish."""
    wanted = select(RUNS).where(_WAITS, _LEADS, RUNS.c.state.in_(_UNSAID))
    return session.connection().execute(wanted).all()


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
    waiting = select(RUNS).where(_WAITS, _LEADS).order_by(RUNS.c.id)
    found = session.connection().execute(waiting.with_for_update(skip_locked=True))  # another process may recover too
    due = [row for row in found if _is_due(row, is_alive, at) or (row.state in _UNSAID and is_left(row))]
    ids = {row.id: together(session, row.id) for row in due}
    if due:
        transfers.lock(session, [id for run in ids.values() for id in run])
    for row in due:
        by, epoch = MemberId(row.member_id), row.epoch
        if row.state == RunState.RESERVED:
            late = "took too long" if at - row.created_at >= RESERVATION else "database lost"
            reason = late if is_alive(epoch) else "process died"
            give_up(session, row.id, reason=reason, by=by, epoch=epoch, at=at)
            continue
        for id in ids[row.id]:
            if row.state == RunState.UNKNOWN:
                _refund(session, id, reason="not fetched in time", epoch=epoch, by=by, at=at)
                continue
            spent = giving_up.give_up(session, id, epoch=epoch, at=at).posted
            session.connection().execute(update(RUNS).where(RUNS.c.id == id).values(state=RunState.UNKNOWN))
            event = Event(action="query:delivery-unknown", subject=id, by=by, at=at, details=_spent(spent))
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
        raise _stale(run_id)


def _stale(run_id: str) -> transfers.StaleTransfer:
    return transfers.StaleTransfer(f"query {run_id}", "is another process's by now", fix="Ask again with its key.")
