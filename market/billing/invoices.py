"""Post-paid use, invoiced for each calendar month: issued once, the same whenever it is summed again, and paid once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import select as select_rows
from sqlmodel import Session, col, select

from catalog.errors import NotFound, WrongState
from catalog.events import Event, note
from catalog.ids import MemberId, new_id
from market.billing.errors import BillingError
from market.billing.models import Invoice
from market.billing.movements import movements
from market.billing.purses import take_back
from market.ledger import transfers
from market.ledger.models import Kind, Unit
from market.ledger.transfers import ACCOUNTS
from policies.calendar import Month, day_of
from policies.canonical import digest

CLOSED_AFTER = timedelta(hours=1)
"""How long after its end a month is taken for whole: what was charged in it has been written by then."""

_LOCK_ALL = (
    select_rows(ACCOUNTS.c.id)
    .where(ACCOUNTS.c.kind == Kind.POSTPAID)
    .order_by(ACCOUNTS.c.id)
    .with_for_update(key_share=True)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine:
    """What one charge took from a post-paid account, or one refund gave back to it."""

    at: datetime
    transfer: str
    cause: str
    amount_fen: int
    """What is owed for it; below zero where it was given back."""


@dataclass(frozen=True, slots=True)
class Summed:
    """What a firm used on account in a month."""

    lines: list[InvoiceLine] = field(default_factory=list)

    @property
    def amount_fen(self) -> int:
        """What is owed."""
        return sum(line.amount_fen for line in self.lines)

    @property
    def hash(self) -> str:
        """The hash by which the lines are known."""
        return digest(self.lines)


def sum_up(session: Session, month: Month, *, firm: str | None = None) -> dict[str, Summed]:
    """Sum what each firm, or one, was charged on account in *month*, less what was given back in it."""
    summed: dict[str, Summed] = {}
    for movement in movements(session, (Kind.POSTPAID,), month.begins_at, month.ends_at, owner=firm):
        if movement.other_kind is Kind.ISSUED:  # a limit, or an invoice that was paid
            continue
        line = InvoiceLine(
            at=movement.at, transfer=movement.transfer, cause=movement.cause, amount_fen=-movement.amount_fen
        )
        summed.setdefault(movement.owner, Summed()).lines.append(line)
    return summed


def issue(session: Session, month: Month, *, due_on: date, by: MemberId, at: datetime) -> list[Invoice]:
    """Invoice every firm that used something on account in *month* and was not invoiced for it; gives the new ones.

    Raises:
        BillingError: the month is not over, or they would be due before they are issued.
    """
    whole_at = month.ends_at + CLOSED_AFTER
    if at < whole_at:
        raise BillingError(f"month {month}", "is not over", fix=f"Issue its invoices from {whole_at.isoformat()} on.")
    if due_on < day_of(at):
        raise BillingError("due date", "is past", fix="Give a day from today on.")
    session.connection().execute(_LOCK_ALL).all()  # who issues the same month at once waits, and finds it done
    known = set(session.exec(select(Invoice.firm_id).where(Invoice.month == str(month))).all())
    made = []
    for firm, summed in sorted(sum_up(session, month).items()):
        if firm in known:
            continue
        row = Invoice(
            id=new_id(at),
            firm_id=firm,
            month=str(month),
            amount_fen=summed.amount_fen,
            statement_hash=summed.hash,
            issued_by=by,
            issued_at=at,
            due_on=due_on,
        )
        session.add(row)
        details = {
            "firm": firm,
            "month": row.month,
            "amount_fen": row.amount_fen,
            "lines": row.statement_hash,
            "due_on": due_on,
        }
        note(session, Event(action="invoice:issued", subject=row.id, by=by, at=at, details=details))
        made.append(row)
    return made


def pay(session: Session, invoice_id: str, *, by: MemberId, at: datetime) -> Invoice:
    """Note that an invoice was paid: what was paid may be used again. One below zero was paid out to the firm.

    Raises:
        WrongState: it was paid before.
        BillingError: what was given back has been used again, so it cannot be paid out.
    """
    row = session.get(Invoice, invoice_id, with_for_update=True)
    if row is None:
        raise NotFound(f"invoice {invoice_id!r}", "there is none", fix="List them: sluice invoice list.")
    if row.paid_at is not None:
        raise WrongState(f"invoice {invoice_id}", "was paid", fix="Nothing is left to do.")
    row.paid_at = at
    account = transfers.open_account(session, owner=row.firm_id, kind=Kind.POSTPAID, unit=Unit.FEN, at=at)
    if row.amount_fen > 0:
        transfers.grant(session, account, row.amount_fen, unit=Unit.FEN, cause=row.id, by=by, at=at)
    elif row.amount_fen < 0:
        take_back(session, account, -row.amount_fen, cause=row.id, by=by, at=at)
    details = {"firm": row.firm_id, "month": row.month, "amount_fen": row.amount_fen}
    note(session, Event(action="invoice:paid", subject=row.id, by=by, at=at, details=details))
    return row


def invoices(session: Session, *, firm: str | None = None, month: Month | None = None) -> Sequence[Invoice]:
    """List invoices: of one firm or all, of one month or all."""
    asked = select(Invoice).order_by(col(Invoice.month), col(Invoice.firm_id))
    if firm is not None:
        asked = asked.where(Invoice.firm_id == firm)
    if month is not None:
        asked = asked.where(Invoice.month == str(month))
    return session.exec(asked).all()
