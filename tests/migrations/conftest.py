"""These tests work on real databases."""

from tests.common.fixtures import any_database, any_world, database, postgres_database, world

__all__ = ["any_database", "any_world", "database", "postgres_database", "world"]
