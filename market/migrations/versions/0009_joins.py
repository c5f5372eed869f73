"""Questions under several agreements, and cuts that were collected."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLES = ()

COLUMNS = (
    # table, column, type
    ("query_run", "part_of", sa.String()),
    ("query_run", "alias", sa.String()),
    ("query_job", "under", sa.String()),
    ("cut", "collected_at", sa.DateTime(timezone=True)),
)

KEPT = (
    # what an earlier version would forget, or mistake
    "query_run WHERE part_of IS NOT NULL OR alias IS NOT NULL",
    "cut WHERE collected_at IS NOT NULL",
)


def upgrade() -> None:
    for table, column, kind in COLUMNS:
        op.add_column(table, sa.Column(column, kind, nullable=True))
    where = sa.text("part_of IS NOT NULL")
    op.create_index("ix_query_run_part_of", "query_run", ["part_of"], sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    for where in KEPT:
        if op.get_bind().execute(sa.text(f"SELECT 1 FROM {where} LIMIT 1")).first() is not None:  # noqa: S608  # our names
            raise RuntimeError(f"{where.partition(' ')[0]} holds rows of this version: keep 0009, or restore a backup")
    op.drop_index("ix_query_run_part_of", "query_run")
    for table, column, _ in COLUMNS:
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
