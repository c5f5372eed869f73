"""The ledger's statements, each guarded: what it changes is still as it was seen, or nothing changes."""

from sqlalchemy import BigInteger, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert

from market.ledger.models import Account, Transfer, TransferState
from market.prepared import Prepared

ACCOUNTS, TRANSFERS = Account.metadata.tables["account"], Transfer.metadata.tables["transfer"]

_LEFT = (ACCOUNTS.c.balance - ACCOUNTS.c.reserved).label("left")
_ONE = ACCOUNTS.c.id == bindparam("account")

FIND_ACCOUNT = Prepared(
    select(ACCOUNTS.c.id).where(
        ACCOUNTS.c.owner == bindparam("whose"),
        ACCOUNTS.c.kind == bindparam("of_kind"),
        ACCOUNTS.c.unit == bindparam("in"),
    )
)
OPEN_ACCOUNT = Prepared(insert(ACCOUNTS).on_conflict_do_nothing())
"""Both databases read it; where somebody else is opening the same one, PostgreSQL waits for his commit."""

READ_LEFT = Prepared(select(_LEFT).where(_ONE))

HOLDING = Prepared(
    select(ACCOUNTS.c.id, ACCOUNTS.c.kind, ACCOUNTS.c.unit, _LEFT)
    .where(ACCOUNTS.c.id.in_(bindparam("accounts", expanding=True)), ACCOUNTS.c.capped)
    .order_by(ACCOUNTS.c.id)
    .with_for_update(key_share=True)
)
"""Lock the capped ones of accounts, in the order of their ids, and read what they can give."""

SET_ASIDE = Prepared(
    update(ACCOUNTS)
    .where(_ONE, ACCOUNTS.c.capped, bindparam("asked") <= ACCOUNTS.c.balance - ACCOUNTS.c.reserved)
    .values(reserved=ACCOUNTS.c.reserved + bindparam("asked"))
)
CHANGE = Prepared(
    update(ACCOUNTS)
    .where(_ONE, ACCOUNTS.c.capped)
    .values(balance=ACCOUNTS.c.balance + bindparam("more"), reserved=ACCOUNTS.c.reserved - bindparam("released"))
)

ENTER = Prepared(insert(TRANSFERS))

READ_PENDING = (
    select(
        TRANSFERS.c.id,
        TRANSFERS.c.debit,
        TRANSFERS.c.credit,
        TRANSFERS.c.amount,
        TRANSFERS.c.cause,
        TRANSFERS.c.epoch,
        ACCOUNTS.c.unit,
    )
    .join(ACCOUNTS, ACCOUNTS.c.id == TRANSFERS.c.debit)
    .where(TRANSFERS.c.state == TransferState.PENDING)
    .order_by(TRANSFERS.c.id)
)
"""Pending transfers as `transfers.resolve` wants them."""
PENDING_BY_ID = Prepared(READ_PENDING.where(TRANSFERS.c.id.in_(bindparam("ids", expanding=True))))
PENDING_OF = Prepared(READ_PENDING.where(TRANSFERS.c.cause == bindparam("of")))

_OWN_PENDING = (TRANSFERS.c.state == TransferState.PENDING, TRANSFERS.c.epoch == bindparam("own_epoch"))

POST_OF = Prepared(
    update(TRANSFERS)
    .where(
        TRANSFERS.c.cause == bindparam("of"),
        *_OWN_PENDING,
        select(ACCOUNTS.c.id).where(ACCOUNTS.c.id == TRANSFERS.c.debit, ACCOUNTS.c.unit != bindparam("kept")).exists(),
    )
    .values(
        state=TransferState.POSTED,
        posted_amount=func.coalesce(bindparam("part", type_=BigInteger), TRANSFERS.c.amount),
        resolved_at=bindparam("moment"),
    )
    .returning(
        TRANSFERS.c.id,
        TRANSFERS.c.debit,
        TRANSFERS.c.credit,
        TRANSFERS.c.amount,
        TRANSFERS.c.posted_amount.label("part"),
    )
)
"""Post what is pending for a cause, but for one unit."""

RESOLVE = Prepared(
    update(TRANSFERS)
    .where(TRANSFERS.c.id == bindparam("transfer"), *_OWN_PENDING)
    .values(state=bindparam("resolved"), resolved_at=bindparam("moment"), posted_amount=bindparam("part"))
)
