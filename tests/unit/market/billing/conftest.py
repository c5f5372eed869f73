"""Books on each kind of database in turn; `books_here` on SQLite alone, where the database makes no difference.

The world in them is made once for each kind, and its database copied for each test.
"""

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from market.db import Database
from tests.common import postgres
from tests.common.books import Books
from tests.common.fixtures import BACKENDS, sqlite_database
from tests.common.world import World


@cache
def _template(kind: str) -> Books:
    """Make books on a database of a kind, and close it."""
    folder = Path(tempfile.mkdtemp(prefix="sluice-books-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    database = sqlite_database(folder) if kind == "sqlite" else Database(postgres.fresh_url(), None)
    books = Books.begin(World.begin(database, folder))
    database.close()
    return books


def _copy(kind: str, folder: Path) -> Iterator[Books]:
    made = _template(kind)
    if kind == "sqlite":
        shutil.copyfile(made.world.folder / "sluice.db", folder / "sluice.db")
        database = Database(f"sqlite:///{folder / 'sluice.db'}", folder / "writer.lock")
    else:
        database = Database(postgres.copy_of(made.world.database.url), None)
    world = replace(made.world, database=database, folder=folder, people=dict(made.world.people))
    yield replace(made, world=world, firms=dict(made.firms))
    database.close()
    if kind != "sqlite":
        postgres.drop(database.url)


@pytest.fixture(params=BACKENDS)
def books(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Books]:
    yield from _copy(request.param, tmp_path)


@pytest.fixture
def books_here(tmp_path: Path) -> Iterator[Books]:
    yield from _copy("sqlite", tmp_path)
