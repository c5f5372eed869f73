"""Backfill: each run's key becomes a row of its own, and each run gets the bill that its quote was.

It goes in batches, so that memory stays small, and commits once.
"""

import json
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TABLES: tuple[str, ...] = ()
ROWS_ONLY = True
"""The schema stays as it is."""

BATCH = 1000
KEPT_DAYS = 30

FORGOTTEN = (
    (
        "SELECT 1 FROM query_run"
        """ WHERE bill NOT LIKE '{"account"_"credit","discount_fen"_0,%' OR bill NOT LIKE '%,"vouchers"_[]}'""",
        "bills were reduced or put on account",
    ),
    (
        "SELECT 1 FROM idempotency_key k LEFT JOIN query_run r ON r.id = k.subject WHERE r.id IS NULL",
        "keys stand for other acts than questions, which could be done twice without them",
    ),
)

_UNBILLED = sa.text(
    "SELECT r.id, r.quote, r.key, r.question_hash, r.created_at, r.agreement_id, a.firm_id"
    " FROM query_run r JOIN agreement a ON a.id = r.agreement_id"
    " WHERE r.bill IS NULL AND r.id > :after ORDER BY r.id LIMIT :batch"
).columns(created_at=sa.DateTime(timezone=True))
_ENTER = sa.text(
    "INSERT INTO idempotency_key (tenant, route, key, body_hash, subject, created_at, expires_at)"
    " VALUES (:tenant, :route, :key, :body_hash, :subject, :created_at, :expires_at)"
).bindparams(
    sa.bindparam("created_at", type_=sa.DateTime(timezone=True)),
    sa.bindparam("expires_at", type_=sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    after = ""
    while rows := op.get_bind().execute(_UNBILLED, {"batch": BATCH, "after": after}).all():
        op.get_bind().execute(_ENTER, [_key(row) for row in rows])
        bills = [{"bill": _bill(json.loads(row.quote)["amount_fen"]), "id": row.id} for row in rows]
        op.get_bind().execute(sa.text("UPDATE query_run SET bill = :bill WHERE id = :id"), bills)
        after = rows[-1].id


def downgrade() -> None:
    _refuse_to_forget()
    op.execute("DELETE FROM idempotency_key")
    op.execute("UPDATE query_run SET bill = NULL")


def _refuse_to_forget() -> None:
    """Stop before something else is forgotten than an upgrade would fill in again."""
    for statement, why in FORGOTTEN:
        if op.get_bind().execute(sa.text(f"{statement} LIMIT 1")).first() is not None:
            raise RuntimeError(f"{why}: keep 0006, or restore a backup from before it")


def _key(row: Any) -> dict[str, Any]:
    """Give the row of a run's key."""
    return {
        "tenant": row.firm_id,
        "route": f"agreements/{row.agreement_id}/queries",
        "key": row.key,
        "body_hash": row.question_hash,
        "subject": row.id,
        "created_at": row.created_at,
        "expires_at": row.created_at + timedelta(days=KEPT_DAYS),
    }


def _bill(amount_fen: int) -> str:
    """Write the bill of before there were discounts: the firm's prepaid credit paid all of it."""
    bill = {"account": "credit", "discount_fen": 0, "list_fen": amount_fen, "net_fen": amount_fen, "vouchers": []}
    return json.dumps(bill, sort_keys=True, separators=(",", ":"))
