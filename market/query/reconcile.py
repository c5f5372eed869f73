"""Hold the ledger against the questions and against the log: everything paid exactly once, and nothing unseen."""

import json
from collections import Counter

from sqlalchemy import select
from sqlmodel import Session

from market.audit.log import ENTRIES
from market.ledger.models import CAPPED, Kind, TransferState, Unit
from market.ledger.transfers import ACCOUNTS, TRANSFERS
from market.query.models import RunState
from market.query.runs import RUNS

CHARGED = (RunState.POSTED, RunState.DELIVERED, RunState.UNKNOWN)
"""States of a run that has been paid for."""


def reconcile(session: Session) -> list[str]:
    """List runs and postings that do not agree with each other or with the log; an empty list is a pass."""
    return [*_runs(session), *_unseen(session)]


def _runs(session: Session) -> list[str]:
    """Compare what was posted for each run, less what was given back, with what its state and quote say is due."""
    kinds = {row.id: (row.kind, row.unit) for row in session.connection().execute(select(ACCOUNTS))}
    columns = TRANSFERS.c
    posted = select(columns.cause, columns.debit, columns.credit, columns.posted_amount).where(
        columns.state == TransferState.POSTED
    )
    paid = Counter[tuple[str, str]]()
    for cause, debit, credit, amount in session.connection().execute(posted):
        if Kind.ISSUED not in (kinds[debit][0], kinds[credit][0]):
            paid[cause, kinds[debit][1]] += amount if kinds[debit][0] in CAPPED else -amount
    faults = []
    for run in session.connection().execute(select(RUNS)).mappings():
        quote, charged = json.loads(run["quote"]), run["state"] in CHARGED
        due = {
            Unit.FEN: quote["amount_fen"] if charged else 0,
            Unit.BYTES: quote["billed_bytes"] if charged else 0,
            Unit.QUERIES: 1 if charged else 0,
            Unit.ROWS: (run["rows"] or 0) if run["state"] == RunState.DELIVERED else 0,
        }
        for unit, amount in due.items():
            found = paid.pop((run["id"], unit), 0)
            if found != amount:
                faults.append(f"query {run['id']} is {run['state']}: {found} {unit} posted, {amount} due")
    return faults + [
        f"{amount} {unit} posted for {cause}, which is no query" for (cause, unit), amount in paid.items() if amount
    ]


def _unseen(session: Session) -> list[str]:
    """Every posted transfer is named by a log entry: none moved unseen, and none is named that is not there."""
    named: set[str] = set()
    wanted = ENTRIES.c.action.in_(("transfer:posted", "query:answered", "query:delivered", "query:refunded"))
    for (body,) in session.connection().execute(select(ENTRIES.c.body).where(wanted)):
        entry = json.loads(body)
        named |= {entry["subject"]} if entry["action"] == "transfer:posted" else set(entry["details"]["transfers"])
    posted = set(
        session.connection().execute(select(TRANSFERS.c.id).where(TRANSFERS.c.state == TransferState.POSTED)).scalars()
    )
    return [f"transfer {id}: posted, and no log entry names it" for id in sorted(posted - named)] + [
        f"transfer {id}: named by the log, and not posted" for id in sorted(named - posted)
    ]
