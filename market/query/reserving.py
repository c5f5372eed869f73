"""T1: a question becomes a run, and all that it may cost is set aside, in one transaction or not at all."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import bindparam, insert, select, update
from sqlmodel import Session

from catalog.events import Event, note
from catalog.ids import MemberId, new_id
from market.billing import subscriptions
from market.billing.charging import Contract, draw_up_all
from market.ledger import idempotency, transfers
from market.ledger.idempotency import KeyReused
from market.ledger.models import Kind, Unit
from market.ledger.transfers import InsufficientBalance, Move
from market.prepared import Prepared
from market.query.assessed import Assessed, Grant, Share
from market.query.joining import under
from market.query.models import RunState
from market.query.runs import RESERVATION, RUNS, at_work, together
from market.query.verdicts import Denied
from policies.billing import CannotPay
from policies.calendar import Month
from policies.canonical import canonical_json
from policies.decide import Reason, Refused
from policies.terms import Purpose

# Statements are built once: every answered question runs them.
_FIND = Prepared(select(RUNS.c.state).where(RUNS.c.id == bindparam("run")).with_for_update(key_share=True))
"""Of two that take a run up again at once, the later one finds it taken."""
_ENTER = Prepared(insert(RUNS))

Accounts = Mapping[Unit, tuple[str, str]]
"""Per unit: the account that pays and the one that receives. What pays for fen is the firm's first, its credit."""


class FlatDue(Exception):
    """The flat price of this month has to be charged before anything is asked in it: `subscribe`, and reserve again."""


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


def contract_of(grant: Grant, accounts: Accounts) -> Contract:
    """Say between whom money moves under *grant*."""
    return Contract(
        agreement=grant.agreement_id,
        firm=grant.firm_id,
        income=accounts[Unit.FEN][1],
        monthly_maximum_fen=grant.terms.price.monthly_maximum_fen,
    )


def subscribe(
    session: Session, share: Share, purpose: Purpose, accounts: Accounts, *, by: MemberId, epoch: str, at: datetime
) -> None:
    """Charge an agreement's flat price of this month, unless it was.

    Raises:
        Denied: the firm cannot pay it.
    """
    grant = share.grant
    flat = grant.terms.price.flat_fen(purpose)
    try:
        subscriptions.charge(session, flat, contract_of(grant, accounts), about=grant.named, by=by, epoch=epoch, at=at)
    except CannotPay as error:
        need = f"The flat price of this month needs {error.net_fen} fen; fewer are left. Top up."
        raise Denied.by_terms(Refused(Reason.CREDIT_TOO_LOW, need)) from error


def reserve(
    session: Session,
    assessed: Assessed,
    accounts: Sequence[Accounts],
    *,
    by: MemberId,
    epoch: str,
    row_limit: int,
    at: datetime,
) -> tuple[str, int]:
    """Enter a run and set its cost aside; gives its id and the rows it may deliver.

    Under several agreements there is a run for each, and *accounts* of each: all of it is set aside, or nothing. A key
    that was used before names the same runs: paid but not delivered, they are taken up again at no charge.

    Raises:
        Denied: a quota or the credit is too low, or the key stands for another or a finished question.
        FlatDue: nothing was asked this month yet, and it has a flat price.
    """
    question = assessed.question
    asked = {
        "tenant": assessed.grant.firm_id,
        "route": f"agreements/{question.agreement_id}/queries",
        "key": question.key,
        "body_hash": question.body_hash,
    }
    fresh = sorted(new_id(at) for _ in assessed.shares)  # the order of runs is that of their agreements
    try:
        earlier = idempotency.claim(session, **asked, subject=fresh[0], at=at)
    except KeyReused as error:
        message, fix = "The key was used for another question.", "Use a new key for a new question."
        raise Denied("key-reused", message, fix=fix) from error
    state = None if earlier is None else RunState(_FIND.first(session, run=earlier).state)
    if earlier is not None and state is not None:
        _check_open(earlier, state)
    ids = fresh if earlier is None else together(session, earlier, joined=len(fresh) > 1)
    row_quotas = [own[Unit.ROWS][0] for own in accounts]
    if assessed.rows_at_most is not None:
        row_limit = min(row_limit, max(1, assessed.rows_at_most))  # of none, one: LIMIT 0
    if state is RunState.UNKNOWN:
        _check_at_once(session, assessed)
        if len(ids) > 1:
            transfers.lock(session, ids)
        rows = _rows(row_limit, min(transfers.left(session, account) for account in row_quotas))
        for run_id, own in zip(ids, accounts, strict=True):
            _set_aside(session, {Unit.ROWS: rows}, own, (), cause=run_id, epoch=epoch, at=at)
            _resume(session, run_id, by=by, at=at, state=RunState.POSTED, epoch=epoch)
        return ids[0], rows
    _check_flat(session, assessed, at)
    contracts = [contract_of(share.grant, own) for share, own in zip(assessed.shares, accounts, strict=True)]
    prices = [share.quote.amount_fen for share in assessed.shares]
    try:
        drawn = draw_up_all(session, list(zip(prices, contracts, strict=True)), by=by, at=at)
    except CannotPay as error:
        need = f"The query needs {error.net_fen} fen; fewer are left. Top up, or narrow the query."
        raise Denied.by_terms(Refused(Reason.CREDIT_TOO_LOW, need)) from error
    _check_at_once(session, assessed)  # with the agreement's accounts locked, so that two at once are not both the last
    rows = _rows(row_limit, min(drawn[0].left[account] for account in row_quotas))
    for run_id, share, own, bill in zip(ids, assessed.shares, accounts, drawn, strict=True):
        amounts = {Unit.ROWS: rows, Unit.BYTES: share.quote.billed_bytes, Unit.QUERIES: 1}
        try:
            _set_aside(session, amounts, own, bill.moves, cause=run_id, epoch=epoch, at=at)
        except Denied as denied:
            raise (under(share.grant.agreement_id, denied) if question.others else denied) from denied.__cause__
        said = canonical_json(bill.bill).decode()
        if earlier is not None:
            _resume(session, run_id, by=by, at=at, state=RunState.RESERVED, epoch=epoch, bill=said)
    if earlier is None:
        bills = [canonical_json(bill.bill).decode() for bill in drawn]
        _ENTER.change(session, *_entered(assessed, ids, bills, by=by, epoch=epoch, at=at))
    return ids[0], rows


