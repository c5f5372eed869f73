"""These tests search a real catalogue on both databases."""

from tests.common.fixtures import any_database, database, postgres_database
from tests.unit.catalog.search.shelf import both_shelves, shelf

__all__ = ["any_database", "both_shelves", "database", "postgres_database", "shelf"]
