"""Derive every cached figure of the ledger again from its transfers, and list what does not agree."""

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from market.ledger.models import CAPPED, TransferState
from market.ledger.transfers import ACCOUNTS, TRANSFERS


def verify(session: Session) -> list[str]:
    """List what does not hold; an empty list is a pass.

    Σ debits = Σ credits holds by construction, as a transfer is one row with two sides of one unit; what can be wrong
    is a cached balance, a reservation without its transfer, or two sides of different units.
    """
    connection, faults = session.connection(), []
    posted, pending = _sums(session, TransferState.POSTED), _sums(session, TransferState.PENDING)
    units = {}
    for row in connection.execute(select(ACCOUNTS)).mappings():
        units[row["id"]] = row["unit"]
        if row["capped"] != (row["kind"] in CAPPED):
            faults.append(f"account {row['id']}: a {row['kind']} account is {'' if row['capped'] else 'not '}capped")
        if not row["capped"]:
            continue
        out, into = posted.get(row["id"], (0, 0))
        if row["balance"] != into - out:
            faults.append(f"account {row['id']}: balance {row['balance']}, transfers say {into - out}")
        held = pending.get(row["id"], (0, 0))[0]
        if row["reserved"] != held:
            faults.append(f"account {row['id']}: {row['reserved']} reserved, pending transfers say {held}")
    columns = TRANSFERS.c
    for id, debit, credit in connection.execute(select(columns.id, columns.debit, columns.credit)):
        if units[debit] != units[credit]:
            faults.append(f"transfer {id}: moves {units[debit]} into {units[credit]}")
    return faults


def _sums(session: Session, state: TransferState) -> dict[str, tuple[int, int]]:
    """Sum what went out of and into each account, over transfers in *state*."""
    columns = TRANSFERS.c
    amount = case((columns.state == TransferState.POSTED, columns.posted_amount), else_=columns.amount)
    sums: dict[str, tuple[int, int]] = {}
    for side, position in ((columns.debit, 0), (columns.credit, 1)):
        found = select(side, func.sum(amount)).where(columns.state == state).group_by(side)
        for account, total in session.connection().execute(found):
            pair = list(sums.get(account, (0, 0)))
            pair[position] = int(total)
            sums[account] = (pair[0], pair[1])
    return sums
