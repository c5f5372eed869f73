"""The schema goes up, down and up again on both databases, is that of the models, and keeps what is final final."""

import ast
import sys
from collections.abc import Iterator
from importlib import import_module
from itertools import pairwise
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, create_engine, inspect, text
from sqlmodel import SQLModel

from market import migrations
from market.home import downgrade, upgrade
from tests.migrations.shape import schema, tables, triggers

VERSIONS = Path(migrations.__file__).parent / "versions"
PATHS = sorted(path for path in VERSIONS.glob("*.py") if path.name != "__init__.py")
REVISIONS = [import_module(f"market.migrations.versions.{path.stem}") for path in PATHS]
PACKAGES = ("catalog", "market")
STEPS = list(pairwise(["base", *(module.revision for module in REVISIONS)]))


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = create_engine(url)
    yield engine
    engine.dispose()


def load_models() -> None:
    for package in PACKAGES:
        root = Path(str(import_module(package).__file__)).parent
        for path in root.rglob("models.py"):
            import_module(".".join((package, *path.relative_to(root).with_suffix("").parts)))


def test_the_schema_goes_up_down_and_up_again(url, engine):
    upgrade(url)
    first, kept = schema(engine), triggers(engine)
    assert len(first) >= sum(len(module.TABLES) for module in REVISIONS)
    downgrade(url, "base")
    assert schema(engine) == {}
    assert triggers(engine) == {}
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            named = connection.execute(text("SELECT proname FROM pg_proc WHERE proname LIKE 'sluice%'")).all()
        assert named == []
    upgrade(url)
    assert schema(engine) == first
    assert triggers(engine) == kept


@pytest.mark.parametrize(("before", "after"), STEPS)
def test_each_revision_goes_back_to_just_what_was_before_it(url, engine, before, after):
    """Triggers and their conditions included: dropping a column must not lose them."""
    if before != "base":
        upgrade(url, before)
    was, kept = schema(engine), triggers(engine)
    upgrade(url, after)
    rows_only = getattr(REVISIONS[[step[1] for step in STEPS].index(after)], "ROWS_ONLY", False)
    assert ((schema(engine), triggers(engine)) == (was, kept)) is rows_only
    downgrade(url, before)
    assert schema(engine) == was
    assert triggers(engine) == kept


def test_rows_of_the_first_schema_live_through_an_upgrade_and_back(url, engine):
    """A home of the first version keeps its rows, and what is final in them stays final."""
    upgrade(url, "0001")
    at = "'2026-01-01 00:00:00'"
    with engine.begin() as connection:
        connection.execute(text(f"INSERT INTO publisher VALUES ('p', '局', 'Department', {at})"))
        connection.execute(text(f"INSERT INTO dataset VALUES ('d', 'p', '名', 'Name', '述', 'Words', 'source', {at})"))
        connection.execute(
            text(
                "INSERT INTO release (id, dataset_id, number, state, evidence, evidence_hash, author_id, author_key,"
                f" created_at) VALUES ('r', 'd', 1, 'published', '1', 'h', 'a', 'k', {at})"
            )
        )
    upgrade(url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT kind, parent_id FROM publisher")).one() == ("department", None)
        assert connection.execute(text("SELECT theme, level, series FROM dataset")).one() == ("other", "general", None)
        assert connection.execute(text("SELECT joined, embargo_until FROM release")).one() == ("{}", None)
    for statement in ("UPDATE release SET evidence = 'x'", "UPDATE release SET joined = 'x'"):
        with pytest.raises(Exception, match="evidence_fixed: this is final"), engine.begin() as connection:
            connection.execute(text(statement))
    downgrade(url, "0001")
    with engine.connect() as connection:
        assert connection.execute(text("SELECT * FROM release")).one()[:4] == ("r", "d", 1, "published")
    with pytest.raises(Exception, match="evidence_fixed: this is final"), engine.begin() as connection:
        connection.execute(text("UPDATE release SET evidence = 'x'"))


def test_what_an_approval_was_signed_over_is_not_forgotten(url, engine):
    upgrade(url)
    at = "'2026-01-01 00:00:00'"
    with engine.begin() as connection:
        connection.execute(
            text(f"INSERT INTO publisher (id, name_zh, name_en, created_at) VALUES ('p', '局', 'Department', {at})")
        )
        connection.execute(
            text(
                "INSERT INTO dataset (id, publisher_id, title_zh, title_en, description_zh, description_en, source,"
                f" created_at) VALUES ('d', 'p', '名', 'Name', '述', 'Words', 'source', {at})"
            )
        )
        connection.execute(
            text(
                "INSERT INTO release (id, dataset_id, number, state, evidence, evidence_hash, author_id, author_key,"
                f" created_at, joined) VALUES ('r', 'd', 1, 'approved', '1', 'h', 'a', 'k', {at}, :joined)"
            ),
            {"joined": '{"k":11}'},
        )
    with pytest.raises(RuntimeError, match="no approval holds"):
        downgrade(url, "0001")


def test_the_migrated_schema_is_that_of_the_models(url, engine):
    load_models()
    upgrade(url)
    modelled = set(SQLModel.metadata.tables)
    unmodelled = {name for module in REVISIONS for name in getattr(module, "WITHOUT_MODEL", ())}

    def compared(name: str | None, kind: str, _: object) -> bool:
        return kind != "table" or name in modelled or (name in tables(engine) and name not in unmodelled)

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": compared})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_the_models_rules_are_in_the_schema(url, engine):
    """Alembic compares no CHECK constraints."""
    load_models()
    upgrade(url)
    inspector = inspect(engine)
    for name, table in SQLModel.metadata.tables.items():
        wanted = {str(rule.name) for rule in table.constraints if type(rule).__name__ == "CheckConstraint"}
        assert {str(check["name"]) for check in inspector.get_check_constraints(name)} == wanted


def test_every_trigger_of_the_revisions_is_there_and_no_other(url, engine):
    upgrade(url)
    wanted = {(name, table) for module in REVISIONS for name, table, *_ in getattr(module, "FINAL", ())}
    if engine.dialect.name == "postgresql":
        emptied = {table for module in REVISIONS for table in getattr(module, "NEVER_EMPTIED", ())}
        wanted |= {(f"{table}_not_emptied", table) for table in emptied}
    assert set(triggers(engine)) == wanted


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_revision_imports_no_models(path):
    """It must run as it did, whatever the models have become."""
    imported = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(node.module or "")
    assert {name.partition(".")[0] for name in imported} <= {"alembic", "sqlalchemy", *sys.stdlib_module_names}


def test_revisions_form_one_line():
    assert [module.down_revision for module in REVISIONS] == [None, *(module.revision for module in REVISIONS[:-1])]
