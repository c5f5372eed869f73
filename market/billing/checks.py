"""Hold allowances and invoices against the ledger: each period issued once and whole, each invoice what was used."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from sqlmodel import Session, col, select

from market.billing.invoices import sum_up
from market.billing.models import Invoice, Programme, Voucher
from market.billing.movements import movements
from market.ledger.models import Kind
from policies.calendar import Month

EVER = (Month(1970, 1).begins_at, Month(9999, 1).begins_at)


def allowances(session: Session, maxima: Mapping[str, int | None]) -> Iterator[str]:
    """Each year of a voucher was issued the cap of its programme, and each month of an agreement its maximum."""
    caps = dict(
        session.exec(
            select(Voucher.id, Programme.firm_year_cap_fen).join(Programme, col(Programme.id) == Voucher.programme_id)
        ).all()
    )
    issued: dict[str, list[int]] = defaultdict(list)
    for movement in movements(session, (Kind.ALLOWANCE,), *EVER):
        if movement.other_kind is Kind.ISSUED:
            issued[movement.owner].append(movement.amount_fen)
    for owner, amounts in issued.items():
        whose = owner.partition("/")[0]
        due = caps.get(whose, maxima.get(whose))
        if amounts != [due]:
            yield f"allowance {owner}: {amounts} fen issued, {due} due once"


def invoices(session: Session) -> Iterator[str]:
    """Each invoice sums what was used on account in its month, and was paid by as much, once, or not yet."""
    rows = session.exec(select(Invoice)).all()
    paid: dict[str, list[int]] = defaultdict(list)
    for movement in movements(session, (Kind.POSTPAID,), *EVER) if rows else ():
        paid[movement.cause].append(movement.amount_fen)
    for month in sorted({row.month for row in rows}):
        summed = sum_up(session, Month.parse(month))
        for row in rows:
            if row.month != month:
                continue
            used = summed.get(row.firm_id)
            if used is None or (row.amount_fen, row.statement_hash) != (used.amount_fen, used.hash):
                owed = "nothing" if used is None else f"{used.amount_fen} fen"
                yield f"invoice {row.id}: is over {row.amount_fen} fen; {owed} was used on account in {month}"
            due = [row.amount_fen] if row.paid_at is not None and row.amount_fen else []
            if paid.get(row.id, []) != due:
                yield f"invoice {row.id}: {paid.get(row.id, [])} fen were paid, {due} are noted"
