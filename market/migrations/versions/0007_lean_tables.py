"""Contract: keys leave the runs, every run has its bill, and what each query writes touches fewer pages.

SQLite writes whole pages to its write-ahead log: a table of small rows without row ids keeps a row and its key in one
page, not two, and an index that nobody reads costs a page per query. PostgreSQL changes its tables in place.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLES: tuple[str, ...] = ()

DROPPED = (
    # index, table, column
    ("ix_transfer_debit", "transfer", "debit"),
    ("ix_transfer_credit", "transfer", "credit"),
    ("ix_transfer_state", "transfer", "state"),
    ("ix_query_run_state", "query_run", "state"),
    ("ix_log_entry_action", "log_entry", "action"),
    ("ix_log_entry_by", "log_entry", "by"),
)

PARTIAL = (
    # index, table, column, condition
    ("ix_transfer_pending", "transfer", "expires_at", "state = 'pending'"),
    ("ix_query_run_open", "query_run", "state", "state IN ('reserved', 'posted', 'unknown')"),
)


INDEXES = (
    # index, table, column
    ("ix_query_run_agreement_id", "query_run", "agreement_id"),
)
"""Those of the tables that SQLite makes anew, and that stay."""


def upgrade() -> None:
    triggers = _take_triggers()
    for index, table, _ in DROPPED:
        op.drop_index(index, table)
    if _postgresql():
        op.drop_constraint("query_run_agreement_id_key_key", "query_run")
        op.drop_column("query_run", "key")
        op.drop_column("query_run", "question_hash")
        op.alter_column("query_run", "bill", nullable=False)
    else:
        _make_anew("log_node", _node(), with_rowid=False)
        _make_anew("query_run", _run())
        for index, table, column in INDEXES:
            op.create_index(index, table, [column])
    for index, table, column, condition in PARTIAL:
        where = sa.text(condition)
        op.create_index(index, table, [column], sqlite_where=where, postgresql_where=where)
    _put_back(triggers)


def downgrade() -> None:
    triggers = _take_triggers()
    op.create_index("ix_idempotency_key_subject", "idempotency_key", ["subject"])  # each run's key is looked for
    for index, table, *_ in PARTIAL:
        op.drop_index(index, table)
    if _postgresql():
        op.add_column("query_run", sa.Column("key", sa.String(), nullable=True))
        op.add_column("query_run", sa.Column("question_hash", sa.String(), nullable=True))
        for name in ("key", "question_hash"):
            op.execute(f"UPDATE query_run SET {name} = {_kept(name)}")  # noqa: S608  # our names
            op.alter_column("query_run", name, nullable=False)
        op.create_unique_constraint("query_run_agreement_id_key_key", "query_run", ["agreement_id", "key"])
        op.alter_column("query_run", "bill", nullable=True)
    else:
        _make_anew("log_node", _node())
        _make_anew("query_run", _keyed_run(), key=_kept("key"), question_hash=_kept("question_hash"))
        for index, table, column in INDEXES:
            op.create_index(index, table, [column])
    for index, table, column in DROPPED:
        op.create_index(index, table, [column])
    op.drop_index("ix_idempotency_key_subject", "idempotency_key")
    _put_back(triggers)


def _node() -> list[Any]:
    return [
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "position"),
    ]


def _run() -> list[Any]:
    return [
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("agreement_id", sa.String(), nullable=False),
        sa.Column("edition_id", sa.String(), nullable=False),
        sa.Column("member_id", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
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
        sa.Column("bill", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"]),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"]),
        sa.PrimaryKeyConstraint("id"),
    ]


def _keyed_run() -> list[Any]:
    return [
        *(item for item in _run() if getattr(item, "name", None) != "bill"),
        sa.Column("bill", sa.String(), nullable=True),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("question_hash", sa.String(), nullable=False),
        sa.UniqueConstraint("agreement_id", "key"),
    ]


def _kept(name: str) -> str:
    """Find what a run's key was; where it is long forgotten, something that no client asks with."""
    column = {"key": "key", "question_hash": "body_hash"}[name]
    found = f"SELECT k.{column} FROM idempotency_key k WHERE k.subject = query_run.id"  # noqa: S608  # our names
    return f"COALESCE(({found}), query_run.id)"


def _make_anew(table: str, columns: list[Any], *, with_rowid: bool = True, **filled: str) -> None:
    """Copy a table of SQLite into one of another shape; a DROP fires no trigger and refuses no row."""
    fresh = op.create_table(f"{table}_anew", *columns, sqlite_with_rowid=with_rowid)
    names = [column.name for column in fresh.columns]
    values = [filled.get(name, f'"{name}"') for name in names]
    quoted = ", ".join(f'"{name}"' for name in names)
    op.execute(f"INSERT INTO {table}_anew ({quoted}) SELECT {', '.join(values)} FROM {table}")  # noqa: S608  # our names
    op.drop_table(table)
    op.rename_table(f"{table}_anew", table)


def _take_triggers() -> list[str]:
    """Give the triggers of the tables that SQLite makes anew, which go with them."""
    if _postgresql():
        return []
    wanted = "type = 'trigger' AND tbl_name IN ('log_node', 'query_run')"
    found = op.get_bind().execute(sa.text(f"SELECT sql FROM sqlite_master WHERE {wanted} ORDER BY name"))  # noqa: S608  # our names
    return list(found.scalars())


def _put_back(triggers: list[str]) -> None:
    for statement in triggers:
        op.execute(statement)


def _postgresql() -> bool:
    return bool(op.get_bind().dialect.name == "postgresql")
