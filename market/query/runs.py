"""The life of one run in the ledger and the log: reserve, post, settle, give up, and recover what a crash left."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, insert, select, update
from sqlmodel import Session

from catalog.events import Event, note
from catalog.ids import MemberId, new_id
from market.ledger import idempotency, transfers
from market.ledger.idempotency import KeyReused
from market.ledger.models import Kind, TransferState, Unit
from market.ledger.transfers import InsufficientBalance, Move
from market.query.assess import Assessed, Grant
from market.query.models import OPEN, QueryRun, RunState
from market.query.verdicts import Denied
from policies import billing
from policies.canonical import canonical_json
from policies.decide import Reason, Refused

RUNS = QueryRun.metadata.tables["query_run"]

RESERVATION = timedelta(minutes=15)
"""How long a query's pending transfers may live: far longer than any query."""

REFUND_AFTER = timedelta(days=30)
"""How long a paid answer may be fetched again under its key before it is refunded."""

# Statements are built once: every answered question runs them.
_FIND = select(RUNS.c.state).where(RUNS.c.id == bindparam("run"))
_ENTER = insert(RUNS)
_CHARGE = (
    update(RUNS)
    .where(
        RUNS.c.id == bindparam("run"),
        RUNS.c.state == RunState.RESERVED,
        RUNS.c.epoch == bindparam("own_epoch"),
    )
    .values(state=RunState.POSTED, posted_at=bindparam("moment"))
)
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

Accounts = Mapping[Unit, tuple[str, str]]
"""Per unit: the account that pays and the one that receives."""


def accounts_of(session: Session, grant: Grant, *, at: datetime) -> Accounts:
    """Find the accounts between which questions under *grant* move money and quotas."""

    def pair(payer: str, from_: Kind, receiver: str, to: Kind, unit: Unit) -> tuple[str, str]:
        return (
            transfers.open_account(session, owner=payer, kind=from_, unit=unit, at=at),
            transfers.open_account(session, owner=receiver, kind=to, unit=unit, at=at),
        )

    own = grant.agreement_id
    quotas = {unit: pair(own, Kind.QUOTA, own, Kind.USED, unit) for unit in (Unit.BYTES, Unit.QUERIES, Unit.ROWS)}
    return {Unit.FEN: pair(grant.firm_id, Kind.CREDIT, grant.publisher_id, Kind.INCOME, Unit.FEN), **quotas}


def reserve(
    session: Session, assessed: Assessed, accounts: Accounts, *, by: MemberId, epoch: str, row_limit: int, at: datetime
) -> tuple[str, int]:
    """Enter a run and set its cost aside; gives its id and the rows it may deliver.

    A key that was used before names the same run: paid but not delivered, it is taken up again at no charge.

    Raises:
        Denied: a quota or the credit is too low, or the key stands for another or a finished question.
    """
    question = assessed.question
    asked = {
        "tenant": assessed.grant.firm_id,
        "route": f"agreements/{question.agreement_id}/queries",
        "key": question.key,
        "body_hash": question.body_hash,
    }
    try:
        earlier = idempotency.recall(session, **asked, at=at)
    except KeyReused as error:
        message, fix = "The key was used for another question.", "Use a new key for a new question."
        raise Denied("key-reused", message, fix=fix) from error
    state = None if earlier is None else RunState(session.connection().execute(_FIND, {"run": earlier}).scalar_one())
    if earlier is not None and state is not None:
        _check_open(earlier, state)
    paid = state is RunState.UNKNOWN
    run_id = earlier or new_id(at)
    rows = min(row_limit, transfers.left(session, accounts[Unit.ROWS][0]))
    if rows < 1:
        raise Denied.by_terms(Refused(Reason.QUOTA_EXHAUSTED, "No rows are left: ask for a new agreement."))
    amounts = {Unit.ROWS: rows}
    if not paid:
        amounts |= {
            Unit.FEN: assessed.quote.amount_fen,
            Unit.BYTES: assessed.quote.billed_bytes,
            Unit.QUERIES: 1,
        }
    moves = [Move(*accounts[unit], amount) for unit, amount in amounts.items()]
    try:
        transfers.reserve(session, moves, cause=run_id, epoch=epoch, at=at, expires_at=at + RESERVATION)
    except InsufficientBalance as error:
        reason = Reason.CREDIT_TOO_LOW if error.unit is Unit.FEN else Reason.QUOTA_EXHAUSTED
        need = f"The query needs {amounts[error.unit]} {error.unit}; fewer are left. Top up, or narrow the query."
        raise Denied.by_terms(Refused(reason, need)) from error
    if earlier is not None:
        resumed = RunState.POSTED if paid else RunState.RESERVED
        session.connection().execute(
            update(RUNS).where(RUNS.c.id == run_id).values(state=resumed, epoch=epoch, created_at=at)
        )
        note(session, Event(action="query:resumed", subject=run_id, by=by, at=at, details={"paid": paid}))
        return run_id, rows
    bill = billing.split(assessed.quote.amount_fen, maximum_left_fen=None, shares=(), account=Kind.CREDIT)
    row = {
        "id": run_id,
        "agreement_id": question.agreement_id,
        "edition_id": assessed.grant.edition_id,
        "member_id": by,
        "purpose": assessed.purpose,
        "sql": question.sql,
        "quote": canonical_json(assessed.quote).decode(),
        "bill": canonical_json(bill).decode(),
        "state": RunState.RESERVED,
        "epoch": epoch,
        "created_at": at,
    }
    session.connection().execute(_ENTER, row)
    idempotency.remember(session, **asked, subject=run_id, at=at)
    return run_id, rows


def post(session: Session, run_id: str, assessed: Assessed, *, by: MemberId, epoch: str, at: datetime) -> None:
    """Charge a reserved run; its rows stay pending until they are delivered. A run paid before is left as it is."""
    changed = session.connection().execute(_CHARGE, {"run": run_id, "own_epoch": epoch, "moment": at})
    if changed.rowcount == 0:
        _insist(session, run_id, RunState.POSTED, epoch)
        session.rollback()  # nothing changed, but an UPDATE that finds no row still counts as a change to be witnessed
        return
    ids = [id for id, unit in _pending(session, run_id) if unit is not Unit.ROWS]
    transfers.post(session, ids, epoch=epoch, at=at)
    question, quote, grant = assessed.question, assessed.quote, assessed.grant
    details = {
        "agreement": question.agreement_id,
        "firm": grant.firm_id,
        "edition": grant.edition_id,
        "purpose": assessed.purpose,
        "sql": question.sql_hash,
        "columns": quote.columns,
        "billed_bytes": quote.billed_bytes,
        "amount_fen": quote.amount_fen,
        "transfers": ids,
    }
    note(session, Event(action="query:answered", subject=run_id, by=by, at=at, details=details))


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


def _check_open(run_id: str, state: RunState) -> None:
    """A key stands for one question: refuse it while that is being answered, and once it was."""
    if state in (RunState.RESERVED, RunState.POSTED):
        raise Denied("in-progress", "This question is being answered.", fix="Wait for it, or ask with a new key.")
    if state is RunState.DELIVERED:
        fix = f"Its receipt: sluice receipt show {run_id}. Ask with a new key to run it again."
        raise Denied("already-delivered", "This question was answered and delivered.", fix=fix)
