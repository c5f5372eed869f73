"""These tests work on real databases and on whole markets."""

from tests.common.market_fixtures import any_market, market, postgres_market

__all__ = ["any_market", "market", "postgres_market"]
