"""Recalls, notices, attestations, escalations and incidents, and triggers that keep what is final final.

What the raw vault held stays as said as well: an upload is erased once, and its row stays.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = ("incident_step", "incident", "escalation", "attestation", "notice", "recall")
"""In the order in which they can be dropped."""


def _other(name: str) -> str:
    """Say that a column that may be empty changed."""
    return f"COALESCE(NEW.{name}, '') <> COALESCE(OLD.{name}, '')"


FINAL = (
    # name, table, when, condition on OLD and NEW
    (
        "recall_fixed",
        "recall",
        "UPDATE",
        "NEW.id <> OLD.id OR NEW.subject_id <> OLD.subject_id OR NEW.release_id <> OLD.release_id"
        " OR NEW.reason <> OLD.reason OR NEW.opened_by <> OLD.opened_by OR NEW.opened_at <> OLD.opened_at"
        " OR NEW.due_at <> OLD.due_at",
    ),
    (
        "recall_closed_once",
        "recall",
        "UPDATE",
        "OLD.closed_at IS NOT NULL AND (NEW.closed_at IS NULL OR NEW.closed_at <> OLD.closed_at)",
    ),
    ("recall_stays", "recall", "DELETE", "1 = 1"),
    ("notice_fixed", "notice", "UPDATE", "1 = 1"),
    ("notice_stays", "notice", "DELETE", "1 = 1"),
    ("attestation_fixed", "attestation", "UPDATE", "1 = 1"),
    ("attestation_stays", "attestation", "DELETE", "1 = 1"),
    ("escalation_fixed", "escalation", "UPDATE", "1 = 1"),
    ("escalation_stays", "escalation", "DELETE", "1 = 1"),
    (
        "incident_fixed",
        "incident",
        "UPDATE",
        "NEW.id <> OLD.id OR NEW.dataset_id <> OLD.dataset_id OR NEW.kind <> OLD.kind"
        f" OR NEW.reported_by <> OLD.reported_by OR NEW.reported_at <> OLD.reported_at OR {_other('release_id')}",
    ),
    ("incident_closed_once", "incident", "UPDATE", "OLD.state = 'closed' AND NEW.state <> OLD.state"),
    ("incident_stays", "incident", "DELETE", "1 = 1"),
    (
        "incident_step_fixed",
        "incident_step",
        "UPDATE",
        "NEW.incident_id <> OLD.incident_id OR NEW.state <> OLD.state OR NEW.commitment <> OLD.commitment"
        f" OR NEW.by <> OLD.by OR NEW.at <> OLD.at OR {_other('withdrawn_id')}",
    ),
    (
        "incident_words_only_erased",
        "incident_step",
        "UPDATE",
        f"(NEW.text IS NOT NULL AND {_other('text')}) OR (NEW.salt IS NOT NULL AND {_other('salt')})",
    ),
    ("incident_step_stays", "incident_step", "DELETE", "1 = 1"),
    (
        "raw_source_fixed",
        "raw_source",
        "UPDATE",
        "NEW.id <> OLD.id OR NEW.dataset_id <> OLD.dataset_id OR NEW.sha256 <> OLD.sha256"
        " OR NEW.size_bytes <> OLD.size_bytes OR NEW.added_by <> OLD.added_by OR NEW.added_at <> OLD.added_at",
    ),
    (
        "raw_source_erased_once",
        "raw_source",
        "UPDATE",
        "OLD.erased_at IS NOT NULL AND (NEW.erased_at IS NULL OR NEW.erased_at <> OLD.erased_at)",
    ),
    ("raw_source_stays", "raw_source", "DELETE", "1 = 1"),
)

NEVER_EMPTIED = tuple(table for _, table, when, _ in FINAL if when == "DELETE")
"""PostgreSQL empties a table by TRUNCATE past the triggers of its rows."""


def upgrade() -> None:
    _create_recalls()
    _create_incidents()
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
    for name, table, *_ in FINAL:
        _drop_trigger(name, table)
    for table in NEVER_EMPTIED if _postgresql() else ():
        _drop_trigger(f"{table}_not_emptied", table)
    for table in TABLES:
        op.drop_table(table)


def _postgresql() -> bool:
    return bool(op.get_bind().dialect.name == "postgresql")


def _drop_trigger(name: str, table: str) -> None:
    op.execute(f"DROP TRIGGER {name} ON {table}" if _postgresql() else f"DROP TRIGGER {name}")


def _create_recalls() -> None:
    op.create_table(
        "recall",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("release_id", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("opened_by", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("subject_id"),
    )
    op.create_index("ix_recall_release_id", "recall", ["release_id"], unique=False)
    op.create_table(
        "notice",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("recall_id", sa.String(), nullable=False),
        sa.Column("agreement_id", sa.String(), nullable=False),
        sa.Column("firm_id", sa.String(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("answers", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["recall_id"], ["recall.id"]),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"]),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("recall_id", "agreement_id"),
    )
    op.create_index("ix_notice_firm_id", "notice", ["firm_id"], unique=False)
    op.create_table(
        "attestation",
        sa.Column("notice_id", sa.String(), nullable=False),
        sa.Column("statement", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"]),
        sa.PrimaryKeyConstraint("notice_id"),
    )
    op.create_table(
        "escalation",
        sa.Column("notice_id", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("to", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"]),
        sa.PrimaryKeyConstraint("notice_id", "level"),
    )


def _create_incidents() -> None:
    op.create_table(
        "incident",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("dataset_id", sa.String(), nullable=False),
        sa.Column("release_id", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reported_by", sa.String(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["dataset_id"], ["dataset.id"]),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_incident_dataset_id", "incident", ["dataset_id"], unique=False)
    op.create_table(
        "incident_step",
        sa.Column("incident_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=True),
        sa.Column("salt", sa.String(), nullable=True),
        sa.Column("commitment", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_id", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"]),
        sa.ForeignKeyConstraint(["withdrawn_id"], ["release.id"]),
        sa.PrimaryKeyConstraint("incident_id", "state"),
    )
