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

CUT_FIXED = (
    "NEW.edition_id <> OLD.edition_id OR NEW.spec <> OLD.spec OR NEW.spec_hash <> OLD.spec_hash"
    " OR NEW.evidence <> OLD.evidence OR NEW.evidence_hash <> OLD.evidence_hash"
)
"""As it was before."""

FINAL = (
    # name, table, when, condition on OLD and NEW
    (
        "cut_fixed",
        "cut",
        "UPDATE",
        "NEW.edition_id <> OLD.edition_id OR NEW.spec <> OLD.spec"
        " OR NEW.evidence <> OLD.evidence OR NEW.evidence_hash <> OLD.evidence_hash OR OLD.collected_at IS NOT NULL"
        " OR (NEW.collected_at IS NULL AND NEW.spec_hash <> OLD.spec_hash)"
        " OR (NEW.collected_at IS NOT NULL AND NEW.spec_hash <> 'collected:' || OLD.id)",
    ),
)
"""A cut that is collected gives its hash free, once, and nothing else of it changes."""

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
    for name, table, when, condition in FINAL:
        _replace_trigger(name, table, when, condition)


def downgrade() -> None:
    for where in KEPT:
        if op.get_bind().execute(sa.text(f"SELECT 1 FROM {where} LIMIT 1")).first() is not None:  # noqa: S608  # our names
            raise RuntimeError(f"{where.partition(' ')[0]} holds rows of this version: keep 0009, or restore a backup")
    op.drop_index("ix_query_run_part_of", "query_run")
    _replace_trigger("cut_fixed", "cut", "UPDATE", CUT_FIXED)
    for table, column, _ in COLUMNS:
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")


def _replace_trigger(name: str, table: str, when: str, condition: str) -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    op.execute(f"DROP TRIGGER {name} ON {table}" if postgresql else f"DROP TRIGGER {name}")
    head = f"CREATE TRIGGER {name} BEFORE {when} ON {table} FOR EACH ROW WHEN ({condition})"
    refuse = f"BEGIN SELECT RAISE(ABORT, '{name}: this is final'); END"
    op.execute(f"{head} {'EXECUTE FUNCTION sluice_refuse()' if postgresql else refuse}")
