"""A ledger with a firm's credit of 100 and a publisher's income; whatever a test does, it verifies afterwards."""

import pytest

from tests.unit.market.ledger.moving import Ledger


@pytest.fixture
def ledger(any_database):
    ledger = Ledger(any_database)
    yield ledger
    assert ledger.faults() == []
