"""Statements: what an account held when a month began, each movement with its cause in words, what it held after."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from market.audit.log import ENTRIES
from market.billing import charges
from market.billing.movements import Movement, balance_at, movements
from market.billing.programmes import FUNDED
from market.billing.purses import LIMIT, TOPPED_UP
from market.ledger.models import Kind
from policies.calendar import Month

BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLine:
    """One movement, and why."""

    at: datetime
    amount_fen: int
    """Above zero where the account received."""
    words: str
    cause: str
    """The identifier of what moved it."""
    transfer: str
    index: int | None
    """The entry of the log that names the transfer; None: there is none, and `ledger verify` says so too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A month of one account: opening + lines = closing."""

    owner: str
    account: Kind
    month: str
    opening_fen: int
    lines: tuple[StatementLine, ...]
    closing_fen: int


def statement(session: Session, owner: str, kind: Kind, month: Month) -> Statement:
    """Tell a month of an owner's account; of income, what was earned before it and in it."""
    opening = balance_at(session, owner, kind, month.begins_at)
    found = movements(session, (kind,), month.begins_at, month.ends_at, owner=owner)
    reasons = _reasons(session, found)
    lines = []
    for movement in found:
        index, words = reasons.get(movement.transfer, (None, movement.cause))
        lines.append(
            StatementLine(
                at=movement.at,
                amount_fen=movement.amount_fen,
                words=words,
                cause=movement.cause,
                transfer=movement.transfer,
                index=index,
            )
        )
    return Statement(
        owner=owner,
        account=kind,
        month=str(month),
        opening_fen=opening,
        lines=tuple(lines),
        closing_fen=opening + sum(line.amount_fen for line in lines),
    )


def _reasons(session: Session, found: Sequence[Movement]) -> dict[str, tuple[int, str]]:
    """Find for each transfer the entry that names it, and what that says."""
    subjects = sorted({movement.cause for movement in found} | {movement.transfer for movement in found})
    reasons: dict[str, tuple[int, str]] = {}
    for seq, action, subject, body in _entries(session, subjects):
        details = json.loads(body)["details"]
        named = [subject] if action == "transfer:posted" else details.get("transfers", ())
        for transfer in named:
            reasons[transfer] = (seq, _words(action, subject, details))
    return reasons


def _entries(session: Session, subjects: Sequence[str]) -> Iterator[Any]:
    columns = ENTRIES.c
    for start in range(0, len(subjects), BATCH):
        some = subjects[start : start + BATCH]
        asked = select(columns.seq, columns.action, columns.subject, columns.body).where(columns.subject.in_(some))
        yield from session.connection().execute(asked.order_by(columns.seq))


def _words(action: str, subject: str, details: Mapping[str, Any]) -> str:
    match action:
        case "transfer:posted":
            said = {
                TOPPED_UP: "topped up",
                FUNDED: "funded",
                LIMIT: "limit lowered" if details["amount"] < 0 else "limit raised",
            }
            return said.get(details["cause"], f"invoice {details['cause']} paid")
        case charges.ANSWERED:
            return f"query {subject} of {details.get('dataset', details['edition'])} for {details['purpose']}"
        case charges.REFUNDED:
            return f"refund of query {subject}: {details['reason']}"
        case charges.SUBSCRIBED:
            return f"flat price of {details['month']}, agreement {details['agreement']}"
        case _:
            return action
