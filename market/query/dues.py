"""What each question and each flat price has moved in the ledger, and what its bill says that it should have."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from market.billing.subscriptions import SUBSCRIPTIONS
from market.ledger.models import CAPPED, Kind, TransferState, Unit
from market.ledger.transfers import ACCOUNTS, TRANSFERS
from market.licensing.models import Agreement
from market.query.models import RunState
from market.query.runs import RUNS
from policies.billing import Bill
from policies.errors import PolicyError

CHARGED = (RunState.POSTED, RunState.DELIVERED, RunState.UNKNOWN)
"""States of a run that has been paid for."""

Moved = Counter[tuple[str, str, str]]
"""What left accounts and was not given back, by kind, unit, and owner without its period; into income, what came."""


@dataclass(frozen=True, slots=True)
class Parties:
    """Who pays whom under an agreement, and the price that both signed."""

    firm: str
    publisher: str
    price: Mapping[str, Any]

    @property
    def maximum_fen(self) -> int | None:
        """The monthly maximum, where there is one."""
        maximum: int | None = self.price.get("monthly_maximum_fen")
        return maximum


def parties(session: Session) -> dict[str, Parties]:
    """Read the parties of each agreement."""
    columns = Agreement.metadata.tables["agreement"].c
    rows = session.connection().execute(select(columns.id, columns.firm_id, columns.publisher_id, columns.terms))
    return {row.id: Parties(row.firm_id, row.publisher_id, json.loads(row.terms)["price"]) for row in rows}


def moved(session: Session) -> dict[str, Moved]:
    """Sum what was posted for each cause, less what was given back; what was issued is left out."""
    kept = {row.id: row for row in session.connection().execute(select(ACCOUNTS))}
    columns = TRANSFERS.c
    posted = select(columns.cause, columns.debit, columns.credit, columns.posted_amount).where(
        columns.state == TransferState.POSTED
    )
    by_cause: dict[str, Moved] = defaultdict(Counter)
    for cause, debit, credit, amount in session.connection().execute(posted).yield_per(10_000):
        giver, taker = kept[debit], kept[credit]
        if Kind.ISSUED in (giver.kind, taker.kind):
            continue
        for account, sign in ((giver, 1), (taker, -1)):
            if account.kind in CAPPED or account.kind == Kind.INCOME:
                sign = -sign if account.kind == Kind.INCOME else sign
                by_cause[cause][account.kind, account.unit, account.owner.partition("/")[0]] += sign * amount
    return {cause: Counter({key: left for key, left in net.items() if left}) for cause, net in by_cause.items()}


def check(session: Session) -> Iterator[str]:
    """List what was moved for questions and flat prices otherwise than their bills say, and what belongs to neither."""
    agreements, found = parties(session), moved(session)
    for run in session.connection().execute(select(RUNS)).mappings():
        paid, bill = found.pop(run["id"], Counter()), _bill(run["bill"])
        if bill is None:
            yield f"query {run['id']}: its bill cannot be read"
            continue
        quote = json.loads(run["quote"])
        if quote["amount_fen"] != bill.list_fen:
            yield f"query {run['id']}: its quote is {quote['amount_fen']} fen, its bill {bill.list_fen}"
        due: Moved = Counter()
        if run["state"] in CHARGED:
            due = _money(bill, run["agreement_id"], agreements[run["agreement_id"]])
            due[Kind.QUOTA, Unit.BYTES, run["agreement_id"]] = quote["billed_bytes"]
            due[Kind.QUOTA, Unit.QUERIES, run["agreement_id"]] = 1
        if run["state"] == RunState.DELIVERED:
            due[Kind.QUOTA, Unit.ROWS, run["agreement_id"]] = run["rows"] or 0
        yield from _differences(f"query {run['id']} is {run['state']}", paid, due)
    for row in session.connection().execute(select(SUBSCRIPTIONS)).mappings():
        paid, bill = found.pop(row["id"], Counter()), _bill(row["bill"])
        if bill is None:
            yield f"subscription {row['id']}: its bill cannot be read"
            continue
        signed = agreements[row["agreement_id"]]
        if bill.list_fen != signed.price.get("flat_monthly_fen", 0):
            yield f"subscription {row['id']}: its bill is {bill.list_fen} fen, not the flat price that was signed"
        due = _money(bill, row["agreement_id"], signed)
        yield from _differences(f"subscription {row['id']}", paid, due)
    for cause, net in found.items():
        for (_, unit, _), amount in net.items():
            yield f"{amount} {unit} posted for {cause}, which is no query"


def _bill(text: str) -> Bill | None:
    """Read a bill; none where its parts do not come to its whole, or it is something else."""
    try:
        return Bill.from_dict(json.loads(text))
    except (ValueError, TypeError, KeyError, PolicyError):
        return None


def _money(bill: Bill, agreement: str, signed: Parties) -> Moved:
    """Say which accounts of money a bill draws on, and what it brings the publisher."""
    due: Moved = Counter({(bill.account, Unit.FEN, signed.firm): bill.net_fen})
    for part in bill.vouchers:
        due[Kind.FUND, Unit.FEN, part.programme] += part.amount_fen
        due[Kind.ALLOWANCE, Unit.FEN, part.voucher] += part.amount_fen
    if signed.maximum_fen is not None:
        due[Kind.ALLOWANCE, Unit.FEN, agreement] = bill.charged_fen
    due[Kind.INCOME, Unit.FEN, signed.publisher] = bill.charged_fen
    return due


def _differences(place: str, found: Moved, due: Moved) -> Iterator[str]:
    for key in sorted(found.keys() | due.keys()):
        if found[key] != due[key]:
            kind, unit, owner = key
            yield f"{place}: {found[key]} {unit} posted, {due[key]} due ({kind} of {owner})"
