"""Tokens for the API, long questions, kept answers, templates, saved questions, and requests for a part."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = ("saved_query", "template", "spooled", "query_job", "api_token")
"""In the order in which they can be dropped."""

FINAL = (
    # name, table, when, condition on OLD and NEW
    (
        "api_token_fixed",
        "api_token",
        "UPDATE",
        "NEW.id <> OLD.id OR NEW.member_id <> OLD.member_id OR NEW.secret_hash <> OLD.secret_hash"
        " OR NEW.created_at <> OLD.created_at OR NEW.expires_at <> OLD.expires_at",
    ),
    ("api_token_revoked_once", "api_token", "UPDATE", "OLD.revoked_at IS NOT NULL"),
    ("api_token_stays", "api_token", "DELETE", "1 = 1"),
    (
        "template_fixed",
        "template",
        "UPDATE",
        "NEW.id <> OLD.id OR NEW.edition_id <> OLD.edition_id OR NEW.name <> OLD.name OR NEW.sql <> OLD.sql"
        " OR NEW.parameters <> OLD.parameters OR NEW.approved_by <> OLD.approved_by"
        " OR NEW.approved_at <> OLD.approved_at",
    ),
    ("template_retired_once", "template", "UPDATE", "OLD.retired_at IS NOT NULL"),
    ("template_stays", "template", "DELETE", "1 = 1"),
)

NEVER_EMPTIED = tuple(table for _, table, when, _ in FINAL if when == "DELETE")
"""PostgreSQL empties a table by TRUNCATE past the triggers of its rows."""


def upgrade() -> None:
    op.add_column("access_request", sa.Column("part", sa.String(), nullable=True))
    op.add_column("query_run", sa.Column("parameters", sa.String(), nullable=True))
    op.create_table(
        "api_token",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("member_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "query_job",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("agreement_id", sa.String(), nullable=False),
        sa.Column("member_id", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("sql", sa.String(), nullable=False),
        sa.Column("parameters", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("run_id", sa.String()),
        sa.Column("failure", sa.String()),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_query_job_open",
        "query_job",
        ["state"],
        sqlite_where=sa.text("state IN ('queued', 'running')"),
        postgresql_where=sa.text("state IN ('queued', 'running')"),
    )
    op.create_table(
        "spooled",
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["query_run.id"]),
        sa.PrimaryKeyConstraint("run_id"),
    )
    op.create_index("ix_spooled_expires_at", "spooled", ["expires_at"])
    op.create_table(
        "template",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("edition_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sql", sa.String(), nullable=False),
        sa.Column("parameters", sa.String(), nullable=False),
        sa.Column("approved_by", sa.String(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("edition_id", "name"),
    )
    op.create_table(
        "saved_query",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("firm_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sql", sa.String(), nullable=False),
        sa.Column("saved_by", sa.String(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("firm_id", "name"),
    )
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
    op.execute("ALTER TABLE access_request DROP COLUMN part")
    op.execute("ALTER TABLE query_run DROP COLUMN parameters")


def _refuse_to_forget() -> None:
    """Stop before what people made is forgotten; kept answers and long questions may go."""
    parts = ("access_request WHERE part IS NOT NULL", "query_run WHERE parameters IS NOT NULL")
    for where in ("api_token", "template", "saved_query", *parts):
        if op.get_bind().execute(sa.text(f"SELECT 1 FROM {where} LIMIT 1")).first() is not None:  # noqa: S608  # our names
            raise RuntimeError(f"{where.partition(' ')[0]} holds rows of this version: keep 0008, or restore a backup")


def _postgresql() -> bool:
    return bool(op.get_bind().dialect.name == "postgresql")


def _drop_trigger(name: str, table: str) -> None:
    op.execute(f"DROP TRIGGER {name} ON {table}" if _postgresql() else f"DROP TRIGGER {name}")
