"""Search: documents, their facets and spellings, the index proper, and the searches that members keep."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = ("saved_search", "search_text", "search_word", "search_value", "search_facts", "search_document")
"""In the order in which they can be dropped."""

WITHOUT_MODEL = ("search_text",)
"""FTS5 on SQLite, a `tsvector` on PostgreSQL: neither is what SQLModel calls a table."""


def upgrade() -> None:
    op.create_table(
        "search_document",
        sa.Column("docid", sa.Integer(), nullable=False),
        sa.Column("dataset_id", sa.String(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("title", "keywords", "columns", "description")),
        sa.ForeignKeyConstraint(["dataset_id"], ["dataset.id"]),
        sa.PrimaryKeyConstraint("docid"),
        sa.UniqueConstraint("dataset_id"),
    )
    op.create_table(
        "search_facts",
        sa.Column("docid", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("packed", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["docid"], ["search_document.docid"]),
        sa.PrimaryKeyConstraint("docid"),
    )
    op.create_table(
        "search_value",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("facet", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("facet", "value"),
    )
    op.create_table(
        "search_word",
        sa.Column("spelling", sa.String(), nullable=False),
        sa.Column("word", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("spelling", "word"),
    )
    op.create_index("ix_search_word_word", "search_word", ["word"])
    op.create_table(
        "saved_search",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("member_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("query", sa.String(), nullable=False),
        sa.Column("seen", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("run_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("member_id", "name"),
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE search_text USING fts5(lexemes, detail=none, columnsize=0,"
            " tokenize=\"ascii tokenchars '._-=+'\")"
        )
        return
    op.execute("CREATE TABLE search_text (docid INTEGER PRIMARY KEY, lexemes tsvector NOT NULL)")
    op.execute("ALTER TABLE search_text SET (toast_tuple_target = 128)")  # the vectors apart, the rows side by side
    op.execute("ALTER TABLE search_text ALTER COLUMN lexemes SET STORAGE EXTERNAL")
    op.execute("CREATE INDEX ix_search_text_lexemes ON search_text USING gin (lexemes) WITH (fastupdate = off)")


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
