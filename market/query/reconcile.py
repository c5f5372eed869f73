"""Hold the ledger against the questions, the bills and the log: everything paid exactly once, and nothing unseen."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session

from market.audit.log import ENTRIES
from market.billing import checks
from market.billing.subscriptions import SUBSCRIPTIONS
from market.ledger.models import TransferState
from market.ledger.transfers import TRANSFERS
from market.query import dues
from market.query.models import RunState
from market.query.runs import RESERVATION, RUNS
from policies.canonical import canonical_json


def reconcile(session: Session, *, at: datetime | None = None) -> list[str]:
    """List what does not agree; an empty list is a pass.

    With the moment *at*, what was paid must by then have been delivered or refunded, or its delivery be unknown: a
    question that is being answered is not taken for lost before its reservation is over.
    """
    told = _read(session)
    maxima = {agreement: signed.maximum_fen for agreement, signed in dues.parties(session).items()}
    return [
        *dues.check(session),
        *_runs(session, told, at),
        *_subscriptions(session, told),
        *checks.allowances(session, maxima),
        *checks.invoices(session),
        *_transfers(session, told),
    ]


@dataclass(slots=True)
class Told:
    """What the log says of bills and transfers."""

    actions: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """What happened to each question and subscription, in its order."""
    bills: dict[str, str | None] = field(default_factory=dict)
    """The newest bill of each, as canonical JSON; None: charged before entries held bills."""
    named: Counter[str] = field(default_factory=Counter)
    """The transfers that entries name, and how often."""


def _read(session: Session) -> Told:
    told = Told()
    entries = select(ENTRIES.c.action, ENTRIES.c.subject, ENTRIES.c.body).order_by(ENTRIES.c.seq)
    for action, subject, body in session.connection().execute(entries).yield_per(10_000):
        if action == "transfer:posted":
            told.named[subject] += 1
        elif b'"transfers":' in body:
            told.named.update(json.loads(body)["details"].get("transfers", ()))
        if action.startswith(("query:", "subscription:")):
            told.actions[subject].append(action)
        if action in ("query:answered", "subscription:charged"):
            bill = json.loads(body)["details"].get("bill")
            told.bills[subject] = None if bill is None else canonical_json(bill).decode()
    return told


def _runs(session: Session, told: Told, at: datetime | None) -> Iterator[str]:
    """Each paid question is charged in the log by the same bill, and has its delivery, an unknown one or a refund."""
    ends = {
        RunState.DELIVERED: "query:delivered",
        RunState.UNKNOWN: "query:delivery-unknown",
        RunState.REFUNDED: "query:refunded",
    }
    columns = RUNS.c
    known: dict[str, str] = {}
    wanted = select(columns.id, columns.state, columns.bill, columns.created_at, columns.part_of).order_by(columns.id)
    for run in session.connection().execute(wanted):
        known[run.id] = run.state
        actions, place = told.actions.get(run.id, []), f"query {run.id} is {run.state}"
        charged = actions.count("query:answered") - actions.count("query:refunded")
        if charged != (run.state in dues.CHARGED):
            yield f"{place}: the log charges it {charged} times"
        if actions.count("query:delivered") != (run.state == RunState.DELIVERED):
            yield f"{place}: the log delivers it {actions.count('query:delivered')} times"
        if run.state in ends and (not actions or actions[-1] != ends[run.state]):
            yield f"{place}: the log's last word on it is {actions[-1] if actions else 'none'}"
        if run.part_of is not None and known.get(run.part_of) != run.state:
            yield f"{place}: the query that it is part of, {run.part_of}, is {known.get(run.part_of)}"
        if charged and told.bills.get(run.id) not in (None, run.bill):
            yield f"{place}: the log has another bill for it"
        if run.state == RunState.POSTED and at is not None and at - run.created_at >= RESERVATION:
            yield f"{place}: paid, and neither delivered nor refunded; starting the service recovers it"
    for subject in told.bills.keys() - known.keys():
        if "query:answered" in told.actions[subject]:
            yield f"query {subject}: charged in the log, and there is none"


def _subscriptions(session: Session, told: Told) -> Iterator[str]:
    """Each flat price is charged in the log, once and by the same bill."""
    columns = SUBSCRIPTIONS.c
    rows = session.connection().execute(select(columns.id, columns.bill))
    known = {row.id: row.bill for row in rows}
    for id, bill in known.items():
        if told.actions.get(id) != ["subscription:charged"] or told.bills.get(id) != bill:
            yield f"subscription {id}: the log does not charge it, or by another bill"
    for id, actions in told.actions.items():
        if "subscription:charged" in actions and id not in known:
            yield f"subscription {id}: charged in the log, and there is none"


def _transfers(session: Session, told: Told) -> Iterator[str]:
    """Every posted transfer is named by one log entry: none moved unseen, and none is named that is not there."""
    columns = TRANSFERS.c
    rows = session.connection().execute(select(columns.id).where(columns.state == TransferState.POSTED))
    posted = set(rows.scalars())
    yield from (f"transfer {id}: posted, and no log entry names it" for id in sorted(posted - told.named.keys()))
    yield from (f"transfer {id}: named by the log, and not posted" for id in sorted(told.named.keys() - posted))
    yield from (f"transfer {id}: named by {n} log entries" for id, n in sorted(told.named.items()) if n > 1)