def _entered(
    assessed: Assessed, ids: Sequence[str], bills: Sequence[str], *, by: MemberId, epoch: str, at: datetime
) -> Iterator[dict[str, object]]:
    """Give the rows of the runs of a question: the one that leads, and its parts."""
    question = assessed.question
    for run_id, one, share, bill in zip(ids, question.under, assessed.shares, bills, strict=True):
        yield {
            "id": run_id,
            "agreement_id": one.agreement_id,
            "edition_id": share.grant.edition_id,
            "member_id": by,
            "purpose": assessed.purpose,
            "sql": question.sql,
            "parameters": question.given,
            "quote": canonical_json(share.quote).decode(),
            "bill": bill,
            "state": RunState.RESERVED,
            "epoch": epoch,
            "created_at": at,
            "part_of": None if run_id == ids[0] else ids[0],
            "alias": one.alias,
        }


def _check_flat(session: Session, assessed: Assessed, at: datetime) -> None:
    for share in assessed.shares:
        flat = share.grant.terms.price.flat_fen(assessed.purpose)
        if flat and not subscriptions.is_charged(session, share.grant.agreement_id, Month.of(at)):
            raise FlatDue


def _check_at_once(session: Session, assessed: Assessed) -> None:
    for share in assessed.shares:
        most = share.grant.terms.quota.at_once
        if most is not None and at_work(session, share.grant.agreement_id) >= most:
            fix = f"The agreement allows {most} at the same time: ask again when one has ended."
            raise Denied.by_terms(Refused(Reason.TOO_MANY_AT_ONCE, fix))


def _rows(limit: int, left: int) -> int:
    rows = min(limit, left)
    if rows < 1:
        raise Denied.by_terms(Refused(Reason.QUOTA_EXHAUSTED, "No rows are left: ask for a new agreement."))
    return rows


def _set_aside(
    session: Session,
    amounts: Mapping[Unit, int],
    accounts: Accounts,
    money: Sequence[Move],
    *,
    cause: str,
    epoch: str,
    at: datetime,
) -> None:
    """Reserve *amounts* of the agreement's quotas, and the moves of its bill."""
    moves = [*(Move(*accounts[unit], amount) for unit, amount in amounts.items()), *money]
    try:
        transfers.reserve(session, moves, cause=cause, epoch=epoch, at=at, expires_at=at + RESERVATION)
    except InsufficientBalance as error:
        short = f"{amounts[error.unit]} {error.unit}"  # of a quota: money was locked before it was counted
        need = f"The query needs {short}; fewer are left. Narrow the query, or ask for a new agreement."
        raise Denied.by_terms(Refused(Reason.QUOTA_EXHAUSTED, need)) from error


def _resume(session: Session, run_id: str, *, by: MemberId, at: datetime, state: RunState, **values: str) -> None:
    """Take a run up again under its key: paid before, or with a new bill."""
    changes = {"state": state, "created_at": at, **values}
    session.connection().execute(update(RUNS).where(RUNS.c.id == run_id).values(**changes))
    details = {"paid": state is RunState.POSTED}
    note(session, Event(action="query:resumed", subject=run_id, by=by, at=at, details=details))


def _check_open(run_id: str, state: RunState) -> None:
    """A key stands for one question: refuse it while that is being answered, and once it was."""
    if state in (RunState.RESERVED, RunState.POSTED):
        raise Denied("in-progress", "This question is being answered.", fix="Wait for it, or ask with a new key.")
    if state is RunState.DELIVERED:
        fix = f"Its receipt: sluice receipt show {run_id}. Ask with a new key to run it again."
        raise Denied("already-delivered", "This question was answered and delivered.", fix=fix)
