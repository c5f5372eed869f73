"""What a database is made of – tables, rules, triggers – and what it holds, in a form that can be compared."""

import hashlib
from typing import Any

from sqlalchemy import Engine, inspect, text


def triggers(engine: Engine) -> dict[tuple[str, str], str]:
    """Give every trigger: its name and table, and what it does."""
    statement = (
        "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'"
        if engine.dialect.name == "sqlite"
        else "SELECT tgname, tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal"
    )
    with engine.connect() as connection:
        return {(str(name), str(table)): str(does) for name, table, does in connection.execute(text(statement))}


def tables(engine: Engine) -> set[str]:
    """Name the tables; of a virtual one itself, and not what SQLite keeps behind it."""
    names = set(inspect(engine).get_table_names()) - {"alembic_version"}
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            names -= {row[1] for row in connection.execute(text("PRAGMA table_list")) if row[2] == "shadow"}
    return names


def described(index: Any) -> str:
    """Say what an index is over, the condition of a partial one included."""
    conditions = [str(value) for key, value in index.get("dialect_options", {}).items() if key.endswith("_where")]
    return f"{index['name']} {index['column_names']} {index['unique']} {conditions}"


def schema(engine: Engine) -> dict[str, object]:
    """Give the columns, references, indexes and rules of each table."""
    inspector = inspect(engine)
    columns = inspector.get_multi_columns()
    keys, checks = inspector.get_multi_foreign_keys(), inspector.get_multi_check_constraints()
    indexes = inspector.get_multi_indexes()
    return {
        table: [
            sorted((column["name"], str(column["type"]), column["nullable"]) for column in columns[None, table]),
            sorted(str(key) for key in keys[None, table]),
            sorted(described(index) for index in indexes[None, table]),
            sorted(str(check) for check in checks[None, table]),
        ]
        for table in tables(engine)
    }


def contents(engine: Engine) -> dict[str, tuple[int, str]]:
    """Give the number of rows of each table, and a hash over all their values, whatever their order."""
    found, names = {}, tables(engine) - VIRTUAL
    with engine.connect() as connection:
        for name in names:
            rows = connection.execute(text(f'SELECT * FROM "{name}"')).mappings()
            lines = sorted(repr(sorted(row.items())) for row in rows)
            found[name] = (len(lines), hashlib.sha256("\n".join(lines).encode()).hexdigest())
    return found


VIRTUAL = {"search_text"}
"""Derived from the others, and on SQLite nothing to be read row by row."""


def revision(engine: Engine) -> str:
    """Say which revision the database is at."""
    with engine.connect() as connection:
        return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())
