"""Books on each kind of database in turn; `books_here` on SQLite alone, where the database makes no difference."""

import pytest

from tests.common.books import Books
from tests.common.world import World


@pytest.fixture
def books(any_world: World) -> Books:
    return Books.begin(any_world)


@pytest.fixture
def books_here(world: World) -> Books:
    return Books.begin(world)
