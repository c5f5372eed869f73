"""The moment at which the tests' worlds begin."""

from datetime import UTC, datetime

BEGIN = datetime(2026, 11, 24, 8, tzinfo=UTC)
