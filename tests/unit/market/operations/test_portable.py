"""Rows leave one database and enter another as they were, whichever kind it is."""

import filecmp
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy import create_engine

from market.home import newest_revision, upgrade
from market.operations import portable
from market.operations.portable import Kept
from tests.common import postgres

HARD = "tab\t newline\n return\r backslash\\ \\N \\x41 \\t 中文 \x0b\x0c\x08 '\"; \u2028"


def engine_of(kind, tmp_path, name):
    if kind == "sqlite":
        return create_engine(f"sqlite:///{tmp_path / name}.db")
    return create_engine(postgres.fresh_url(migrated=False))


SHAPE = sa.MetaData()
THINGS = sa.Table(
    "thing",
    SHAPE,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("number", sa.BigInteger),
    sa.Column("truth", sa.Boolean),
    sa.Column("raw", sa.LargeBinary),
    sa.Column("moment", sa.DateTime(timezone=True)),
    sa.Column("day", sa.Date),
    sa.Column("parent", sa.ForeignKey("thing.id")),
)
MOMENTS = [datetime(2026, 11, 24, 8, 0, 0, micro, UTC) for micro in (0, 500_000, 1, 123_450)]
ROWS = [
    {
        "id": "b",
        "number": 2**62,
        "truth": True,
        "raw": bytes(range(256)),
        "moment": MOMENTS[0],
        "day": date(2026, 1, 2),
    },
    {"id": "B", "number": -1, "truth": False, "raw": b"", "moment": MOMENTS[1], "day": None},
    {"id": HARD, "number": None, "truth": None, "raw": None, "moment": MOMENTS[2], "day": date(1, 1, 1)},
    {"id": "", "number": 0, "truth": True, "raw": b"\\x", "moment": MOMENTS[3], "day": None},
    {"id": "中", "number": 0, "truth": True, "raw": b"\n", "moment": None, "day": None},
]
PARENTS = {"b": "中", "B": "b"}


def filled(engine):
    SHAPE.create_all(engine)
    with engine.begin() as connection:
        connection.execute(THINGS.insert(), [{**row, "parent": None} for row in ROWS])
        for child, parent in PARENTS.items():
            connection.execute(THINGS.update().where(THINGS.c.id == child).values(parent=parent))
    return engine


def rows_of(engine):
    with engine.connect() as connection:
        found = connection.execute(sa.select(THINGS)).mappings()
        return {row["id"]: {**row, "moment": row["moment"] and row["moment"].replace(tzinfo=UTC)} for row in found}


@pytest.mark.parametrize("source", ["sqlite", "postgresql"])
@pytest.mark.parametrize("target", ["sqlite", "postgresql"])
def test_hard_values_come_back_as_they_were(tmp_path, source, target):
    first, second = engine_of(source, tmp_path, "first"), engine_of(target, tmp_path, "second")
    filled(first)
    SHAPE.create_all(second)
    with first.connect() as connection:
        kept = portable.dump(connection, tmp_path)
    assert [(entry.table, entry.rows) for entry in kept] == [("thing", len(ROWS))]
    with second.begin() as connection:
        portable.load(connection, tmp_path, kept)
    assert rows_of(second) == rows_of(first)
    assert rows_of(first)["b"] == {**ROWS[0], "parent": "中"}
    for engine in (first, second):
        engine.dispose()


def test_both_databases_write_the_same_bytes(tmp_path):
    for kind in ("sqlite", "postgresql"):
        (tmp_path / kind).mkdir()
        engine = filled(engine_of(kind, tmp_path, kind))
        with engine.connect() as connection:
            portable.dump(connection, tmp_path / kind)
        engine.dispose()
    assert filecmp.cmp(tmp_path / "sqlite" / "thing.copy", tmp_path / "postgresql" / "thing.copy", shallow=False)


def test_every_table_of_the_schema_can_be_kept_on_both(tmp_path):
    """A new kind of column must be known here before it is in a backup."""
    found = {}
    for kind in ("sqlite", "postgresql"):
        engine = engine_of(kind, tmp_path, kind)
        upgrade(engine.url.render_as_string(hide_password=False))
        (tmp_path / kind).mkdir()
        with engine.connect() as connection:
            found[kind] = {entry.table: entry.columns for entry in portable.dump(connection, tmp_path / kind)}
        engine.dispose()
    assert found["sqlite"].keys() == found["postgresql"].keys()
    for table, columns in found["sqlite"].items():
        assert sorted(columns) == sorted(found["postgresql"][table]), table
    assert {"log_entry", "transfer", "tombstone", "saved_search"} <= found["sqlite"].keys()
    assert not {"alembic_version", "search_text", "search_document"} & found["sqlite"].keys()
    assert newest_revision()


@pytest.mark.parametrize("table", ["member; DROP", 'm"x', "", "Member"])
def test_a_list_of_tables_names_tables(table):
    with pytest.raises(ValueError, match="no table"):
        Kept(table, [["id", "text"]], 1)
    with pytest.raises(ValueError, match="no table"):
        Kept("member", [[table, "text"]], 1)
    with pytest.raises(ValueError, match="no table"):
        Kept("member", [["id", table]], 1)
