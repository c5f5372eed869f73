"""The first schema: catalogue, parties, licences, ledger, runs and log, and triggers that keep what is final final."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    "query_run",
    "agreement",
    "access_request",
    "offer",
    "edition_file",
    "tombstone",
    "edition",
    "release",
    "transfer",
    "dataset",
    "publisher",
    "member",
    "log_node",
    "log_head",
    "log_entry",
    "log_checkpoint",
    "firm",
    "account",
)

FINAL = (
    # name, table, when, condition on OLD and NEW
    ("transfer_born_pending", "transfer", "INSERT", "NEW.state <> 'pending'"),
    ("transfer_resolved_once", "transfer", "UPDATE", "OLD.state <> 'pending'"),
    (
        "transfer_terms_fixed",
        "transfer",
        "UPDATE",
        "NEW.id <> OLD.id OR NEW.debit <> OLD.debit OR NEW.credit <> OLD.credit"
        " OR NEW.amount <> OLD.amount OR NEW.cause <> OLD.cause",
    ),
    ("transfer_stays", "transfer", "DELETE", "1 = 1"),
    ("entry_fixed", "log_entry", "UPDATE", "1 = 1"),
    ("entry_stays", "log_entry", "DELETE", "1 = 1"),
    ("node_fixed", "log_node", "UPDATE", "1 = 1"),
    ("node_stays", "log_node", "DELETE", "1 = 1"),
    ("checkpoint_fixed", "log_checkpoint", "UPDATE", "1 = 1"),
    ("checkpoint_stays", "log_checkpoint", "DELETE", "1 = 1"),
    ("head_grows", "log_head", "UPDATE", "NEW.size < OLD.size"),
    ("head_stays", "log_head", "DELETE", "1 = 1"),
    ("tombstone_stays", "tombstone", "DELETE", "1 = 1"),
    (
        "tombstone_fixed",
        "tombstone",
        "UPDATE",
        "NEW.release_id <> OLD.release_id OR NEW.reason <> OLD.reason OR NEW.withdrawn_by <> OLD.withdrawn_by"
        " OR NEW.withdrawn_at <> OLD.withdrawn_at OR NEW.evidence_hash <> OLD.evidence_hash",
    ),
    (
        "evidence_fixed",
        "release",
        "UPDATE",
        "NEW.evidence <> OLD.evidence OR NEW.evidence_hash <> OLD.evidence_hash OR NEW.author_key <> OLD.author_key"
        " OR NEW.author_id <> OLD.author_id OR NEW.dataset_id <> OLD.dataset_id",
    ),
    (
        "terms_fixed",
        "agreement",
        "UPDATE",
        "NEW.terms <> OLD.terms OR NEW.terms_hash <> OLD.terms_hash OR NEW.text <> OLD.text"
        " OR NEW.text_hash <> OLD.text_hash OR NEW.firm_id <> OLD.firm_id OR NEW.publisher_id <> OLD.publisher_id"
        " OR NEW.edition_id <> OLD.edition_id OR NEW.assigner_key <> OLD.assigner_key"
        " OR NEW.assigner_signature <> OLD.assigner_signature",
    ),
)

NEVER_EMPTIED = tuple(table for _, table, when, _ in FINAL if when == "DELETE")
"""PostgreSQL empties a table by TRUNCATE past the triggers of its rows."""


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("capped", sa.Boolean(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.Column("reserved", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("balance >= 0", name="balance_not_negative"),
        sa.CheckConstraint("reserved >= 0 AND reserved <= balance", name="reserved_within_balance"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("owner", "kind", "unit"),
    )
    op.create_table(
        "firm",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "log_checkpoint",
        sa.Column("size", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("size"),
    )
    op.create_table(
        "log_entry",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("ix_log_entry_action", "log_entry", ["action"], unique=False)
    op.create_index("ix_log_entry_by", "log_entry", ["by"], unique=False)
    op.create_index("ix_log_entry_subject", "log_entry", ["subject"], unique=False)
    op.create_table(
        "log_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "log_node",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "position"),
    )
    op.create_table(
        "member",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=True),
        sa.Column("public_key", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("public_key"),
    )
    op.create_table(
        "publisher",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "dataset",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("publisher_id", sa.String(), nullable=False),
        sa.Column("title_zh", sa.String(), nullable=False),
        sa.Column("title_en", sa.String(), nullable=False),
        sa.Column("description_zh", sa.String(), nullable=False),
        sa.Column("description_en", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["publisher_id"], ["publisher.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "transfer",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("debit", sa.String(), nullable=False),
        sa.Column("credit", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("posted_amount", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("epoch", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'posted') = (posted_amount IS NOT NULL)", name="posted_has_amount"),
        sa.CheckConstraint("amount > 0", name="amount_positive"),
        sa.CheckConstraint("debit <> credit", name="two_accounts"),
        sa.CheckConstraint(
            "posted_amount IS NULL OR (posted_amount >= 0 AND posted_amount <= amount)", name="posted_part"
        ),
        sa.ForeignKeyConstraint(["credit"], ["account.id"]),
        sa.ForeignKeyConstraint(["debit"], ["account.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_transfer_cause", "transfer", ["cause"], unique=False)
    op.create_index("ix_transfer_credit", "transfer", ["credit"], unique=False)
    op.create_index("ix_transfer_debit", "transfer", ["debit"], unique=False)
    op.create_index("ix_transfer_state", "transfer", ["state"], unique=False)
    op.create_table(
        "release",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("dataset_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("evidence_hash", sa.String(), nullable=False),
        sa.Column("author_id", sa.String(), nullable=False),
        sa.Column("author_key", sa.String(), nullable=False),
        sa.Column("approver_id", sa.String(), nullable=True),
        sa.Column("approver_key", sa.String(), nullable=True),
        sa.Column("approval", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["dataset_id"], ["dataset.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("dataset_id", "number"),
    )
    op.create_table(
        "edition",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("release_id", sa.String(), nullable=False),
        sa.Column("profile", sa.String(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("manifest", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("release_id", "profile"),
    )
    op.create_table(
        "tombstone",
        sa.Column("release_id", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("withdrawn_by", sa.String(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("evidence_hash", sa.String(), nullable=False),
        sa.Column("legal_hold", sa.String(), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"]),
        sa.PrimaryKeyConstraint("release_id"),
    )
    op.create_table(
        "edition_file",
        sa.Column("edition_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"]),
        sa.PrimaryKeyConstraint("edition_id", "position"),
    )
    op.create_index("ix_edition_file_sha256", "edition_file", ["sha256"], unique=False)
    op.create_table(
        "offer",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("edition_id", sa.String(), nullable=False),
        sa.Column("publisher_id", sa.String(), nullable=False),
        sa.Column("terms", sa.String(), nullable=False),
        sa.Column("terms_hash", sa.String(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"]),
        sa.ForeignKeyConstraint(["publisher_id"], ["publisher.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "access_request",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("offer_id", sa.String(), nullable=False),
        sa.Column("firm_id", sa.String(), nullable=False),
        sa.Column("purposes", sa.String(), nullable=False),
        sa.Column("statement", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"]),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "agreement",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("publisher_id", sa.String(), nullable=False),
        sa.Column("firm_id", sa.String(), nullable=False),
        sa.Column("edition_id", sa.String(), nullable=False),
        sa.Column("terms", sa.String(), nullable=False),
        sa.Column("terms_hash", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("text_hash", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("assigner_key", sa.String(), nullable=False),
        sa.Column("assigner_signature", sa.String(), nullable=False),
        sa.Column("assignee_key", sa.String(), nullable=True),
        sa.Column("assignee_signature", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revocation_reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"]),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"]),
        sa.ForeignKeyConstraint(["publisher_id"], ["publisher.id"]),
        sa.ForeignKeyConstraint(["request_id"], ["access_request.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("request_id"),
    )
    op.create_table(
        "query_run",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("agreement_id", sa.String(), nullable=False),
        sa.Column("edition_id", sa.String(), nullable=False),
        sa.Column("member_id", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("question_hash", sa.String(), nullable=False),
        sa.Column("sql", sa.String(), nullable=False),
        sa.Column("quote", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("epoch", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rows", sa.BigInteger(), nullable=True),
        sa.Column("result_hash", sa.String(), nullable=True),
        sa.Column("result_format", sa.String(), nullable=True),
        sa.Column("failure", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"]),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("agreement_id", "key"),
    )
    op.create_index("ix_query_run_agreement_id", "query_run", ["agreement_id"], unique=False)
    op.create_index("ix_query_run_state", "query_run", ["state"], unique=False)
    op.execute("INSERT INTO log_head (id, size) VALUES (1, 0)")
    postgresql = op.get_bind().dialect.name == "postgresql"
    if postgresql:
        op.execute(
            "CREATE FUNCTION sluice_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION '%: this is final', TG_NAME; END $$"
        )
    for name, table, when, condition in FINAL:
        head = f"CREATE TRIGGER {name} BEFORE {when} ON {table} FOR EACH ROW WHEN ({condition})"
        body = (
            "EXECUTE FUNCTION sluice_refuse()"
            if postgresql
            else f"BEGIN SELECT RAISE(ABORT, '{name}: this is final'); END"
        )
        op.execute(f"{head} {body}")
    for table in NEVER_EMPTIED if postgresql else ():
        op.execute(
            f"CREATE TRIGGER {table}_not_emptied BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION sluice_refuse()"
        )


def downgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    for name, table, _, _ in FINAL:
        op.execute(f"DROP TRIGGER {name} ON {table}" if postgresql else f"DROP TRIGGER {name}")
    for table in NEVER_EMPTIED if postgresql else ():
        op.execute(f"DROP TRIGGER {table}_not_emptied ON {table}")
    for table in TABLES:
        op.drop_table(table)
    if postgresql:
        op.execute("DROP FUNCTION sluice_refuse()")
