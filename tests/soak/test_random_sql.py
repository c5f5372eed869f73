"""Random SQL for ten minutes."""

import pytest

from tests.attack.test_random_sql import Fuzz, fuzz, fuzzed

__all__ = ["fuzz"]
SECONDS = 600


@pytest.mark.soak
def test_ten_minutes_of_random_sql_leak_nothing(fuzz: Fuzz) -> None:
    told = fuzzed(fuzz, SECONDS)
    print(f"{sum(told.values()):,} statements: {dict(told.most_common())}")
    assert told["answered"] > 1_000
