"""Fixtures over real databases; a `conftest.py` that wants them imports them."""

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from market.db import Database
from market.home import upgrade
from tests.common import postgres
from tests.common.world import World

BACKENDS = ("sqlite", "postgresql")


@cache
def _migrated() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="sluice-db-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    upgrade(f"sqlite:///{folder / 'empty.db'}")
    return folder / "empty.db"


def sqlite_database(folder: Path) -> Database:
    """Make a SQLite database at the newest revision in *folder*."""
    shutil.copyfile(_migrated(), folder / "sluice.db")
    return Database(f"sqlite:///{folder / 'sluice.db'}", folder / "writer.lock")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Give an empty SQLite database."""
    database = sqlite_database(tmp_path)
    yield database
    database.close()


@pytest.fixture
def postgres_database() -> Iterator[Database]:
    """Give an empty PostgreSQL database."""
    url = postgres.fresh_url()
    database = Database(url, None)
    yield database
    database.close()
    postgres.drop(url)


@pytest.fixture(params=BACKENDS)
def any_database(request: pytest.FixtureRequest) -> Database:
    """Give an empty database of each kind in turn."""
    database: Database = request.getfixturevalue("database" if request.param == "sqlite" else "postgres_database")
    return database


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    """Give a world on SQLite."""
    return World.begin(database, tmp_path)


@pytest.fixture
def any_world(any_database: Database, tmp_path: Path) -> World:
    """Give a world on each kind of database in turn."""
    return World.begin(any_database, tmp_path)
