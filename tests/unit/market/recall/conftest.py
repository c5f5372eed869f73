"""These tests work on real databases, with a second firm beside the world's own."""

import pytest

from tests.common.fixtures import any_database, any_world, database, postgres_database, world
from tests.common.world import World
from tests.unit.market.recall.firms import Firms

__all__ = ["any_database", "any_world", "database", "postgres_database", "world"]


@pytest.fixture
def firms(any_world: World) -> Firms:
    """Give a world with a published release, two firms with an agreement on it each, and what may befall them."""
    return Firms.begin(any_world)


@pytest.fixture
def one_database(world: World) -> Firms:
    """The same on SQLite alone, where the database makes no difference."""
    return Firms.begin(world)
