"""The catalogue grows: a tree of publishers, descriptions, registration, ceilings, cuts, previews and the raw vault.

Columns are added and dropped in place: SQLite's copy of a table, as Alembic's batches make it, loses its triggers.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = (
    "raw_source",
    "preview",
    "cut_file",
    "class_table",
    "ceiling",
    "registration",
    "mandate",
    "cut",
)
"""In the order in which they can be dropped."""


ADDED = (
    # table, column, type, value of the rows there are: none where it may be missing
    ("publisher", "kind", sa.String(), "department"),
    ("dataset", "theme", sa.String(), "other"),
    ("dataset", "keywords_zh", sa.String(), "[]"),
    ("dataset", "keywords_en", sa.String(), "[]"),
    ("dataset", "spatial", sa.String(), ""),
    ("dataset", "temporal_start", sa.Date(), None),
    ("dataset", "temporal_end", sa.Date(), None),
    ("dataset", "legal_basis", sa.String(), ""),
    ("dataset", "level", sa.String(), "general"),
    ("dataset", "contact", sa.String(), ""),
    ("dataset", "rhythm", sa.String(), "irregular"),
    ("dataset", "citation", sa.String(), ""),
    ("dataset", "series", sa.String(), None),
    ("release", "embargo_until", sa.DateTime(timezone=True), None),
    ("release", "joined", sa.String(), "{}"),
)
"""Columns that refer to nothing."""

REFERRING = (
    ("publisher", "parent_id", "publisher"),
    ("offer", "cut_id", "cut"),
    ("agreement", "cut_id", "cut"),
)
"""Columns that refer to a row: table, column, table referred to."""

EVIDENCE_FIXED = (
    "NEW.evidence <> OLD.evidence OR NEW.evidence_hash <> OLD.evidence_hash OR NEW.author_key <> OLD.author_key"
    " OR NEW.author_id <> OLD.author_id OR NEW.dataset_id <> OLD.dataset_id"
)
TERMS_FIXED = (
    "NEW.terms <> OLD.terms OR NEW.terms_hash <> OLD.terms_hash OR NEW.text <> OLD.text"
    " OR NEW.text_hash <> OLD.text_hash OR NEW.firm_id <> OLD.firm_id OR NEW.publisher_id <> OLD.publisher_id"
    " OR NEW.edition_id <> OLD.edition_id OR NEW.assigner_key <> OLD.assigner_key"
    " OR NEW.assigner_signature <> OLD.assigner_signature"
)

WIDENED = (
    # name, table, when, condition before this revision, what it says besides from now on
    ("evidence_fixed", "release", "UPDATE", EVIDENCE_FIXED, " OR NEW.joined <> OLD.joined"),
    ("terms_fixed", "agreement", "UPDATE", TERMS_FIXED, " OR coalesce(NEW.cut_id, '') <> coalesce(OLD.cut_id, '')"),
)
"""Triggers of earlier revisions that look after a new column as well."""

FINAL = (
    # name, table, when, condition on OLD and NEW
    ("registration_fixed", "registration", "UPDATE", "1 = 1"),
    ("registration_stays", "registration", "DELETE", "1 = 1"),
    ("class_table_fixed", "class_table", "UPDATE", "1 = 1"),
    ("class_table_stays", "class_table", "DELETE", "1 = 1"),
    (
        "cut_fixed",
        "cut",
        "UPDATE",
        "NEW.edition_id <> OLD.edition_id OR NEW.spec <> OLD.spec OR NEW.spec_hash <> OLD.spec_hash"
        " OR NEW.evidence <> OLD.evidence OR NEW.evidence_hash <> OLD.evidence_hash",
    ),
)

NEVER_EMPTIED = tuple(table for _, table, when, _ in FINAL if when == "DELETE")


def upgrade() -> None:
    _create_register()
    _create_bytes()
    for table, name, kind, default in ADDED:
        op.add_column(table, sa.Column(name, kind, nullable=default is None, server_default=default))
    for table, name, to in REFERRING:
        op.execute(f"ALTER TABLE {table} ADD COLUMN {name} VARCHAR REFERENCES {to} (id)")
    op.create_index("ix_dataset_series", "dataset", ["series"])
    op.create_index("ix_publisher_parent_id", "publisher", ["parent_id"])
    for name, table, when, before, more in WIDENED:
        _drop_trigger(name, table)
        _create_trigger(name, table, when, before + more)
    for name, table, when, condition in FINAL:
        _create_trigger(name, table, when, condition)
    for table in NEVER_EMPTIED if _postgresql() else ():
        op.execute(
            f"CREATE TRIGGER {table}_not_emptied BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION sluice_refuse()"
        )


def downgrade() -> None:
    _refuse_to_forget()
    for table in NEVER_EMPTIED if _postgresql() else ():
        _drop_trigger(f"{table}_not_emptied", table)
    for name, table, *_ in (*FINAL, *WIDENED):
        _drop_trigger(name, table)
    op.drop_index("ix_publisher_parent_id", "publisher")
    op.drop_index("ix_dataset_series", "dataset")
    for table, name, _ in reversed(REFERRING):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {name}")
    for table, name, *_ in reversed(ADDED):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {name}")
    for name, table, when, before, _ in WIDENED:
        _create_trigger(name, table, when, before)
    for table in TABLES:
        op.drop_table(table)


def _refuse_to_forget() -> None:
    """Stop before approvals become unprovable: they were signed over what was measured together."""
    if op.get_bind().execute(sa.text("SELECT 1 FROM release WHERE joined <> '{}' LIMIT 1")).first() is not None:
        raise RuntimeError("releases were approved with their joined risk: without it no approval holds; keep 0002")


def _create_register() -> None:
    """Create what may be released by whom, as what it is registered, and for how much."""
    op.create_table(
        "mandate",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("publisher_id", sa.String(), nullable=False),
        sa.Column("theme", sa.String(), nullable=False),
        sa.Column("profiles", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["publisher_id"], ["publisher.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("publisher_id", "theme"),
    )
    op.create_table(
        "registration",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("dataset_id", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["dataset_id"], ["dataset.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_registration_dataset_id", "registration", ["dataset_id"])
    op.create_table(
        "ceiling",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("dataset_id", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("revenue_fen", sa.BigInteger(), nullable=False),
        sa.Column("per_query_fen", sa.Integer(), nullable=False),
        sa.Column("per_gb_fen", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["dataset_id"], ["dataset.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("dataset_id", "starts_on"),
    )


def _create_bytes() -> None:
    """Create what rests beside an edition: its class table, its cuts, its release's preview, and what it came from."""
    op.create_table(
        "class_table",
        sa.Column("edition_id", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"]),
        sa.PrimaryKeyConstraint("edition_id"),
    )
    op.create_table(
        "cut",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("edition_id", sa.String(), nullable=False),
        sa.Column("spec", sa.String(), nullable=False),
        sa.Column("spec_hash", sa.String(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("evidence_hash", sa.String(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("manifest", sa.String(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("edition_id", "spec_hash"),
    )
    op.create_table(
        "cut_file",
        sa.Column("cut_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["cut_id"], ["cut.id"]),
        sa.PrimaryKeyConstraint("cut_id", "position"),
    )
    op.create_index("ix_cut_file_sha256", "cut_file", ["sha256"])
    op.create_table(
        "preview",
        sa.Column("release_id", sa.String(), nullable=False),
        sa.Column("statistics", sa.String(), nullable=False),
        sa.Column("first_rows", sa.String(), nullable=False),
        sa.Column("mock", sa.String()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"]),
        sa.PrimaryKeyConstraint("release_id"),
    )
    op.create_table(
        "raw_source",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("dataset_id", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("added_by", sa.String(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["dataset_id"], ["dataset.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_raw_source_sha256", "raw_source", ["sha256"])


def _postgresql() -> bool:
    return bool(op.get_bind().dialect.name == "postgresql")


def _create_trigger(name: str, table: str, when: str, condition: str) -> None:
    head = f"CREATE TRIGGER {name} BEFORE {when} ON {table} FOR EACH ROW WHEN ({condition})"
    refuse = f"BEGIN SELECT RAISE(ABORT, '{name}: this is final'); END"
    op.execute(f"{head} {'EXECUTE FUNCTION sluice_refuse()' if _postgresql() else refuse}")


def _drop_trigger(name: str, table: str) -> None:
    op.execute(f"DROP TRIGGER {name} ON {table}" if _postgresql() else f"DROP TRIGGER {name}")
