"""Every hostile statement of both lists through the real command `sluice query`, one process each."""

import json
import time

import pytest

from tests.attack.test_hostile_cli import (
    START_S,
    TIMEOUT_S,
    Siege,
    assert_tells_nothing,
    environment,
    siege,
    statements,
)

__all__ = ["environment", "siege"]


@pytest.mark.soak
@pytest.mark.usefixtures("environment")
def test_no_statement_leaks_or_hangs_through_the_command(siege: Siege) -> None:
    market, before = siege.market, siege.state()
    limits = {"SLUICE_QUERY_TIMEOUT_S": str(TIMEOUT_S), "SLUICE_QUERY_MEMORY_MB": "256", "SLUICE_QUERY_ROWS": "10000"}
    refused = asked = 0
    slowest = 0.0
    for statement in statements():
        sql = siege.fill(statement.sql)
        if "\0" in sql:
            continue  # no command line can carry it; the test in process asks it
        words = ("query", *market.under(siege.agreement), "--json", "--", sql)
        began = time.monotonic()
        done = market.sluice(*words, by="licensee", timeout=30, **limits)
        slowest = max(slowest, time.monotonic() - began)
        asked += 1
        assert slowest < TIMEOUT_S + 1 + START_S, sql
        assert done.returncode in ((1, 2) if statement.refused else (0, 1)), (sql, done.stderr)
        refused += done.returncode != 0
        if done.returncode == 1:
            assert json.loads(done.stdout.splitlines()[-1]), sql
        assert_tells_nothing(done.stdout + done.stderr, sql, siege)
    print(f"{asked} statements, {refused} refused or failed, slowest command {slowest:.1f} s")
    assert asked >= 60
    assert siege.state() == before
    assert market.faults() == []
