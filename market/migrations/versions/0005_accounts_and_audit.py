"""Expand: programmes, invoices, idempotency keys, the log's secrets and witnesses, cases; nothing old changes yet.

Keys and bills are copied by the revision after this one, and what they replace goes with the one after that, so that
each step can be stopped and taken up again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = (
    "case_question",
    "case_entry",
    "audit_case",
    "refusal_tally",
    "log_cosignature",
    "log_witness",
    "log_secret",
    "invoice",
    "subscription",
    "voucher",
    "programme",
    "idempotency_key",
)
"""In the order in which they can be dropped."""

ADDED = (
    # table, column, kind, default; none: the column may be empty
    ("log_head", "checkpoint_size", sa.Integer(), "0"),
    ("log_head", "checkpoint_at", sa.DateTime(timezone=True), None),
    ("query_run", "bill", sa.String(), None),
    ("ceiling", "flat_monthly_fen", sa.Integer(), "0"),
)


def _other(name: str) -> str:
    """Say that a column that may be empty changed."""
    return f"COALESCE(NEW.{name}, '') <> COALESCE(OLD.{name}, '')"


FINAL = (
    # name, table, when, condition on OLD and NEW
    (
        "programme_fixed",
        "programme",
        "UPDATE",
        "NEW.id <> OLD.id OR NEW.level <> OLD.level OR NEW.position <> OLD.position OR NEW.share_bp <> OLD.share_bp"
        " OR NEW.firm_year_cap_fen <> OLD.firm_year_cap_fen OR NEW.starts_on <> OLD.starts_on"
        " OR NEW.ends_on <> OLD.ends_on OR NEW.opened_by <> OLD.opened_by OR NEW.opened_at <> OLD.opened_at",
    ),
    ("programme_closed_once", "programme", "UPDATE", "OLD.closed_at IS NOT NULL"),
    ("programme_stays", "programme", "DELETE", "1 = 1"),
    (
        "voucher_fixed",
        "voucher",
        "UPDATE",
        "NEW.id <> OLD.id OR NEW.programme_id <> OLD.programme_id OR NEW.firm_id <> OLD.firm_id"
        " OR NEW.granted_by <> OLD.granted_by OR NEW.granted_at <> OLD.granted_at",
    ),
    ("voucher_revoked_once", "voucher", "UPDATE", "OLD.revoked_at IS NOT NULL"),
    ("voucher_stays", "voucher", "DELETE", "1 = 1"),
    ("subscription_fixed", "subscription", "UPDATE", "1 = 1"),
    ("subscription_stays", "subscription", "DELETE", "1 = 1"),
    (
        "invoice_fixed",
        "invoice",
        "UPDATE",
        "NEW.id <> OLD.id OR NEW.firm_id <> OLD.firm_id OR NEW.month <> OLD.month OR NEW.amount_fen <> OLD.amount_fen"
        " OR NEW.statement_hash <> OLD.statement_hash OR NEW.issued_by <> OLD.issued_by"
        " OR NEW.issued_at <> OLD.issued_at OR NEW.due_on <> OLD.due_on",
    ),
    ("invoice_paid_once", "invoice", "UPDATE", "OLD.paid_at IS NOT NULL"),
    ("invoice_stays", "invoice", "DELETE", "1 = 1"),
    (
        "idempotency_key_fixed",
        "idempotency_key",
        "UPDATE",
        "NEW.tenant <> OLD.tenant OR NEW.route <> OLD.route OR NEW.key <> OLD.key OR NEW.body_hash <> OLD.body_hash"
        " OR NEW.subject <> OLD.subject OR NEW.created_at <> OLD.created_at OR NEW.expires_at <> OLD.expires_at",
    ),
    ("log_secret_fixed", "log_secret", "UPDATE", "1 = 1"),
    (
        "log_witness_fixed",
        "log_witness",
        "UPDATE",
        "NEW.name <> OLD.name OR NEW.key <> OLD.key OR NEW.url <> OLD.url OR NEW.added_by <> OLD.added_by"
        " OR NEW.added_at <> OLD.added_at",
    ),
    ("log_witness_removed_once", "log_witness", "UPDATE", "OLD.removed_at IS NOT NULL"),
    ("log_witness_stays", "log_witness", "DELETE", "1 = 1"),
    ("log_cosignature_fixed", "log_cosignature", "UPDATE", "1 = 1"),
    ("log_cosignature_stays", "log_cosignature", "DELETE", "1 = 1"),
    (
        "audit_case_fixed",
        "audit_case",
        "UPDATE",
        "NEW.id <> OLD.id OR NEW.title <> OLD.title OR NEW.opened_by <> OLD.opened_by"
        " OR NEW.opened_at <> OLD.opened_at",
    ),
    ("audit_case_closed_once", "audit_case", "UPDATE", "OLD.state = 'closed'"),
    ("audit_case_stays", "audit_case", "DELETE", "1 = 1"),
    ("case_entry_fixed", "case_entry", "UPDATE", "1 = 1"),
    ("case_entry_stays", "case_entry", "DELETE", "1 = 1"),
    (
        "case_question_fixed",
        "case_question",
        "UPDATE",
        "NEW.id <> OLD.id OR NEW.case_id <> OLD.case_id OR NEW.publisher_id <> OLD.publisher_id"
        " OR NEW.question <> OLD.question OR NEW.asked_by <> OLD.asked_by OR NEW.asked_at <> OLD.asked_at",
    ),
    ("case_question_answered_once", "case_question", "UPDATE", "OLD.answered_at IS NOT NULL"),
    ("case_question_stays", "case_question", "DELETE", "1 = 1"),
)

NEVER_EMPTIED = tuple(table for _, table, when, _ in FINAL if when == "DELETE")
"""PostgreSQL empties a table by TRUNCATE past the triggers of its rows."""


def upgrade() -> None:
    for table, name, kind, default in ADDED:
        op.add_column(table, sa.Column(name, kind, nullable=default is None, server_default=default))
    _create_money()
    _create_log()
    _create_cases()
    for name, table, when, condition in FINAL:
        head = f"CREATE TRIGGER {name} BEFORE {when} ON {table} FOR EACH ROW WHEN ({condition})"
        refuse = f"BEGIN SELECT RAISE(ABORT, '{name}: this is final'); END"
        op.execute(f"{head} {'EXECUTE FUNCTION sluice_refuse()' if _postgresql() else refuse}")
    for table in NEVER_EMPTIED if _postgresql() else ():
        op.execute(
            f"CREATE TRIGGER {table}_not_emptied BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION sluice_refuse()"
        )


def downgrade() -> None:
    _refuse_to_forget()
    for name, table, *_ in FINAL:
        _drop_trigger(name, table)
    for table in NEVER_EMPTIED if _postgresql() else ():
        _drop_trigger(f"{table}_not_emptied", table)
    for table in TABLES:
        op.drop_table(table)
    for table, name, *_ in reversed(ADDED):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {name}")


def _refuse_to_forget() -> None:
    """Stop before promises, money or proofs are forgotten; counts of refusals and keys that 0006 left may go."""
    for table in set(TABLES) - {"refusal_tally", "idempotency_key"}:
        if op.get_bind().execute(sa.text(f"SELECT 1 FROM {table} LIMIT 1")).first() is not None:  # noqa: S608  # our names
            raise RuntimeError(f"{table} holds rows: keep 0005, or restore a backup from before it")


def _create_money() -> None:
    op.create_table(
        "idempotency_key",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("route", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("body_hash", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "route", "key"),
    )
    op.create_index("ix_idempotency_key_expires_at", "idempotency_key", ["expires_at"])
    op.create_table(
        "programme",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("share_bp", sa.Integer(), nullable=False),
        sa.Column("firm_year_cap_fen", sa.BigInteger(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("opened_by", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("share_bp > 0 AND share_bp <= 10000", name="share_is_a_part"),
        sa.CheckConstraint("firm_year_cap_fen > 0", name="cap_positive"),
        sa.CheckConstraint("starts_on < ends_on", name="programme_lasts"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "voucher",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("programme_id", sa.String(), nullable=False),
        sa.Column("firm_id", sa.String(), nullable=False),
        sa.Column("granted_by", sa.String(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"]),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("programme_id", "firm_id"),
    )
    op.create_index("ix_voucher_firm_id", "voucher", ["firm_id"])
    op.create_table(
        "subscription",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("agreement_id", sa.String(), nullable=False),
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("bill", sa.String(), nullable=False),
        sa.Column("charged_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("agreement_id", "month"),
    )
    op.create_table(
        "invoice",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("firm_id", sa.String(), nullable=False),
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("statement_hash", sa.String(), nullable=False),
        sa.Column("issued_by", sa.String(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("firm_id", "month"),
    )


def _create_log() -> None:
    op.create_table(
        "log_secret",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("salt", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("seq", "name"),
    )
    op.create_table(
        "log_witness",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("added_by", sa.String(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "log_cosignature",
        sa.Column("size", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("witness", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("line", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("size", "witness"),
    )
    op.create_table(
        "refusal_tally",
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("minute", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("by", "minute", "reason"),
    )


def _create_cases() -> None:
    op.create_table(
        "audit_case",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("opened_by", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_by", sa.String()),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.Column("report", sa.String()),
        sa.Column("report_hash", sa.String()),
        sa.Column("key", sa.String()),
        sa.Column("signature", sa.String()),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "case_entry",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("attached_by", sa.String(), nullable=False),
        sa.Column("attached_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["audit_case.id"]),
        sa.PrimaryKeyConstraint("case_id", "seq"),
    )
    op.create_table(
        "case_question",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("publisher_id", sa.String(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.String()),
        sa.Column("answered_by", sa.String()),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        sa.Column("key", sa.String()),
        sa.Column("signature", sa.String()),
        sa.ForeignKeyConstraint(["case_id"], ["audit_case.id"]),
        sa.ForeignKeyConstraint(["publisher_id"], ["publisher.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_case_question_case_id", "case_question", ["case_id"])


def _postgresql() -> bool:
    return bool(op.get_bind().dialect.name == "postgresql")


def _drop_trigger(name: str, table: str) -> None:
    op.execute(f"DROP TRIGGER {name} ON {table}" if _postgresql() else f"DROP TRIGGER {name}")
