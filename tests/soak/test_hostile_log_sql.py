"""Every hostile statement of the list, asked of the log."""

import pytest

from tests.attack.test_hostile_log_sql import besiege, market
from tests.attack.test_hostile_sql import hostile
from tests.common.market_world import Market

__all__ = ["market"]


@pytest.mark.soak
def test_no_hostile_statement_at_all_reaches_beyond_the_log(market: Market) -> None:
    besiege(market, hostile())
