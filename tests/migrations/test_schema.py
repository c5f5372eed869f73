"""The schema goes up, down and up again on both databases, is that of the models, and keeps what is final final."""

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, create_engine, inspect, text
from sqlmodel import SQLModel

from market import migrations
from market.home import downgrade, upgrade
from tests.common import postgres
from tests.common.fixtures import BACKENDS

VERSIONS = Path(migrations.__file__).parent / "versions"
FIRST = import_module("market.migrations.versions.0001_first_schema")
MODELS = ("catalog", "market.audit", "market.ledger", "market.licensing", "market.parties", "market.query")


@pytest.fixture(params=BACKENDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give an empty database without a schema."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'bare.db'}"
        return
    url = postgres.fresh_url(migrated=False)
    yield url
    postgres.drop(url)


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = create_engine(url)
    yield engine
    engine.dispose()


def triggers(engine: Engine) -> set[tuple[str, str]]:
    statement = (
        "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"
        if engine.dialect.name == "sqlite"
        else "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal"
    )
    with engine.connect() as connection:
        return {(str(name), str(table)) for name, table in connection.execute(text(statement))}


def schema(engine: Engine) -> dict[str, object]:
    inspector = inspect(engine)
    return {
        table: [
            [(column["name"], str(column["type"]), column["nullable"]) for column in inspector.get_columns(table)],
            sorted(str(key) for key in inspector.get_foreign_keys(table)),
            sorted(str(index) for index in inspector.get_indexes(table)),
            sorted(str(check) for check in inspector.get_check_constraints(table)),
        ]
        for table in inspector.get_table_names()
        if table != "alembic_version"
    }


def test_the_schema_goes_up_down_and_up_again(url, engine):
    upgrade(url)
    first, kept = schema(engine), triggers(engine)
    assert len(first) == len(FIRST.TABLES)
    downgrade(url, "base")
    assert schema(engine) == {}
    assert triggers(engine) == set()
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            named = connection.execute(text("SELECT proname FROM pg_proc WHERE proname LIKE 'sluice%'")).all()
        assert named == []
    upgrade(url)
    assert schema(engine) == first
    assert triggers(engine) == kept


def test_the_migrated_schema_is_that_of_the_models(url, engine):
    for package in MODELS:
        import_module(f"{package}.models")
    upgrade(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_the_models_rules_are_in_the_schema(url, engine):
    """Alembic compares no CHECK constraints."""
    upgrade(url)
    inspector = inspect(engine)
    for name, table in SQLModel.metadata.tables.items():
        wanted = {str(rule.name) for rule in table.constraints if type(rule).__name__ == "CheckConstraint"}
        assert {str(check["name"]) for check in inspector.get_check_constraints(name)} == wanted


def test_every_trigger_of_the_revision_is_there_and_no_other(url, engine):
    upgrade(url)
    wanted = {(name, table) for name, table, _, _ in FIRST.FINAL}
    if engine.dialect.name == "postgresql":
        wanted |= {(f"{table}_not_emptied", table) for table in FIRST.NEVER_EMPTIED}
    assert triggers(engine) == wanted


def revisions() -> list[Path]:
    found = sorted(path for path in VERSIONS.glob("*.py") if path.name != "__init__.py")
    assert found
    return found


@pytest.mark.parametrize("path", revisions(), ids=lambda path: path.stem)
def test_a_revision_imports_no_models(path):
    """It must run as it did, whatever the models have become."""
    imported = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(node.module or "")
    assert {name.partition(".")[0] for name in imported} <= {"alembic", "sqlalchemy"}


def test_revisions_form_one_line():
    modules = [import_module(f"market.migrations.versions.{path.stem}") for path in revisions()]
    assert [module.down_revision for module in modules] == [None, *(module.revision for module in modules[:-1])]
