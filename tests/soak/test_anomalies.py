"""Ten simulated months, each of another seed: every planted anomaly is found, and false alerts stay rare."""

import secrets
import tempfile
from pathlib import Path

import pytest

from market.auditing import rules
from market.auditing.anomalies import scan
from tests.common.fixtures import sqlite_database
from tests.common.month import END, FIRST, Life
from tests.common.planted import plant

MONTHS = 10


@pytest.mark.soak
def test_anomalies_of_many_months_are_found_and_false_alerts_stay_rare() -> None:
    begin = secrets.randbelow(10**6)
    entries = wrong = 0
    for seed in range(begin, begin + MONTHS):
        life = Life.lived(seed)
        planted = plant(life)
        with tempfile.TemporaryDirectory() as folder:
            database = sqlite_database(Path(folder))
            entries += life.enter(database)
            with database.reading() as session:
                alerts = list(scan(session, rules.load(), at=END, from_=FIRST))
            database.close()
        assert all(any(one.found_by(alert) for alert in alerts) for one in planted), seed
        wrong += sum(not any(one.found_by(alert) for one in planted) for alert in alerts)
    print(f"seeds {begin}…{begin + MONTHS - 1}: {entries} entries, {wrong} false alerts")
    assert wrong <= entries / 10_000
